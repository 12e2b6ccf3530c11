"""How often GitHub may be called: what was sent in the last hour, in cells of ten seconds. Pure.

GitHub asks for no more than 80 requests a minute and 500 an hour that make content, counted for each identity.
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
"""

import math
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

CELL: Final = 10  # seconds
MINUTE_LIMIT: Final = 80
HOUR_LIMIT: Final = 500
_MINUTE: Final = 60 // CELL + 2  # cells that hold the last minute: a call may leave up to a cell after it was counted
_HOUR: Final = 3_600 // CELL + 1


@dataclass(frozen=True, slots=True)
class CallBudget:
    """The calls of one identity: how many in which cell, oldest first; none at all before `closed_until`."""

    cells: tuple[tuple[int, int], ...] = ()
    closed_until: float = 0.0


class Spending(NamedTuple):
    """Calls that `identity` is about to make, `at` a time."""

    identity: str
    calls: int
    at: float


class Allowance(NamedTuple):
    """For how many calls there is room; where for none, in how many seconds there is."""

    calls: int
    wait: float


def room(bucket: CallBudget, wanted: int, now: float) -> Allowance:
    """Return for how many of `wanted` calls there is room."""
    cells = _recent(bucket, now)
    minute = [each for each in cells if each[0] > _cell(now) - _MINUTE]
    left = min(MINUTE_LIMIT - _sum(minute), HOUR_LIMIT - _sum(cells))
    calls = 0 if now < bucket.closed_until else max(0, min(wanted, left))
    if calls:
        return Allowance(calls, 0.0)
    return Allowance(0, max(bucket.closed_until - now, _wait(cells, minute, now), 1.0))


def spend(bucket: CallBudget, spending: Spending) -> CallBudget | None:
    """Return the bucket after the calls, or None where it has no room for all of them."""
    if room(bucket, spending.calls, spending.at).calls < spending.calls:
        return None
    cells, cell = _recent(bucket, spending.at), _cell(spending.at)
    last, before = cells.pop() if cells and cells[-1][0] >= cell else (cell, 0)
    return replace(bucket, cells=(*cells, (last, before + spending.calls)))


def give_back(bucket: CallBudget, at: float) -> CallBudget:
    """Return the bucket without one call, counted within the last minute, that was not made.

    It is taken off the oldest cell of that minute: off a later one than its own, what was really sent then would be
    forgotten too early.
    """
    cells = _recent(bucket, at)
    for index, (cell, count) in enumerate(cells):
        if cell > _cell(at) - _MINUTE and count > 0:
            cells[index] = (cell, count - 1)
            break
    return replace(bucket, cells=tuple(cells))


def close(bucket: CallBudget, until: float) -> CallBudget:
    """Return the bucket closed until then, or longer if it is already."""
    return replace(bucket, closed_until=max(bucket.closed_until, until))


def _cell(at: float) -> int:
    return math.floor(at / CELL)


def _recent(bucket: CallBudget, now: float) -> list[tuple[int, int]]:
    """Return the cells that count: who comes late does not forget who was faster, but a clock that went back does."""
    return [each for each in bucket.cells if _cell(now) - _HOUR < each[0] < _cell(now) + _MINUTE]


def _sum(cells: list[tuple[int, int]]) -> int:
    return sum(count for _, count in cells)


def _wait(cells: list[tuple[int, int]], minute: list[tuple[int, int]], now: float) -> float:
    """Return the seconds until the oldest cell of each limit that was reached is past."""
    hour_ends = (cells[0][0] + _HOUR) * CELL if _sum(cells) >= HOUR_LIMIT else now
    minute_ends = (minute[0][0] + _MINUTE) * CELL if _sum(minute) >= MINUTE_LIMIT else now
    return max(hour_ends, minute_ends) - now
