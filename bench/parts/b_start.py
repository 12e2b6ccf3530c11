"""(b) From the start of the process to the first click answered, with an empty store."""

import time
from typing import Final

from bench.contestants import ORDINARY, RELAY, Contestant, serving, wait_for
from bench.figures import Line, middle
from bench.place import Place
from bench.pressing import press, request

ROUNDS: Final = 9


def measure(place: Place) -> list[Line]:
    """Start both in turn; the first round only warms the bytecode."""
    seconds: dict[Contestant, list[float]] = {RELAY: [], ORDINARY: []}
    for _ in range(ROUNDS + 1):
        for contestant, found in seconds.items():
            found.append(start_of(contestant, place))
    ours, theirs = (1_000 * middle(found[1:]) for found in seconds.values())
    return [Line("b", "process start to the first click answered", "ms", ours, theirs, goal=0.6)]


def start_of(contestant: Contestant, place: Place) -> float:
    """Return the seconds from the start of a server to its answer to a click that waits for it."""
    click = contestant.click(place.tenant.token(place.outside))
    begun = time.perf_counter()
    with serving(contestant, place.outside, place.folder) as port:
        wait_for(port)
        press(port, [request(contestant.path, click)], 1)
        return time.perf_counter() - begun
