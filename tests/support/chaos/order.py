"""The promises about order and speed, each stated once: groups go in order, newest counts, and calls keep a limit."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from relay.approval.groups import Rank
from relay.outbox.turns import AT_ONCE

MINUTE: Final = 60.0


@dataclass(frozen=True)
class Sent:
    """A dispatch of a group that GitHub took `at` a time; of two, the one with the earlier `rank` is owed first.

    It was durable `since` a moment, and its sender `looked` for earlier dispatches at one, both of the same kind of
    clock.
    """

    rank: tuple[float, str]
    at: float
    since: float
    looked: float


def overtakes(newer: Sent, older: Sent, *, newest_counts: bool) -> bool:
    """Tell whether `newer` was taken first, although its sender could see that `older` was owed.

    Where not only the newest counts, dispatches that come to be owed together may be sent side by side.
    """
    patience = 0.0 if newest_counts else AT_ONCE
    return older.rank < newer.rank and older.since < newer.looked and newer.at - older.rank[0] > patience


def is_outlived(mark: Rank, pressed: float, others: Iterable[tuple[Rank, float]]) -> bool:
    """Tell whether a newer request of the group was known before the press; `others` are known since a moment each."""
    return any(other > mark and known <= pressed for other, known in others)


def too_fast(calls: Iterable[float], limit: int) -> Iterator[tuple[str, str]]:
    """Yield each minute with more calls than the limit."""
    times = sorted(calls)
    for first, last in zip(times, times[limit:], strict=False):
        if last - first < MINUTE:
            yield "over GitHub's limit", f"{limit + 1} calls in {last - first:.1f} s"
