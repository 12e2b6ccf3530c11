"""The payment of a debt, from owed to paid, after the earlier debts of its group."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relay.approval import debts
from relay.approval.policy import Policy
from relay.chats.posting import Cards
from relay.errors import Outage
from relay.journal import log as journal
from relay.journal.calls import tracing
from relay.journal.events import of_case
from relay.journal.metrics import timed
from relay.model.case import Case
from relay.model.debts import Debt, DebtKind, Outcome, RetryAfter
from relay.outbox.commit import commit_and_lease, commit_due, leased_to, write
from relay.outbox.kinds.contract import LEAST_TIME, NO_TIME, Attempt, Kind
from relay.outbox.kinds.dispatch import Dispatches, DispatchKind
from relay.outbox.try_records import record_try
from relay.outbox.turns import PAUSE, Turns
from relay.signed.receipt_keys import ReceiptKey
from relay.store.contract import Store

if TYPE_CHECKING:
    from relay.chats.notices import Notices


@dataclass(frozen=True, slots=True)
class Payer:
    """Pays debts. `jitter` is random in [0, 1), `nonce` a new random word, `pause` lets some seconds pass."""

    store: Store
    dispatches: Dispatches
    cards: Cards
    notices: "Callable[[], Notices]"
    policy: Policy
    receipt_key: ReceiptKey
    issuer: str
    clock: Callable[[], float]
    jitter: Callable[[], float]
    nonce: Callable[[], str]
    pause: Callable[[float], None]

    def commit(
        self, before: Case, after: Case, *, deadline: float, only: int | None = None, by: str = ""
    ) -> Case | None:
        """Commit a step, and lease its due dispatches to this caller, who pays them by `deadline`.

        `only` limits the lease to the dispatch of that index, `by` is logged. Return None if another commit came first.
        """
        with timed("commit", self.clock):
            return commit_and_lease(
                self.store,
                self.policy,
                before,
                after,
                holder=self.nonce(),
                now=self.clock(),
                until=deadline + debts.LEASE_SLACK,
                identity=self.dispatches.identity(after.request.repository),
                only=only,
                by=by,
            )

    def pay_leased(
        self, case: Case, *, deadline: float, pressed: tuple[str, str] = ("", "")
    ) -> tuple[Case, dict[int, Outcome]]:
        """Pay every debt that the commit of `case` leased. Return the case afterwards, and outcomes by index.

        The card that was `pressed`, by its place and message, goes before all others.
        """
        holder, outcomes = case.commit_id, dict[int, Outcome]()
        late: list[int] = []
        for index in sorted(leased_to(case, holder), key=lambda index: _payment_order(case.debts[index], pressed)):
            if case.debts[index].kind != "dispatch" and deadline - self.clock() < LEAST_TIME:
                late.append(index)
            elif index in leased_to(case, holder):  # a payment that took too long loses the leases after it too
                case, outcomes[index] = self.pay(case, index, deadline=deadline)
        return self._postpone(case, holder, late), outcomes | dict.fromkeys(late, NO_TIME)

    def update_cards(
        self, case: Case, *, deadline: float, only: int | None = None, pressed: tuple[str, str] = ("", "")
    ) -> tuple[Case, dict[int, Outcome]]:
        """Update the owed cards of a case, or the `only` one. A failure is left to the timer."""
        return self.pay_due(case, "card", deadline=deadline, only=only, pressed=pressed)

    def pay_due(
        self,
        case: Case,
        kind: DebtKind,
        *,
        deadline: float,
        only: int | None = None,
        pressed: tuple[str, str] = ("", ""),
    ) -> tuple[Case, dict[int, Outcome]]:
        """Lease and pay the due debts of a kind without call budget, or the `only` one. The timer pays the rest."""
        now = self.clock()
        if deadline - now < LEAST_TIME:  # to lease them and give them back would take two commits
            return case, {}
        if not any(debt.kind == kind and debts.is_due(debt, now) for debt in case.debts):
            return case, {}
        try:
            holder, until = self.nonce(), deadline + debts.LEASE_SLACK
            leased = commit_due(self.store, self.policy, case, kind, holder=holder, now=now, until=until, only=only)
            return self.pay_leased(leased, deadline=deadline, pressed=pressed) if leased is not None else (case, {})
        except Outage as outage:
            _write_unpaid(case, f"{kind}s not shown yet", outage)
            return case, {}

    def _postpone(self, case: Case, holder: str, late: Sequence[int]) -> Case:
        """Give back the leases of cards and notices for which no time is left, in one commit. The timer pays them."""
        # One after another, they would keep the person who pressed waiting for some calls of the store each.
        try:
            while True:
                nonce, now, after = self.nonce(), self.clock(), case
                for index in late:
                    given = debts.record_outcome(after, index, holder, NO_TIME, now=now, jitter=0.0, nonce=nonce)
                    after = given or after
                if after is case:
                    return case
                written = write(self.store, self.policy, case, after, nonce=nonce, now=now, durable=False)
                if written is not None:
                    return written
                case = self.store.load(case.request.id) or case
        except Outage as outage:
            _write_unpaid(case, "not given back, paid once the leases end", outage)
            return case

    def let_go(self, case: Case) -> None:
        """Give back the leases of the commit of `case`, unpaid: the request has ended meanwhile."""
        for index in leased_to(case, case.commit_id):
            unpaid = Attempt(RetryAfter("the request ended first", tried=False))
            self._record(self._kind(case.debts[index]), case, index, unpaid)

    def pay(self, case: Case, index: int, *, deadline: float) -> tuple[Case, Outcome]:
        """Pay a debt that the caller has leased, in the way of its kind, and record the outcome by compare-and-swap.

        If the outcome cannot be recorded, the wake-up stays and the debt is paid again: at least once.
        """
        at = self.clock()
        with timed("pay", self.clock):
            paid, outcome = self._pay(case, index, deadline)
        record_try(case, index, outcome, status=paid.debts[index].status, policy=self.policy, at=at)
        return paid, outcome

    def _pay(self, case: Case, index: int, deadline: float) -> tuple[Case, Outcome]:
        kind = self._kind(case.debts[index])
        try:
            with tracing(case.debts[index].trace):
                attempt = kind.send(case, index, deadline)
        except Outage as outage:
            _write_unpaid(case, "not paid", outage)
            return case, RetryAfter("the relay's store does not answer", tried=False)
        return self._record_or_log(kind, case, index, attempt), attempt.outcome

    def yield_to_newer(self, case: Case) -> Case:
        """Return the case with its debts cancelled where a newer approval of the group waits."""
        return self._turns().yield_to_newer(case)

    def _turns(self) -> Turns:
        return Turns(self.store, self._pay_now, self.policy, self.clock, self.nonce, self.pause)

    def _pay_now(self, case: Case, index: int, deadline: float) -> None:
        """Lease one dispatch, due or not, and pay it. Do nothing if another commit came first."""
        due = debts.postpone(case, index, nonce="", until=self.clock())
        committed = self.commit(case, due, deadline=deadline, only=index)
        if committed is not None and leased_to(committed, committed.commit_id):
            self.pay(committed, index, deadline=deadline)

    def _kind(self, debt: Debt) -> Kind:
        if debt.kind == "card":
            from relay.outbox.kinds.card import CardKind  # noqa: PLC0415 - only for those who have cards posted

            return CardKind(self.cards, self.clock)
        if debt.kind == "notice":
            from relay.outbox.kinds.notice import NoticeKind  # noqa: PLC0415 - no press pays a notice

            return NoticeKind(self.notices(), self.clock)
        wait = self._turns().wait_for_turn
        return DispatchKind(self.store, self.dispatches, self.policy, self.receipt_key, self.issuer, self.clock, wait)

    def _record_or_log(self, kind: Kind, case: Case, index: int, attempt: Attempt) -> Case:
        try:
            return self._record(kind, case, index, attempt)
        except Outage:
            self.pause(PAUSE)  # once more: without the record it is paid a second time
        try:
            return self._record(kind, case, index, attempt)
        except Outage as outage:
            _write_unpaid(case, "not recorded, paid again", outage)
            return case

    def _record(self, kind: Kind, case: Case, index: int, attempt: Attempt) -> Case:
        holder, jitter, outcome = case.debts[index].lease, self.jitter(), attempt.outcome
        kind.before_record(case, index, outcome)
        while True:
            nonce, now = self.nonce(), self.clock()
            recorded = debts.record_outcome(
                case,
                index,
                holder,
                outcome,
                now=now,
                jitter=jitter,
                nonce=nonce,
                card=attempt.card,
                notice=attempt.notice,
            )
            if recorded is None:
                return case
            # Without this record the debt is paid again, as after any answer that was lost: not worth an fsync.
            written = write(self.store, self.policy, case, recorded, nonce=nonce, now=now, durable=False)
            if written is not None:
                kind.after_record(case, index, outcome)
                return written
            case = self.store.load(case.request.id) or case


def _write_unpaid(case: Case, outcome: str, outage: Outage) -> None:
    journal.write("undelivered", {**of_case(case), "outcome": outcome, "reason": outage.what}, logging.ERROR)


def _payment_order(debt: Debt, pressed: tuple[str, str]) -> tuple[bool, float, bool]:
    card = debt.card
    is_other = card is None or not card.message or (card.place, card.message) != pressed
    # Of the same moment the final decision goes first: a person waits for its answer.
    return is_other, debt.since, bool(debt.decision)
