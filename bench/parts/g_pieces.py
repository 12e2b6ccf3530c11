"""(g) The time of each piece of a click, beside the ordinary way to write that piece."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Final

from bench.asked import Asked
from bench.clicked import Clicked
from bench.figures import Line, compare
from bench.peers.pieces import OrdinaryPieces
from bench.run import Run
from bench.told import Told

ROUNDS: Final = 9
CALLS: Final = 100
AT_ONCE: Final = 32
KEYLESS: Final = 1.3  # times a request by key
TOLD: Final = 1.3  # times a press of which nobody hears

Piece = Callable[[], object]


def measure(run: Run) -> list[Line]:
    """Time every piece and its counterpart in turn."""
    with (
        closing(Clicked(run)) as ours,
        closing(Asked(run)) as asked,
        closing(Told(run)) as notices,
        closing(OrdinaryPieces(run, ours.decided(), ours.payload())) as theirs,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        return [
            # Before the commits: what they leave unpaid would be sent before any later press of its group.
            piece("press in Slack, whole; on a MessageCard, whole", ours.press_in_slack, ours.press, goal=1.0),
            piece("token: proven, claims checked; PyJWT, key at hand", ours.token, theirs.token),
            piece("ticket: proven, the request in it read; PyJWT, proven", ours.ticket, theirs.ticket),
            piece("policy: judged", ours.policy),
            piece("stored form of a case; json.dumps(asdict(case))", ours.encode, theirs.encode),
            piece("commit: decision and debt; sqlite3, one row", ours.commit, theirs.commit),
            piece("commit, 32 at once, each; sqlite3, one row", ours.commit, theirs.commit, pool),
            piece("receipt and payload; PyJWT, the same claims", ours.receipt, theirs.receipt),
            piece("dispatch; httpx.Client", ours.dispatch, theirs.dispatch),
            piece("dispatch, 32 at once, each; httpx.Client", ours.dispatch, theirs.dispatch, pool),
            piece("card: drawn, in its answer", ours.card),
            piece("press that owes three notices, whole; without them", notices.told, notices.untold, goal=TOLD),
            piece("request by a workflow's token; the same by a key", asked.keyless, asked.keyed, goal=KEYLESS),
        ]


def piece(
    title: str,
    ours: Piece,
    theirs: Piece | None = None,
    pool: ThreadPoolExecutor | None = None,
    *,
    goal: float | None = None,
) -> Line:
    """Return the best round of each, since other work of the machine can only add time."""
    found: dict[Piece, list[float]] = {each: [] for each in (ours, theirs) if each}
    for _ in range(ROUNDS):
        for each, times in found.items():
            times.append(together(each, pool) if pool else alone(each))
    return compare("g", title, "us", (1e6 * min(times) for times in found.values()), goal=goal)


def alone(call: Piece) -> float:
    """Return the mean seconds of one call among many in a row."""
    begun = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - begun) / CALLS


def together(call: Piece, pool: ThreadPoolExecutor) -> float:
    """Return the seconds of one call, while every thread calls again and again."""
    begun = time.perf_counter()
    for running in [pool.submit(call) for _ in range(4 * AT_ONCE)]:
        running.result()
    return (time.perf_counter() - begun) / (4 * AT_ONCE)
