"""(f) The answer's time beyond GitHub's own, if GitHub takes 200 ms and 64 people press at once."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from bench.bursts import p99
from bench.contestants import ORDINARY, RELAY, Contestant, serving, wait_for
from bench.figures import Line
from bench.parts.d_server import burst
from bench.processes import outside
from bench.run import Run

if TYPE_CHECKING:
    from bench.pressing import Pressed

DELAY: Final = 0.2  # seconds
CLIENTS: Final = 64
CLICKS: Final = 5 * CLIENTS
ROUNDS: Final = 4


def measure(run: Run) -> list[Line]:
    """Give both the same bursts in turn. The first burst only opens the connections."""
    found: dict[Contestant, list[Pressed]] = {RELAY: [], ORDINARY: []}
    with ExitStack() as stack:
        slow = Run(run.folder, run.tenant, stack.enter_context(outside(run.folder, DELAY)))
        ports = {each: stack.enter_context(serving(each, slow.outside, slow.folder)) for each in found}
        for port in ports.values():
            wait_for(port)
        for _ in range(ROUNDS + 1):
            for each, bursts in found.items():
                bursts.append(burst(each, ports[each], slow, CLIENTS, CLICKS))
    ours, theirs = (p99(bursts[1:]) - 1_000 * DELAY for bursts in found.values())
    return [Line("f", "GitHub at 200 ms, 64 clients: p99 beyond GitHub's time", "ms", ours, theirs)]
