"""The order of debts: in a group the oldest is paid first, and under some rules the newest approval counts alone."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from relay.approval import debts, wake_ups
from relay.approval.groups import rank_of
from relay.approval.policy import Policy
from relay.approval.releases import newest_counts
from relay.approval.wake_ups import WakeUp
from relay.model.case import Case
from relay.outbox.commit import write
from relay.store.contract import Store

LEAST_TIME: Final = 1.0  # seconds left below which no earlier debt is begun
AT_ONCE: Final = 5.0  # seconds; by then a click has told GitHub, or will not
PAUSE: Final = 0.05  # seconds between two looks at a debt that is leased to another
PAGE: Final = 20  # earlier debts that are read together


@dataclass(frozen=True, slots=True)
class Turns:
    """The turns in a group. `pay_now(case, index, deadline)` leases a debt and pays it.

    `nonce` returns a new random word, `pause` lets some seconds pass.
    """

    store: Store
    pay_now: Callable[[Case, int, float], None]
    policy: Policy
    clock: Callable[[], float]
    nonce: Callable[[], str]
    pause: Callable[[float], None]

    def wait_for_turn(self, case: Case, index: int, deadline: float) -> float:
        """Return the seconds until the next try, or 0 if no earlier debt of the group is owed.

        An earlier debt is paid first if it may be, or cancelled if the newer approval overtakes it.
        """
        mine = wake_ups.row_of(case, index)
        for row in self._earlier(case, mine.group):
            if (row.since, row.case_id) >= (mine.since, mine.case_id):
                return 0.0
            if row.case_id != mine.case_id:
                wait = self._pay_or_cancel(row, case, deadline)
                if wait:
                    return wait
        return 0.0

    def yield_to_newer(self, case: Case) -> Case:
        """Return the case with its debts cancelled where a newer approval of the group waits."""
        for index, debt in enumerate(case.debts):
            if self._may_be_overtaken(case, index):
                group = wake_ups.group_of_debt(case, debt)
                others = {row.case_id for row in self.store.queue(group)} - {case.request.id}
                waiting = [
                    other for other in map(self.store.load, others) if other and _owed_in(other, group) is not None
                ]
                if any(_is_newer(newer, case) for newer in waiting):
                    case = debts.cancel(case, index, debts.OVERTAKEN)
        return case

    def _earlier(self, newer: Case, group: str) -> Iterator[WakeUp]:
        """Yield wake-ups that may have to be waited for, page by page, and those that came meanwhile."""
        seen: set[WakeUp] = set()
        # Clicks of the same seconds are paid side by side, unless the newest counts alone: an untried debt is just
        # being sent by its own click.
        limit, side_by_side = PAGE, not newest_counts(self.policy, newer.request)
        while True:
            until = self.clock() - AT_ONCE if side_by_side else math.inf
            rows = self.store.queue(group, untried_until=until, limit=limit)
            fresh = [row for row in rows if row not in seen]
            if not fresh and len(rows) < limit:
                return
            seen.update(fresh)
            yield from fresh
            limit += PAGE

    def _pay_or_cancel(self, row: WakeUp, newer: Case, deadline: float) -> float:
        """Pay or cancel an earlier debt. Return the seconds until the next try, or 0 once it is done."""
        tried, pauses = False, 0
        while True:
            case = self.store.load(row.case_id)
            index = _owed_in(case, row.group) if case else None
            if case is None or index is None:
                return 0.0
            debt, now = case.debts[index], self.clock()
            leased, ended = debts.is_leased(debt, now), debts.without_unwanted(case, now)
            if ended != case:
                self._write(case, ended)
            elif _is_newer(newer, case) and self._may_be_overtaken(case, index):
                self._write(case, debts.cancel(case, index, debts.OVERTAKEN))
            elif deadline - now <= LEAST_TIME or not (leased or (now >= debt.not_before and not tried)):
                return max(1.0, debt.due_at - now)
            elif leased and pauses * PAUSE >= debts.LEASE_SLACK:  # the clock went back
                return 1.0
            elif leased:
                pauses += 1
                self.pause(PAUSE)
            else:
                tried = True
                self.pay_now(case, index, deadline)

    def _write(self, before: Case, after: Case) -> None:
        write(self.store, self.policy, before, after, nonce=self.nonce(), now=self.clock())

    def _may_be_overtaken(self, case: Case, index: int) -> bool:
        """Tell whether an approval's debt was surely never sent to GitHub, under a rule where the newest counts."""
        debt = case.debts[index]
        if (
            case.status != "approved"
            or debt.status != "owed"
            or debt.maybe_sent
            or debt.lease
            or debt.kind != "dispatch"
        ):
            return False
        if case.gate:  # each run waits for its own verdict
            return False
        return newest_counts(self.policy, case.request)


def _is_newer(newer: Case, case: Case) -> bool:
    """Tell whether `newer` is approved too and was requested after `case`. The time of approval does not count."""
    return newer.status == "approved" and rank_of(newer.request) > rank_of(case.request)


def _owed_in(case: Case, group: str) -> int | None:
    """Return the index of the first debt that the case owes in a group, or None if it owes none."""
    owed = (
        index
        for index, debt in enumerate(case.debts)
        if debt.status == "owed" and wake_ups.group_of_debt(case, debt) == group
    )
    return next(owed, None)
