"""The payment of a debt, from owed to paid, after the earlier debts of its group."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from relay.approval import debts
from relay.approval.policy import Policy, Release, release_of
from relay.chats.posting import Cards
from relay.errors import Outage
from relay.journal import log as journal
from relay.journal.events import of_case
from relay.model import Card, Case, Debt, Delivered, Json, Outcome, Refused, RetryAfter
from relay.outbox.commit import commit_and_lease, commit_cards, is_unapproved, leased_to, write
from relay.outbox.turns import PAUSE, Turns
from relay.signed.receipts import ReceiptKey, dispatch_payload
from relay.store.contract import Store

LEAST_CARD_TIME: Final = 0.5  # seconds; a chat with a short budget has little more than this beside GitHub's
BEHIND: Final = "an earlier approval of the same is sent first"
TWICE_UNSURE: Final = "the chat may have posted it twice, and said so neither time"
NO_TIME: Final = "there was no time left"


class Dispatches(Protocol):
    """GitHub's repository dispatches."""

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:
        """Send one event, once, by `deadline`, and return its outcome."""

    def identity(self, repository: str) -> str:
        """Return the name of the credential for this repository. GitHub counts calls by it."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Pays debts. `jitter` is random in [0, 1), `nonce` a new random word, `pause` lets some seconds pass."""

    store: Store
    dispatches: Dispatches
    cards: Cards
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
        return commit_and_lease(
            self.store,
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
        holder, outcomes = case.commit_id, {}
        for index in sorted(leased_to(case, holder), key=lambda index: _payment_order(case.debts[index], pressed)):
            if index in leased_to(case, holder):  # a payment that took too long loses the leases after it too
                case, outcomes[index] = self.pay(case, index, deadline=deadline)
        return case, outcomes

    def update_cards(
        self, case: Case, *, deadline: float, only: int | None = None, pressed: tuple[str, str] = ("", "")
    ) -> tuple[Case, dict[int, Outcome]]:
        """Update the owed cards of a case, or the `only` one. A failure is left to the timer."""
        now = self.clock()
        if not any(debt.card and debts.is_due(debt, now) for debt in case.debts):
            return case, {}
        try:
            until = deadline + debts.LEASE_SLACK
            leased = commit_cards(self.store, case, holder=self.nonce(), now=now, until=until, only=only)
            return self.pay_leased(leased, deadline=deadline, pressed=pressed) if leased is not None else (case, {})
        except Outage as outage:
            _write_unpaid(case, "cards not shown yet", outage)
            return case, {}

    def let_go(self, case: Case) -> None:
        """Give back the leases of the commit of `case`, unpaid: the request has ended meanwhile."""
        for index in leased_to(case, case.commit_id):
            self._record(case, index, RetryAfter("the request ended first", tried=False), case.debts[index].card)

    def pay(self, case: Case, index: int, *, deadline: float) -> tuple[Case, Outcome]:
        """Pay a debt that the caller has leased, once its turn has come, and record the outcome by compare-and-swap.

        If the outcome cannot be recorded, the wake-up stays and the debt is paid again: at least once.
        """
        card = case.debts[index].card
        if card is not None:
            return self._update_card(case, index, card, deadline)
        try:
            wait = self._turns().wait_for_turn(case, index, deadline)
        except Outage as outage:
            _write_unpaid(case, "not paid", outage)
            return case, RetryAfter("the relay's store does not answer", tried=False)
        release = release_of(self.policy, case, case.debts[index])
        outcome = RetryAfter(BEHIND, wait, tried=False) if wait else self._send(case, index, release, deadline)
        return self._record_or_log(case, index, outcome, release=release)

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

    def _send(self, case: Case, index: int, release: Release | None, deadline: float) -> Outcome:
        debt, repository = case.debts[index], case.request.repository
        payload = dispatch_payload(
            case,
            debt,
            self.receipt_key,
            issuer=self.issuer,
            policy_sha256=self.policy.sha256,
            now=self.clock(),
            supersede=release.supersede if release else None,
        )
        return self.dispatches.send(repository, debt.event_type, payload, deadline=deadline)

    def _update_card(self, case: Case, index: int, card: Card, deadline: float) -> tuple[Case, Outcome]:
        """Post or update a card and record it. The record itself owes the card anew if the case changed meanwhile."""
        if deadline - self.clock() < LEAST_CARD_TIME:
            return self._record_or_log(case, index, RetryAfter(NO_TIME, tried=False), card)
        updated, outcome = self.cards.post_or_update(case, card, deadline=deadline)
        again = case.debts[index].maybe_sent and not card.message
        if again and isinstance(outcome, RetryAfter) and outcome.ambiguous:
            outcome = Refused(TWICE_UNSURE, "look whether the card is there; `relay outbox replay` posts another")
        return self._record_or_log(case, index, outcome, updated)

    def _record_or_log(
        self, case: Case, index: int, outcome: Outcome, card: Card | None = None, *, release: Release | None = None
    ) -> tuple[Case, Outcome]:
        try:
            return self._record(case, index, outcome, card, release), outcome
        except Outage:
            self.pause(PAUSE)  # once more: without the record it is paid a second time
        try:
            return self._record(case, index, outcome, card, release), outcome
        except Outage as outage:
            _write_unpaid(case, "not recorded, paid again", outage)
            return case, outcome

    def _record(
        self, case: Case, index: int, outcome: Outcome, card: Card | None, release: Release | None = None
    ) -> Case:
        holder, jitter = case.debts[index].lease, self.jitter()
        if card is None:
            self._obey_limit(case, outcome)
        if release and isinstance(outcome, Delivered):  # so that an older release no longer passes `relay verify`
            self.store.take_lead(release.group, release.rank)
        while True:
            nonce, now = self.nonce(), self.clock()
            recorded = debts.record_outcome(
                case, index, holder, outcome, now=now, jitter=jitter, nonce=nonce, card=card
            )
            if recorded is None:
                return case
            # Without this record the debt is paid again, as after any answer that was lost: not worth an fsync.
            written = write(self.store, case, recorded, nonce=nonce, now=now, durable=False)
            if written is not None:
                if card is None and isinstance(outcome, RetryAfter) and not outcome.tried:
                    self._give_back(case, index)
                return written
            case = self.store.load(case.request.id) or case

    def _obey_limit(self, case: Case, outcome: Outcome) -> None:
        """Close the call budget if GitHub asks for it."""
        if isinstance(outcome, RetryAfter) and outcome.limited:
            identity = self.dispatches.identity(case.request.repository)
            self.store.close_bucket(identity, self.clock() + outcome.seconds)

    def _give_back(self, case: Case, index: int) -> None:
        """Give back a call that was not made, once that is recorded. An old one is lost, and so is one that fails."""
        now = self.clock()
        if now <= case.debts[index].due_at:
            with suppress(Outage):
                repository = case.request.repository
                unapproved = repository if is_unapproved(case, case.debts[index]) else ""
                self.store.give_back(self.dispatches.identity(repository), now, unapproved)


def _write_unpaid(case: Case, outcome: str, outage: Outage) -> None:
    journal.write("undelivered", {**of_case(case), "outcome": outcome, "reason": outage.what}, logging.ERROR)


def _payment_order(debt: Debt, pressed: tuple[str, str]) -> tuple[bool, float, bool]:
    card = debt.card
    is_other = card is None or not card.message or (card.place, card.message) != pressed
    # Of the same moment the final decision goes first: a person waits for its answer.
    return is_other, debt.since, bool(debt.decision)
