"""(c) A click through the code that executes functions on Azure, above the time of a function that does nothing."""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final

from bench.bursts import p50, p99, rate
from bench.contestants import ASYNCHRONOUS, NOOP, ORDINARY, RELAY, Contestant, hosted
from bench.figures import Line, compare
from bench.pressing import Pressed
from bench.processes import line, tell
from bench.run import Run

ROUNDS: Final = 5
WARM_UP: Final = 60
BURSTS: Final = ((1, 200), (32, 640))  # clients, clicks
NEEDS: Final = (3, 13)


def measure(run: Run) -> list[Line]:
    """Give every contestant the same bursts in turn, each in its own process with 32 threads."""
    if sys.version_info < NEEDS:
        sys.stderr.write("(c) is left out: azure-functions-runtime needs Python 3.13\n")
        return []
    found: dict[tuple[Contestant, int], list[Pressed]] = {}
    with ExitStack() as stack:
        hosts = {
            each: stack.enter_context(hosted(each, run.outside, run.folder))
            for each in (NOOP, ORDINARY, ASYNCHRONOUS, RELAY)
        }
        for process in hosts.values():
            for clients, _ in BURSTS:
                tell(process, json.dumps([clients, WARM_UP]))
                line(process)
        for _ in range(ROUNDS):
            for clients, clicks in BURSTS:
                for each, process in hosts.items():
                    tell(process, json.dumps([clients, clicks]))
                    whole, times = json.loads(line(process))
                    found.setdefault((each, clients), []).append(Pressed(tuple(times), whole))
    return [
        line
        for peer, handler in ((ORDINARY, "def"), (ASYNCHRONOUS, "async def"))
        for line in lines(
            handler, *(tuple(found[each, clients] for each in (RELAY, peer, NOOP)) for clients, _ in BURSTS)
        )
    ]


def lines(handler: str, alone: Sequence[Sequence[Pressed]], many: Sequence[Sequence[Pressed]]) -> list[Line]:
    """Return the lines of the relay and of a handler, above the no-op, with one client and with many."""
    one, all_ = (f"Azure's runtime, {clients} client{'s'[: clients - 1]}, {handler}" for clients, _ in BURSTS)
    return [
        compare("c", f"{one}: p50 above a no-op", "ms", above(p50, *alone), goal=0.8),
        compare("c", f"{one}: p99 above a no-op", "ms", above(p99, *alone)),
        compare("c", f"{all_}: clicks", "/s", map(rate, many[:2]), goal=2, at_least=True),
        compare("c", f"{all_}: p99 above a no-op", "ms", above(p99, *many), goal=0.5),
    ]


def above(
    figure: Callable[[Sequence[Pressed]], float],
    relay: Sequence[Pressed],
    ordinary: Sequence[Pressed],
    noop: Sequence[Pressed],
) -> tuple[float, float]:
    """Return a figure of both without the time of the worker itself."""
    return figure(relay) - figure(noop), figure(ordinary) - figure(noop)
