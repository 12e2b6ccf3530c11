"""The ends of cases: each expires at its time, and is removed once it was kept long enough."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from relay.approval import wake_ups
from relay.approval.endings import expire
from relay.approval.groups import group_of, rank_of
from relay.approval.judge import ends_at
from relay.approval.policy import DAY, Policy
from relay.approval.wake_ups import WakeUp
from relay.errors import Outage
from relay.journal import log as journal
from relay.journal.audit import audit_line
from relay.model.case import Case
from relay.model.people import Actor
from relay.outbox.commit import write
from relay.signed.request import MAX_LIFETIME
from relay.store.contract import Store

LIMIT: Final = 500  # cases that one run ends
STALE_ROW: Final = 7_200.0  # seconds; a younger wake-up without a debt may be of a commit under way


@dataclass(frozen=True, slots=True)
class Expiry:
    """The ends of the cases in a store. Decided cases are kept for `keep` seconds."""

    store: Store
    policy: Policy
    keep: float
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def run(self, is_over: Callable[[], bool]) -> None:
        """End each case at its time, until `is_over`. Raises Outage."""
        removed = False
        for row in self.store.expiring_cases(self.clock(), LIMIT):
            if is_over():
                break
            with outage_logged(row):
                removed |= self._expire_or_remove(row)
        if removed:  # the newest of a group matters for as long as an older request may still be pressed
            self.store.forget_newest(self.clock() - MAX_LIFETIME - DAY)

    def drop_stale(self, row: WakeUp) -> None:
        """Drop a wake-up without a debt, unless it may be of a commit under way."""
        if row.due_at < self.clock() - STALE_ROW:
            self.store.drop_row(row)

    def _expire_or_remove(self, row: WakeUp) -> bool:
        """Expire a case at its time, remove one that was kept long enough, or set the next look at it.

        Return whether the case was removed.
        """
        case, now = self.store.load(row.case_id), self.clock()
        if case is None:
            self.drop_stale(row)
        elif case.life_at != row.due_at:
            self.store.drop_row(row)
        elif (expired := self.expired(case, now)) != case:
            self.write(case, expired)
        elif now < self._life_ends_at(case):
            self.write(case, replace(case, life_at=self._life_ends_at(case)))
        elif any(debt.status == "owed" for debt in case.debts):
            self.write(case, replace(case, life_at=now + DAY))
        else:
            return self._remove(case, row)
        return False

    def _remove(self, case: Case, row: WakeUp) -> bool:
        # Its place in the group goes first: nothing would lead to it after the case is gone.
        self.store.remove_from_group(group_of(case.request, case.request.event_type), rank_of(case.request))
        line = audit_line(case, self._key_of)
        if line is not None:  # it is kept before the case goes, so that a crash leaves both and never none
            self.store.add_audit(line)
        removed = self.store.remove(case, [*wake_ups.rows_of(case), row])
        if removed:
            journal.write("round", {"outcome": "removed", "request": case.request.id})
        return removed

    def _key_of(self, actor: Actor) -> str:
        person = self.policy.person(actor)
        return person.key if person else ""

    def expired(self, case: Case, now: float) -> Case:
        """Return the case as expired, and when to remove it, if it is pending and its time is over."""
        if case.status != "pending" or now < ends_at(case, self.policy):
            return case
        expired = expire(case, self.policy)
        return replace(expired, life_at=self._life_ends_at(expired))

    def write(self, before: Case, after: Case) -> None:
        """Commit a change of the timer. Another commit that came first is left as it is."""
        write(self.store, self.policy, before, after, nonce=self.nonce(), now=self.clock())

    def _life_ends_at(self, case: Case) -> float:
        """Return when a pending case expires, or when another may be removed: a day after its ticket, or later."""
        if case.status == "pending":
            return float(ends_at(case, self.policy))
        return max(case.decided_at + self.keep, case.request.expires_at + float(DAY))


@contextmanager
def outage_logged(row: WakeUp) -> Iterator[None]:
    """Let the run go on if one case cannot be read or written."""
    try:
        yield
    except Outage as outage:
        journal.write(
            "round", {"outcome": "left to the next round", "request": row.case_id, "reason": outage.what}, logging.ERROR
        )
