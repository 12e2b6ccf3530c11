"""(e) The memory of a process after 100,000 clicks, and whether it goes on growing.

The whole road runs in one process, over HTTP to GitHub and with every commit on the disk. Each of 4,000 requests is
released by its first click and pressed 24 times more, as hasty people do. The further clicks are verified, judged
against the stored case, and answered with its card.
"""

import json
from typing import Final

from bench import tenant
from bench.figures import Line
from bench.processes import line, started
from bench.run import Run

CLICKS: Final = 100_000
REQUESTS: Final = 4_000


def measure(run: Run) -> list[Line]:
    """Press in a process of its own, which prints its memory."""
    more = tenant.environ(run.outside, run.folder / "memory.db")
    arguments = ("-m", "bench.memory_process", str(run.folder), run.outside, str(CLICKS), str(REQUESTS))
    with started(*arguments, more=more, log=run.folder / "log") as process:
        found = json.loads(line(process))
    return [
        Line("e", f"memory after {CLICKS:,} clicks: peak", "MB", found["peak"]),
        Line("e", f"memory: growth over the last {CLICKS // 2:,} of them", "MB", found["last"] - found["middle"]),
    ]
