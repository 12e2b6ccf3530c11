"""The order of what is owed: of a group, what came to be owed first is paid first, and the newest may count alone."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from relay.approval import debts
from relay.approval.debts import WakeUp
from relay.approval.groups import mark_of
from relay.approval.policy import Policy, newest_counts
from relay.model import Case, Outcome
from relay.outbox.commit import Cases, leased_to, write

LEAST_TIME: Final = 1.0  # seconds left below which nothing is begun for an earlier debt
AT_ONCE: Final = 5.0  # seconds; by then a click has told GitHub, or will not
PAUSE: Final = 0.05  # seconds between two looks at a debt that somebody else is paying
PAGE: Final = 20  # earlier debts that are looked at together
OVERTAKEN: Final = "a newer approval of the same came before it was sent"


class Queue(Cases, Protocol):
    """The store, seen by who must keep the order."""

    def queue(self, group: str, *, untried_until: float = math.inf, limit: int | None = None) -> Sequence[WakeUp]:
        """Return the rows of what is owed in a group, in the order in which it came to be owed.

        What nobody has tried yet is left out where it came to be owed later than `untried_until`.
        """


class Paying(Protocol):
    """Who pays what is owed from before."""

    def commit(self, before: Case, after: Case, *, deadline: float, only: int | None = None) -> Case | None:
        """Commit a case with what is due leased to this caller; None if another was faster."""

    def pay(self, case: Case, index: int, *, deadline: float) -> tuple[Case, Outcome]:
        """Pay a debt whose lease the caller holds, and record what became of it."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Tells whose turn it is: `nonce` returns a new random word, `pause` lets some seconds pass."""

    cases: Queue
    paying: Paying
    policy: Policy
    clock: Callable[[], float]
    nonce: Callable[[], str]
    pause: Callable[[float], None]

    def wait_for_turn(self, case: Case, index: int, deadline: float) -> float:
        """Return the seconds after which to look again, 0 when nothing of the group is owed from before.

        What is owed from before is paid first if it may be, or cancelled where the newer approval takes its place.
        """
        mine = debts.row_of(case, index)
        for row in self._before(case, mine.group):
            if (row.since, row.case_id) >= (mine.since, mine.case_id):
                return 0.0
            if row.case_id != mine.case_id:
                wait = self._settle_earlier(row, case, deadline)
                if wait:
                    return wait
        return 0.0

    def yield_to_newer(self, case: Case) -> Case:
        """Return the case with what it owes given up where a newer approval that waits takes its place."""
        for index, debt in enumerate(case.debts):
            if self._may_give_way(case, index):
                group = debts.group_of_debt(case, debt)
                others = {row.case_id for row in self.cases.queue(group)} - {case.request.id}
                waiting = [each for each in map(self.cases.load, others) if each and _owed_in(each, group) is not None]
                if any(_is_newer(newer, case) for newer in waiting):
                    case = debts.cancel(case, index, OVERTAKEN)
        return case

    def _before(self, newer: Case, group: str) -> Iterator[WakeUp]:
        """Yield what may have to be waited for, page by page, and again what has come to it in the meantime.

        Clicks of the same seconds go side by side, unless the newest alone counts: what nobody has tried yet, a click
        is telling GitHub just now.
        """
        seen: set[WakeUp] = set()
        limit, side_by_side = PAGE, not newest_counts(self.policy, newer.request)
        while True:
            until = self.clock() - AT_ONCE if side_by_side else math.inf
            rows = self.cases.queue(group, untried_until=until, limit=limit)
            fresh = [row for row in rows if row not in seen]
            if not fresh and len(rows) < limit:
                return
            seen.update(fresh)
            yield from fresh
            limit += PAGE

    def _settle_earlier(self, row: WakeUp, newer: Case, deadline: float) -> float:
        """Pay or cancel what is owed from before; return the seconds after which to look again, 0 once it is done."""
        tried, pauses = False, 0
        while True:
            case = self.cases.load(row.case_id)
            index = _owed_in(case, row.group) if case else None
            if case is None or index is None:
                return 0.0
            debt, now = case.debts[index], self.clock()
            leased, ended = debts.is_leased(debt, now), debts.without_unwanted(case, now)
            if ended != case:
                self._write(case, ended)
            elif _is_newer(newer, case) and self._may_give_way(case, index):
                self._write(case, debts.cancel(case, index, OVERTAKEN))
            elif deadline - now <= LEAST_TIME or not (leased or (now >= debt.not_before and not tried)):
                return max(1.0, debt.due_at - now)
            elif leased and pauses * PAUSE >= debts.LEASE_SLACK:  # the clock went back
                return 1.0
            elif leased:
                pauses += 1
                self.pause(PAUSE)
            else:
                tried = True
                due = debts.postpone(case, index, nonce="", until=now)
                committed = self.paying.commit(case, due, deadline=deadline, only=index)
                if committed is not None and leased_to(committed, committed.commit_id):
                    self.paying.pay(committed, index, deadline=deadline)

    def _write(self, before: Case, after: Case) -> None:
        write(self.cases, before, after, nonce=self.nonce(), now=self.clock())

    def _may_give_way(self, case: Case, index: int) -> bool:
        """Tell whether an approval's debt was surely never sent to GitHub, under a rule where the newest counts."""
        debt = case.debts[index]
        if case.status != "approved" or debt.status != "owed" or debt.maybe_sent or debt.lease or debt.card:
            return False
        return newest_counts(self.policy, case.request)


def _is_newer(newer: Case, case: Case) -> bool:
    """Tell whether `newer` was approved too, and asked for after `case`; never by which was approved first."""
    return newer.status == "approved" and mark_of(newer.request) > mark_of(case.request)


def _owed_in(case: Case, group: str) -> int | None:
    """Return the place of the first debt that the case owes in a group."""
    owed = (
        index
        for index, debt in enumerate(case.debts)
        if debt.status == "owed" and debts.group_of_debt(case, debt) == group
    )
    return next(owed, None)
