"""The timer run: pays debts that clicks left behind, then lets cases end whose time is over."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain
from typing import Final

from relay.approval import debts, wake_ups
from relay.approval.policy import Policy
from relay.approval.wake_ups import WakeUp
from relay.journal.calls import Call, calling
from relay.journal.message_log import MessageLog
from relay.model.case import Case
from relay.model.debts import Outcome, RetryAfter
from relay.outbox.cleaner import Cleaner
from relay.outbox.commit import leased_to
from relay.outbox.expiry import Expiry, outage_logged
from relay.outbox.pay import Payer
from relay.outbox.tell import Pay, Teller
from relay.store.contract import Store

BUDGET: Final = 10.0  # seconds for one payment: GitHub ends a request after ten
CARD_BUDGET: Final = 5.0  # seconds for one card
LIMIT: Final = 500  # wake-ups in a page
TIME: Final = 60.0  # seconds after which a run leaves the rest to the next, well inside the host's limit
CARDS_TIME: Final = 15.0  # seconds of a run that dispatches leave to cards, or a quarter of a shorter one
UNREACHABLE: Final = 3  # payments that fail one after another before the run takes the outside to be down


@dataclass(frozen=True, slots=True)
class TimerRun:
    """One run of the timer. It stops early when the process is `ending`, or after `time` seconds.

    Decided cases are kept for `keep` seconds. `errands` is other work of every run, which raises Outage.
    """

    store: Store
    payer: Payer
    policy: Policy
    keep: float
    clock: Callable[[], float]
    nonce: Callable[[], str]
    ending: Callable[[], bool] = bool
    messages: MessageLog | None = None
    time: float = TIME
    errands: Callable[[], object] = bool
    cleaner: Cleaner | None = None

    def run(self) -> int:
        """Do all work that is due, and return how many debts were tried. Raises Outage."""
        over_at = self.clock() + self.time
        with calling(Call(self.messages.keep, holds=False)) if self.messages else nullcontext():
            tried = self._run(over_at)
        if self.cleaner:
            self.cleaner.run(self.clock(), lambda: self.clock() > over_at or self.ending())
        return tried

    def _run(self, over_at: float) -> int:
        self.store.mark_round(self.clock())
        rows, others = self._due(), list[WakeUp]()
        tried = self._pay_dispatches(rows, over_at - min(CARDS_TIME, self.time / 4), others)
        # Each payment changes cards, so after any the wake-ups are read anew.
        tried += self._update_cards(self._due() if tried else chain(others, rows), over_at)
        if self.policy.notify or any(row.kind == "notice" for row in others):
            tried += self._tell(over_at)
        self._expiry().run(lambda: self.clock() > over_at or self.ending())
        if self.clock() <= over_at and not self.ending():
            self.errands()
        return tried

    def _expiry(self) -> Expiry:
        return Expiry(self.store, self.policy, self.keep, self.clock, self.nonce)

    def _pay_dispatches(self, rows: Iterator[WakeUp], over_at: float, others: list[WakeUp]) -> int:
        """Pay dispatches in order until the time is over or GitHub seems down. Put all other wake-ups into `others`."""
        tried = failed = 0
        full: set[str] = set()
        for row in rows:
            if row.kind != "dispatch":
                others.append(row)
                continue
            if self.clock() > over_at or failed >= UNREACHABLE or self.ending():
                break
            with outage_logged(row):
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
                with outage_logged(row):
                    outcomes = self._handle(row, self._update_card)
                    tried += len(outcomes)
                    for outcome in outcomes:
                        failed[row.group] = _count_failed(failed.get(row.group, 0), outcome)
        return tried

    def _tell(self, over_at: float) -> int:
        """Tell the notices that are due. Dispatches and cards that become due meanwhile do not wait for them."""

        def handle(row: WakeUp, pay: Pay) -> Sequence[Outcome]:
            with outage_logged(row):
                return self._handle(row, pay)
            return ()

        def meanwhile() -> int:
            tried = self._pay_dispatches(self._due(), over_at - CARDS_TIME, [])
            return tried + self._update_cards(self._due(), over_at)

        teller = Teller(self.payer, handle, lambda: self.clock() > over_at or self.ending(), meanwhile)
        return teller.run(row for row in self._due() if row.kind == "notice")

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
            self._expiry().drop_stale(row)
            return ()
        now = self.clock()
        ended = debts.without_unwanted(self.payer.yield_to_newer(self._expiry().expired(case, now)), now)
        if ended != case:
            self._expiry().write(case, ended)
        elif any(debt.kind == row.kind and debts.is_due(debt, now) for debt in case.debts):
            return pay(case, row)
        elif row not in wake_ups.rows_of(case):
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
        if row not in wake_ups.rows_of(case):
            self.store.drop_row(row)  # a commit that was cut off left it
        if not leased_to(leased, leased.commit_id):
            full.add(identity)
        return [*self.payer.pay_leased(leased, deadline=deadline)[1].values()]

    def _update_card(self, case: Case, row: WakeUp) -> Sequence[Outcome]:
        for index, debt in enumerate(case.debts):
            if debt.card and debt.row == row.nonce:
                return [*self.payer.update_cards(case, deadline=self.clock() + CARD_BUDGET, only=index)[1].values()]
        self._expiry().drop_stale(row)
        return ()

    def _drop_unused(self, case: Case, row: WakeUp) -> None:
        """Drop a wake-up that its case no longer needs."""
        if any(debt.row == row.nonce for debt in case.debts):
            self.store.drop_row(row)
        else:  # of no debt in the case: it may be of a commit under way
            self._expiry().drop_stale(row)


def _count_failed(before: int, outcome: Outcome) -> int:
    """Return how many payments have failed one after another. One that waited for its turn was no try."""
    if not isinstance(outcome, RetryAfter):
        return 0
    return before + outcome.tried
