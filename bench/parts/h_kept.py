"""(h) Whether a click, or the timer's round, costs more the more cases were ever decided and are still kept."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Final

from bench import tenant
from bench.figures import Line, middle
from bench.place import Place
from relay.app import Relay, build, read_all
from relay.model import Delivery

KEPT: Final = (1_000, 10_000, 100_000)
ROUNDS: Final = 9
CALLS: Final = 20
_COPIES: Final = "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)"
_FILL: Final = (
    f"{_COPIES} INSERT INTO cases SELECT id || '-' || n, version, body, releases FROM cases, copies",  # noqa: S608
    f"{_COPIES} INSERT INTO lives SELECT at + n, case_id || '-' || n FROM lives, copies",  # noqa: S608
)


def measure(place: Place) -> list[Line]:
    """Press, and let the timer run with nothing to do, on stores with so many decided cases, in turn."""
    clicks: dict[int, list[float]] = {kept: [] for kept in KEPT}
    rounds: dict[int, list[float]] = {kept: [] for kept in KEPT}
    with ExitStack() as stack:
        worlds = {kept: stack.enter_context(filled(place, kept)) for kept in KEPT}
        for _ in range(ROUNDS):
            for kept, world in worlds.items():
                clicks[kept].append(press(place, world, CALLS))
                rounds[kept].append(run(world, CALLS))
    fewest, *more = KEPT
    return [
        Line(
            "h",
            f"{what}, {kept:,} cases kept; {fewest:,}",
            "us",
            1e6 * middle(found[kept]),
            1e6 * middle(found[fewest]),
        )
        for what, found in (("click", clicks), ("idle round of the timer", rounds))
        for kept in more
    ]


@contextmanager
def filled(place: Place, kept: int) -> Iterator[Relay]:
    """Yield a world whose store has as many decided cases: one that was released, and copies of it."""
    path = place.folder / f"kept-{kept}.db"
    with closing(build(*read_all(tenant.environ(place.outside, path)))) as world:
        press(place, world, 1)
        with closing(sqlite3.connect(path)) as file, file:
            for statement in _FILL:
                file.execute(statement, (kept - 1,))
        run(world, 1)
        yield world


def press(place: Place, world: Relay, times: int) -> float:
    """Return the seconds of one click, of several that each release a fresh request."""
    channel = world.channels["messagecard"]
    pressed = [tenant.relay_click(place.tenant.token(place.outside)) for _ in range(times)]
    begun = time.perf_counter()
    for each in pressed:
        reply = world.presses.answer(channel, Delivery("messagecard", each.headers, each.body, time.time()))
        if reply.headers["Relay-Outcome"] != "released":
            raise RuntimeError(f"not released: {reply.headers['Relay-Outcome']}")
    return (time.perf_counter() - begun) / times


def run(world: Relay, times: int) -> float:
    """Return the seconds of one round of the timer in which nothing is due."""
    begun = time.perf_counter()
    for _ in range(times):
        world.round().run()
    return (time.perf_counter() - begun) / times
