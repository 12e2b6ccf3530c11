"""(b) From the start of the process to the first click answered, with an empty store."""

import time
from typing import Final

from bench.contestants import ORDINARY, RELAY, Contestant, serving, wait_for
from bench.figures import Line, middle
from bench.pressing import press, request
from bench.run import Run

ROUNDS: Final = 9


def measure(run: Run) -> list[Line]:
    """Start both in turn; the first round only warms the bytecode."""
    seconds: dict[Contestant, list[float]] = {RELAY: [], ORDINARY: []}
    for _ in range(ROUNDS + 1):
        for contestant, found in seconds.items():
            found.append(start_of(contestant, run))
    ours, theirs = (1_000 * middle(found[1:]) for found in seconds.values())
    return [Line("b", "process start to the first click answered", "ms", ours, theirs, goal=0.6)]


def start_of(contestant: Contestant, run: Run) -> float:
    """Return the seconds from the start of a server to its answer to a click that waits for it."""
    click = contestant.click(run.tenant.token(run.outside))
    begun = time.perf_counter()
    with serving(contestant, run.outside, run.folder) as port:
        wait_for(port)
        press(port, [request(contestant.path, click)], 1)
        return time.perf_counter() - begun
