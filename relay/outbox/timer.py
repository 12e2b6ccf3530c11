"""The timer's round: pays what clicks left behind, ends what has expired, removes what was kept long enough."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, Protocol

from relay.approval import debts
from relay.approval.debts import WakeUp
from relay.approval.endings import expire
from relay.approval.groups import Rank, group_of, mark_of
from relay.approval.judge import ends_at
from relay.approval.policy import DAY, Policy
from relay.errors import Outage
from relay.model import Case, Outcome, RetryAfter
from relay.outbox.commit import Cases, leased_to, write
from relay.outbox.pay import Payer
from relay.signed.request import MAX_LIFETIME

log = logging.getLogger("relay")

BUDGET: Final = 10.0  # seconds for one payment: GitHub ends a request after ten
CARD_BUDGET: Final = 5.0  # seconds for one card
LIMIT: Final = 500  # rows that one round looks at, and cases that it ends
TIME: Final = 60.0  # seconds after which a round leaves the rest to the next, well inside the host's limit
STALE_ROW: Final = 7_200.0  # a row whose case owes nothing may be of a commit under way; a clock may jump an hour
CARDS_TIME: Final = 15.0  # seconds of that which dispatches leave to cards
UNREACHABLE: Final = 3  # payments that fail one after another before the round takes the outside to be down


class Ledger(Cases, Protocol):
    """The store, seen by the timer."""

    def due(self, now: float, limit: int) -> Sequence[WakeUp]:
        """Return rows of debts due by now, in the order in which they came to be owed."""

    def expiring_cases(self, now: float, limit: int) -> Sequence[WakeUp]:
        """Return the rows of cases that are to be expired or removed by now, oldest first."""

    def drop_row(self, row: WakeUp) -> None:
        """Remove a row that stands for nothing."""

    def remove(self, case: Case, rows: Sequence[WakeUp]) -> bool:
        """Remove the case as it was read, with its rows; False where it was changed in the meantime."""

    def remove_from_group(self, group: str, mark: Rank) -> None:
        """Note that a request waits no longer."""

    def forget_newest(self, issued_until: float) -> None:
        """Forget, some at a time, who is the newest of its group where that one was issued by then."""

    def mark_round(self, at: float) -> None:
        """Remember that the timer ran, and forget claims that have ended."""


@dataclass(frozen=True, slots=True)
class TimerRun:
    """One round of the timer; decided cases are kept for `keep` seconds."""

    ledger: Ledger
    payer: Payer
    policy: Policy
    keep: float
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def run(self) -> int:
        """Do what is due, and return how many debts were tried. Raises Outage."""
        over_at = self.clock() + TIME
        self.ledger.mark_round(self.clock())
        rows, cards = self._due(), list[WakeUp]()
        tried = self._pay(rows, over_at - CARDS_TIME, cards)
        # What was paid is to be shown, so then the rows are read anew.
        tried += self._show(self._due() if tried else chain(cards, rows), over_at)
        removed = False
        for row in self.ledger.expiring_cases(self.clock(), LIMIT):
            if self.clock() > over_at:
                break
            with _told(row):
                removed |= self._expire_or_remove(row)
        if removed:  # who is the newest matters for as long as an older one may still be pressed
            self.ledger.forget_newest(self.clock() - MAX_LIFETIME - DAY)
        return tried

    def _pay(self, rows: Iterator[WakeUp], over_at: float, cards: list[WakeUp]) -> int:
        """Pay dispatches in order until the time is over or GitHub seems down; who has no room left waits.

        The rows of cards that are met on the way are laid aside.
        """
        tried = failed = 0
        full: set[str] = set()
        for row in rows:
            if row.kind == "card":
                cards.append(row)
                continue
            if self.clock() > over_at or failed >= UNREACHABLE:
                break
            with _told(row):
                outcomes = self._visit(row, lambda case, row: self._collect(case, row, full))
                tried += len(outcomes)
                for outcome in outcomes:
                    failed = _failed(failed, outcome)
        return tried

    def _show(self, rows: Iterable[WakeUp], over_at: float) -> int:
        """Bring cards up to date until the time is over; a channel that seems down holds up no other."""
        tried = 0
        failed: dict[str, int] = {}
        for row in rows:
            if self.clock() > over_at:
                break
            if row.kind == "card" and failed.get(row.group, 0) < UNREACHABLE:
                with _told(row):
                    outcomes = self._visit(row, self._show_card)
                    tried += len(outcomes)
                    for outcome in outcomes:
                        failed[row.group] = _failed(failed.get(row.group, 0), outcome)
        return tried

    def _due(self) -> Iterator[WakeUp]:
        """Yield every row that is due, page by page: those of one who has no room left hide nobody else's."""
        seen: set[WakeUp] = set()
        limit = LIMIT
        while True:
            rows = self.ledger.due(self.clock(), limit)
            fresh = [row for row in rows if row not in seen]
            seen.update(fresh)
            yield from fresh
            if len(rows) < limit:
                return
            limit *= 2

    def _visit(self, row: WakeUp, pay: Callable[[Case, WakeUp], Sequence[Outcome]]) -> Sequence[Outcome]:
        """Pay what the case of a row owes; return what became of each that was tried."""
        case = self.ledger.load(row.case_id)
        if case is None:
            self._drop_stale(row)
            return ()
        now = self.clock()
        ended = debts.without_unwanted(self.payer.yield_to_newer(self._over(case, now)), now)
        if ended != case:
            write(self.ledger, case, ended, nonce=self.nonce(), now=now)
        elif any(debt.kind == row.kind and debts.is_due(debt, now) for debt in case.debts):
            return pay(case, row)
        elif row not in debts.rows_of(case):
            self._drop_settled(case, row)
        return ()

    def _collect(self, case: Case, row: WakeUp, full: set[str]) -> Sequence[Outcome]:
        """Win the lease of every due dispatch of the case and pay."""
        identity = self.payer.dispatches.identity(case.request.repository)
        if identity in full:
            return ()
        deadline = self.clock() + BUDGET
        leased = self.payer.commit(case, case, deadline=deadline)
        if leased is None:
            return ()
        if row not in debts.rows_of(case):
            self.ledger.drop_row(row)  # one of an older form, or that a crash left
        if not leased_to(leased, leased.commit_id):
            full.add(identity)
        return [*self.payer.pay_leased(leased, deadline=deadline)[1].values()]

    def _show_card(self, case: Case, row: WakeUp) -> Sequence[Outcome]:
        """Win the lease of the card of a row and bring it up to date."""
        for index, debt in enumerate(case.debts):
            if debt.card and debt.row == row.nonce:
                return [*self.payer.update_cards(case, deadline=self.clock() + CARD_BUDGET, only=index)[1].values()]
        self._drop_stale(row)
        return ()

    def _drop_settled(self, case: Case, row: WakeUp) -> None:
        """Drop a row that its case has done with; one that no debt knows may be of a commit under way."""
        if any(debt.row == row.nonce for debt in case.debts):
            self.ledger.drop_row(row)
        else:
            self._drop_stale(row)

    def _drop_stale(self, row: WakeUp) -> None:
        if row.due_at < self.clock() - STALE_ROW:
            self.ledger.drop_row(row)

    def _expire_or_remove(self, row: WakeUp) -> bool:
        """Expire a case whose time is over, remove one that was kept long enough, else arrange when to look again.

        Return whether one was removed.
        """
        case, now = self.ledger.load(row.case_id), self.clock()
        if case is None:
            self._drop_stale(row)
        elif case.life_at not in (0.0, row.due_at):
            self.ledger.drop_row(row)
        elif (expired := self._over(case, now)) != case:
            self._arrange(case, expired, row)
            log.info("request %s: expired", case.request.id)
        elif now < self._ends_at(case):
            self._arrange(case, replace(case, life_at=self._ends_at(case)), row)
        elif any(debt.status == "owed" for debt in case.debts):
            self._arrange(case, replace(case, life_at=now + DAY), row)
        else:
            return self._remove(case, row)
        return False

    def _remove(self, case: Case, row: WakeUp) -> bool:
        """Remove a case that was kept long enough; it leaves its group before, where nothing else would lead to it."""
        self.ledger.remove_from_group(group_of(case.request, case.request.event_type), mark_of(case.request))
        removed = self.ledger.remove(case, [*debts.rows_of(case), row])
        if removed:
            log.info("request %s: removed", case.request.id)
        return removed

    def _over(self, case: Case, now: float) -> Case:
        """Return the case as expired, with when to remove it, if it still waits and its time is over."""
        if case.status != "pending" or now < ends_at(case, self.policy):
            return case
        expired = expire(case, self.policy)
        return replace(expired, life_at=self._ends_at(expired))

    def _arrange(self, before: Case, after: Case, row: WakeUp) -> None:
        written = write(self.ledger, before, after, nonce=self.nonce(), now=self.clock())
        if written is not None and row not in debts.rows_of(before):
            self.ledger.drop_row(row)

    def _ends_at(self, case: Case) -> float:
        """Return when a case may go: kept as long as the operator wants, and a day longer than its ticket lives."""
        if case.status == "pending":
            return float(ends_at(case, self.policy))
        return max(case.decided_at + self.keep, case.request.expires_at + float(DAY))


def _failed(before: int, outcome: Outcome) -> int:
    """Return how many have failed one after another; one that had to wait its turn tells nothing about the outside."""
    if not isinstance(outcome, RetryAfter):
        return 0
    return before + outcome.tried


@contextmanager
def _told(row: WakeUp) -> Iterator[None]:
    """Let the round go on where one case cannot be read or written."""
    try:
        yield
    except Outage as outage:
        log.error("case %s: left to the next round: %s", row.case_id, outage.what)  # noqa: TRY400 - it is no bug
