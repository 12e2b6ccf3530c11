"""GitHub's rate limit for dispatches: the calls of the last hour, counted in cells of ten seconds. Pure.

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
    """The calls of one identity, as pairs of cell and count, oldest first. No call is allowed before `closed_until`."""

    cells: tuple[tuple[int, int], ...] = ()
    closed_until: float = 0.0


class Spending(NamedTuple):
    """Calls that `identity` is about to make at a time."""

    identity: str
    calls: int
    at: float


class Allowance(NamedTuple):
    """The number of calls that are allowed now. If it is 0, `wait` is the seconds until one is."""

    calls: int
    wait: float


def allowance(budget: CallBudget, wanted: int, now: float) -> Allowance:
    """Return the number of calls that are allowed now, at most `wanted`."""
    cells = _recent(budget, now)
    minute = [each for each in cells if each[0] > _cell(now) - _MINUTE]
    left = min(MINUTE_LIMIT - _sum(minute), HOUR_LIMIT - _sum(cells))
    calls = 0 if now < budget.closed_until else max(0, min(wanted, left))
    if calls:
        return Allowance(calls, 0.0)
    return Allowance(0, max(budget.closed_until - now, _wait(cells, minute, now), 1.0))


def spend(budget: CallBudget, spending: Spending) -> CallBudget | None:
    """Return the budget after the calls, or None if it does not allow all of them."""
    if allowance(budget, spending.calls, spending.at).calls < spending.calls:
        return None
    cells, cell = _recent(budget, spending.at), _cell(spending.at)
    last, before = cells.pop() if cells and cells[-1][0] >= cell else (cell, 0)
    return replace(budget, cells=(*cells, (last, before + spending.calls)))


def give_back(budget: CallBudget, at: float) -> CallBudget:
    """Return the budget without one call of the last minute that was counted but not made."""
    # The call comes off the oldest cell of the minute. Off a later cell, calls that were made would be forgotten too
    # early.
    cells = _recent(budget, at)
    for index, (cell, count) in enumerate(cells):
        if cell > _cell(at) - _MINUTE and count > 0:
            cells[index] = (cell, count - 1)
            break
    return replace(budget, cells=tuple(cells))


def close(budget: CallBudget, until: float) -> CallBudget:
    """Return the budget closed until then, or until later if it is already."""
    return replace(budget, closed_until=max(budget.closed_until, until))


def _cell(at: float) -> int:
    return math.floor(at / CELL)


def _recent(budget: CallBudget, now: float) -> list[tuple[int, int]]:
    """Return the cells that count."""
    # Cells somewhat ahead count too, since another instance may have been faster. Cells far ahead do not: they are from
    # before a clock went back.
    return [each for each in budget.cells if _cell(now) - _HOUR < each[0] < _cell(now) + _MINUTE]


def _sum(cells: list[tuple[int, int]]) -> int:
    return sum(count for _, count in cells)


def _wait(cells: list[tuple[int, int]], minute: list[tuple[int, int]], now: float) -> float:
    """Return the seconds until the oldest cell of each reached limit has passed."""
    hour_ends = (cells[0][0] + _HOUR) * CELL if _sum(cells) >= HOUR_LIMIT else now
    minute_ends = (minute[0][0] + _MINUTE) * CELL if _sum(minute) >= MINUTE_LIMIT else now
    return max(hour_ends, minute_ends) - now
