"""(e) What a process holds after 100,000 clicks, and whether it goes on growing.

The whole road in one process, over HTTP to GitHub and with every commit on the disk. Each of 4,000 requests is released
by its first click and pressed 24 times more, as people do who do not look: the further clicks are proven, judged
against the stored case, and answered with its card.
"""

import json
from typing import Final

from bench import tenant
from bench.figures import Line
from bench.place import Place
from bench.processes import line, started

CLICKS: Final = 100_000
REQUESTS: Final = 4_000


def measure(place: Place) -> list[Line]:
    """Press in a process of its own, which tells its memory on the way."""
    more = tenant.environ(place.outside, place.folder / "memory.db")
    arguments = ("-m", "bench.memory_process", str(place.folder), place.outside, str(CLICKS), str(REQUESTS))
    with started(*arguments, more=more, log=place.folder / "log") as process:
        found = json.loads(line(process))
    return [
        Line("e", f"memory after {CLICKS:,} clicks: peak", "MB", found["peak"]),
        Line("e", f"memory: growth over the last {CLICKS // 2:,} of them", "MB", found["last"] - found["middle"]),
    ]
