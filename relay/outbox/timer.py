"""The timer run: pays debts that clicks left behind, expires cases whose time is over, removes old ones."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from relay.approval import debts
from relay.approval.debts import WakeUp
from relay.approval.endings import expire
from relay.approval.groups import group_of, rank_of
from relay.approval.judge import ends_at
from relay.approval.policy import DAY, Policy
from relay.errors import Outage
from relay.journal import log as journal
from relay.model import Case, Outcome, RetryAfter
from relay.outbox.commit import leased_to, write
from relay.outbox.pay import Payer
from relay.signed.request import MAX_LIFETIME
from relay.store.contract import Store

BUDGET: Final = 10.0  # seconds for one payment: GitHub ends a request after ten
CARD_BUDGET: Final = 5.0  # seconds for one card
LIMIT: Final = 500  # wake-ups in a page, and cases that one run ends
TIME: Final = 60.0  # seconds after which a run leaves the rest to the next, well inside the host's limit
STALE_ROW: Final = 7_200.0  # seconds; a younger wake-up without a debt may be of a commit under way
CARDS_TIME: Final = 15.0  # seconds of TIME that dispatches leave to cards
UNREACHABLE: Final = 3  # payments that fail one after another before the run takes the outside to be down


@dataclass(frozen=True, slots=True)
class TimerRun:
    """One run of the timer. Decided cases are kept for `keep` seconds. It stops early when the process is `ending`."""

    store: Store
    payer: Payer
    policy: Policy
    keep: float
    clock: Callable[[], float]
    nonce: Callable[[], str]
    ending: Callable[[], bool] = bool

    def run(self) -> int:
        """Do all work that is due, and return how many debts were tried. Raises Outage."""
        over_at = self.clock() + TIME
        self.store.mark_round(self.clock())
        rows, cards = self._due(), list[WakeUp]()
        tried = self._pay_dispatches(rows, over_at - CARDS_TIME, cards)
        # Each payment changes cards, so after any the wake-ups are read anew.
        tried += self._update_cards(self._due() if tried else chain(cards, rows), over_at)
        removed = False
        for row in self.store.expiring_cases(self.clock(), LIMIT):
            if self.clock() > over_at or self.ending():
                break
            with _outage_logged(row):
                removed |= self._expire_or_remove(row)
        if removed:  # the newest of a group matters for as long as an older request may still be pressed
            self.store.forget_newest(self.clock() - MAX_LIFETIME - DAY)
        return tried

    def _pay_dispatches(self, rows: Iterator[WakeUp], over_at: float, cards: list[WakeUp]) -> int:
        """Pay dispatches in order until the time is over or GitHub seems down. Put wake-ups of cards into `cards`."""
        tried = failed = 0
        full: set[str] = set()
        for row in rows:
            if row.kind == "card":
                cards.append(row)
                continue
            if self.clock() > over_at or failed >= UNREACHABLE or self.ending():
                break
            with _outage_logged(row):
                outcomes = self._handle(row, lambda case, row: self._lease_and_pay(case, row, full))
                tried += len(outcomes)
                for outcome in outcomes:
                    failed = _count_failed(failed, outcome)
        return tried

    def _update_cards(self, rows: Iterable[WakeUp], over_at: float) -> int:
        """Update cards until the time is over. A channel that seems down holds up no other."""
        tried = 0
        failed: dict[str, int] = {}
        for row in rows:
            if self.clock() > over_at or self.ending():
                break
            if row.kind == "card" and failed.get(row.group, 0) < UNREACHABLE:
                with _outage_logged(row):
                    outcomes = self._handle(row, self._update_card)
                    tried += len(outcomes)
                    for outcome in outcomes:
                        failed[row.group] = _count_failed(failed.get(row.group, 0), outcome)
        return tried

    def _due(self) -> Iterator[WakeUp]:
        """Yield due wake-ups page by page, so that one rate-limited identity cannot crowd out the others."""
        seen: set[WakeUp] = set()
        limit = LIMIT
        while True:
            rows = self.store.due(self.clock(), limit)
            fresh = [row for row in rows if row not in seen]
            seen.update(fresh)
            yield from fresh
            if len(rows) < limit:
                return
            limit *= 2

    def _handle(self, row: WakeUp, pay: Callable[[Case, WakeUp], Sequence[Outcome]]) -> Sequence[Outcome]:
        """Pay the due debts of a wake-up's case, or cancel them, or drop the wake-up. Return the outcomes."""
        case = self.store.load(row.case_id)
        if case is None:
            self._drop_stale(row)
            return ()
        now = self.clock()
        ended = debts.without_unwanted(self.payer.yield_to_newer(self._expired(case, now)), now)
        if ended != case:
            self._write(case, ended)
        elif any(debt.kind == row.kind and debts.is_due(debt, now) for debt in case.debts):
            return pay(case, row)
        elif row not in debts.rows_of(case):
            self._drop_unused(case, row)
        return ()

    def _lease_and_pay(self, case: Case, row: WakeUp, full: set[str]) -> Sequence[Outcome]:
        """Lease every due dispatch of the case and pay them. An identity without call budget is added to `full`."""
        identity = self.payer.dispatches.identity(case.request.repository)
        if identity in full:
            return ()
        deadline = self.clock() + BUDGET
        leased = self.payer.commit(case, case, deadline=deadline)
        if leased is None:
            return ()
        if row not in debts.rows_of(case):
            self.store.drop_row(row)  # a commit that was cut off left it
        if not leased_to(leased, leased.commit_id):
            full.add(identity)
        return [*self.payer.pay_leased(leased, deadline=deadline)[1].values()]

    def _update_card(self, case: Case, row: WakeUp) -> Sequence[Outcome]:
        for index, debt in enumerate(case.debts):
            if debt.card and debt.row == row.nonce:
                return [*self.payer.update_cards(case, deadline=self.clock() + CARD_BUDGET, only=index)[1].values()]
        self._drop_stale(row)
        return ()

    def _drop_unused(self, case: Case, row: WakeUp) -> None:
        """Drop a wake-up that its case no longer needs."""
        if any(debt.row == row.nonce for debt in case.debts):
            self.store.drop_row(row)
        else:  # of no debt in the case: it may be of a commit under way
            self._drop_stale(row)

    def _drop_stale(self, row: WakeUp) -> None:
        if row.due_at < self.clock() - STALE_ROW:
            self.store.drop_row(row)

    def _expire_or_remove(self, row: WakeUp) -> bool:
        """Expire a case at its time, remove one that was kept long enough, or set the next look at it.

        Return whether the case was removed.
        """
        case, now = self.store.load(row.case_id), self.clock()
        if case is None:
            self._drop_stale(row)
        elif case.life_at != row.due_at:
            self.store.drop_row(row)
        elif (expired := self._expired(case, now)) != case:
            self._write(case, expired)
        elif now < self._life_ends_at(case):
            self._write(case, replace(case, life_at=self._life_ends_at(case)))
        elif any(debt.status == "owed" for debt in case.debts):
            self._write(case, replace(case, life_at=now + DAY))
        else:
            return self._remove(case, row)
        return False

    def _remove(self, case: Case, row: WakeUp) -> bool:
        # Its place in the group goes first: nothing would lead to it after the case is gone.
        self.store.remove_from_group(group_of(case.request, case.request.event_type), rank_of(case.request))
        removed = self.store.remove(case, [*debts.rows_of(case), row])
        if removed:
            journal.write("round", {"outcome": "removed", "request": case.request.id})
        return removed

    def _expired(self, case: Case, now: float) -> Case:
        """Return the case as expired, and when to remove it, if it is pending and its time is over."""
        if case.status != "pending" or now < ends_at(case, self.policy):
            return case
        expired = expire(case, self.policy)
        return replace(expired, life_at=self._life_ends_at(expired))

    def _write(self, before: Case, after: Case) -> None:
        write(self.store, before, after, nonce=self.nonce(), now=self.clock())

    def _life_ends_at(self, case: Case) -> float:
        """Return when a pending case expires, or when another may be removed: a day after its ticket, or later."""
        if case.status == "pending":
            return float(ends_at(case, self.policy))
        return max(case.decided_at + self.keep, case.request.expires_at + float(DAY))


def _count_failed(before: int, outcome: Outcome) -> int:
    """Return how many payments have failed one after another. One that waited for its turn was no try."""
    if not isinstance(outcome, RetryAfter):
        return 0
    return before + outcome.tried


@contextmanager
def _outage_logged(row: WakeUp) -> Iterator[None]:
    """Let the run go on if one case cannot be read or written."""
    try:
        yield
    except Outage as outage:
        journal.write(
            "round", {"outcome": "left to the next round", "request": row.case_id, "reason": outage.what}, logging.ERROR
        )
