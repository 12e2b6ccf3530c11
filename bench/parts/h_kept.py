"""(h) The cost of a click and of the timer's run, beside the number of decided cases that are still stored."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Final

from bench import tenant
from bench.figures import Line, middle
from bench.run import Run
from relay.app import Relay, build, read_all
from relay.model.delivery import Delivery

KEPT: Final = (1_000, 10_000, 100_000)
ROUNDS: Final = 9
CALLS: Final = 20
_COPIES: Final = "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)"
_FILL: Final = (
    f"{_COPIES} INSERT INTO cases SELECT id || '-' || n, version, body, releases FROM cases, copies",  # noqa: S608
    f"{_COPIES} INSERT INTO lives SELECT at + n, case_id || '-' || n FROM lives, copies",  # noqa: S608
)


def measure(run: Run) -> list[Line]:
    """Press, and let the timer run with nothing to do, on stores with different numbers of decided cases, in turn."""
    clicks: dict[int, list[float]] = {kept: [] for kept in KEPT}
    rounds: dict[int, list[float]] = {kept: [] for kept in KEPT}
    with ExitStack() as stack:
        relays = {kept: stack.enter_context(filled(run, kept)) for kept in KEPT}
        for _ in range(ROUNDS):
            for kept, relay in relays.items():
                clicks[kept].append(press(run, relay, CALLS))
                rounds[kept].append(run_timer(relay, CALLS))
    fewest, *more = KEPT
    return [
        Line(
            "h",
            f"{title}, {kept:,} cases kept; {fewest:,}",
            "us",
            1e6 * middle(found[kept]),
            1e6 * middle(found[fewest]),
        )
        for title, found in (("click", clicks), ("idle round of the timer", rounds))
        for kept in more
    ]


@contextmanager
def filled(run: Run, kept: int) -> Iterator[Relay]:
    """Yield a relay with `kept` decided cases in its store: a released one and its copies."""
    path = run.folder / f"kept-{kept}.db"
    with closing(build(*read_all(tenant.environ(run.outside, path)))) as relay:
        press(run, relay, 1)
        with closing(sqlite3.connect(path)) as file, file:
            for statement in _FILL:
                file.execute(statement, (kept - 1,))
        run_timer(relay, 1)
        yield relay


def press(run: Run, relay: Relay, times: int) -> float:
    """Return the mean seconds of one click among several that each release a fresh request."""
    channel = relay.channels["messagecard"]
    pressed = [tenant.relay_click(run.tenant.token(run.outside)) for _ in range(times)]
    begun = time.perf_counter()
    for each in pressed:
        reply = relay.presses.answer(channel, Delivery("messagecard", each.headers, each.body, time.time()))
        if reply.headers["Relay-Outcome"] != "released":
            raise RuntimeError(f"not released: {reply.headers['Relay-Outcome']}")
    return (time.perf_counter() - begun) / times


def run_timer(relay: Relay, times: int) -> float:
    """Return the seconds of one timer run in which nothing is due."""
    begun = time.perf_counter()
    for _ in range(times):
        relay.round().run()
    return (time.perf_counter() - begun) / times
