"""GitHub's rate limit for dispatches: the calls of the last hour, counted in cells of ten seconds. Pure.

GitHub asks for no more than 80 requests a minute and 500 an hour that make content, counted for each identity.
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
Calls that no approval stands behind take a part of it only, and those of one repository a part of that.
"""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple, TypeVar

from relay.signed.canonical_json import sha256

Cell = TypeVar("Cell", tuple[int, int], tuple[int, int, str])

CELL: Final = 10  # seconds
MINUTE_LIMIT: Final = 80
HOUR_LIMIT: Final = 500
TOGETHER: Final = 2  # all unapproved calls together have the limit divided by this
OF_ONE: Final = 4  # and those of one repository the limit divided by this
_MINUTE: Final = 60 // CELL + 2  # cells that hold the last minute: a call may leave up to a cell after it was counted
_HOUR: Final = 3_600 // CELL + 1


class CallBudget(NamedTuple):
    """The calls of one identity, as pairs of cell and count, oldest first. No call is allowed before `closed_until`.

    `unapproved` holds those of these calls that nobody approved: cell, count and the mark of the repository.
    """

    cells: tuple[tuple[int, int], ...] = ()
    closed_until: float = 0.0
    unapproved: tuple[tuple[int, int, str], ...] = ()


class Spending(NamedTuple):
    """Calls that `identity` will make at a time. `unapproved` of them have no approval. All are of one repository."""

    identity: str
    calls: int
    at: float
    unapproved: int = 0
    repository: str = ""


class Allowance(NamedTuple):
    """The number of calls that are allowed now. If it is 0, `wait` is the seconds until one is."""

    calls: int
    wait: float


def allowance(budget: CallBudget, wanted: int, now: float) -> Allowance:
    """Return the number of calls that are allowed now, at most `wanted`."""
    left = _left(_recent(budget.cells, now), now, 1)
    calls = 0 if now < budget.closed_until else max(0, min(wanted, left.calls))
    if calls:
        return Allowance(calls, 0.0)
    return Allowance(0, max(budget.closed_until - now, left.wait, 1.0))


def unapproved_allowance(budget: CallBudget, repository: str, wanted: int, now: float) -> Allowance:
    """Return the number of unapproved calls that a repository is allowed now, at most `wanted`."""
    mark = _mark(repository)
    recent = _recent(budget.unapproved, now)
    together = _left([(cell, count) for cell, count, _ in recent], now, TOGETHER)
    own = _left([(cell, count) for cell, count, of in recent if of == mark], now, OF_ONE)
    whole = allowance(budget, wanted, now)
    calls = max(0, min(whole.calls, together.calls, own.calls))
    return Allowance(calls, 0.0 if calls or not wanted else max(whole.wait, together.wait, own.wait, 1.0))


def spend(budget: CallBudget, spending: Spending) -> CallBudget | None:
    """Return the budget after the calls, or None if it does not allow all of them."""
    if allowance(budget, spending.calls, spending.at).calls < spending.calls:
        return None
    cells, cell = _recent(budget.cells, spending.at), _cell(spending.at)
    last, before = cells.pop() if cells and cells[-1][0] >= cell else (cell, 0)
    budget = budget._replace(cells=(*cells, (last, before + spending.calls)))
    return _spend_unapproved(budget, spending, last) if spending.unapproved else budget


def give_back(budget: CallBudget, at: float, repository: str = "") -> CallBudget:
    """Return the budget without one call of the last minute that was counted but not made.

    `repository` is given if nobody approved the call.
    """
    # The call comes off the oldest cell of the minute. Off a later cell, calls that were made would be forgotten too
    # early.
    cells = _recent(budget.cells, at)
    for index, (cell, count) in enumerate(cells):
        if cell > _cell(at) - _MINUTE and count > 0:
            cells[index] = (cell, count - 1)
            break
    unapproved, mark = _recent(budget.unapproved, at), _mark(repository)
    for index, (cell, count, of) in enumerate(unapproved if repository else ()):
        if cell > _cell(at) - _MINUTE and count > 0 and of == mark:
            unapproved[index] = (cell, count - 1, of)
            break
    return budget._replace(cells=tuple(cells), unapproved=tuple(unapproved))


def unspend(budget: CallBudget, spending: Spending) -> CallBudget:
    """Return the budget without calls that were counted but not made."""
    for number in range(spending.calls):
        budget = give_back(budget, spending.at, spending.repository if number < spending.unapproved else "")
    return budget


def close(budget: CallBudget, until: float) -> CallBudget:
    """Return the budget closed until then, or until later if it is already."""
    return budget._replace(closed_until=max(budget.closed_until, until))


def _cell(at: float) -> int:
    return math.floor(at / CELL)


def _spend_unapproved(budget: CallBudget, spending: Spending, cell: int) -> CallBudget | None:
    room = unapproved_allowance(
        budget._replace(cells=()), spending.repository, spending.unapproved, spending.at
    )  # the whole is counted already
    if room.calls < spending.unapproved:
        return None
    mark, recent = _mark(spending.repository), _recent(budget.unapproved, spending.at)
    before = sum(count for at, count, of in recent if (at, of) == (cell, mark))
    others = (each for each in recent if (each[0], each[2]) != (cell, mark))
    return budget._replace(unapproved=(*others, (cell, before + spending.unapproved, mark)))


def _mark(repository: str) -> str:
    # A digest keeps the stored budget short: an hour has room for some hundreds of these.
    return sha256(repository.lower().encode())[:12]


def _recent(cells: Iterable[Cell], now: float) -> list[Cell]:
    """Return the cells that count."""
    # Cells somewhat ahead count too, since another instance may have been faster. Cells far ahead do not: they are from
    # before a clock went back.
    return [each for each in cells if _cell(now) - _HOUR < each[0] < _cell(now) + _MINUTE]


def _left(cells: list[tuple[int, int]], now: float, part: int) -> Allowance:
    """Return the calls that the limits divided by `part` leave, and the wait until the oldest cell has passed."""
    minute = [each for each in cells if each[0] > _cell(now) - _MINUTE]
    minute_limit, hour_limit = MINUTE_LIMIT // part, HOUR_LIMIT // part
    hour_ends = (cells[0][0] + _HOUR) * CELL if _sum(cells) >= hour_limit and cells else now
    minute_ends = (minute[0][0] + _MINUTE) * CELL if _sum(minute) >= minute_limit and minute else now
    return Allowance(min(minute_limit - _sum(minute), hour_limit - _sum(cells)), max(hour_ends, minute_ends) - now)


def _sum(cells: list[tuple[int, int]]) -> int:
    return sum(count for _, count in cells)
