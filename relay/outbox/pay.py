"""A debt, from owed to paid, after those of its group that came before it."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from relay.approval import debts
from relay.approval.policy import Policy
from relay.errors import Outage
from relay.model import Card, Case, Debt, Json, Outcome, Refused, RetryAfter
from relay.outbox.commit import commit_and_lease, commit_cards, leased_to, write
from relay.outbox.turns import LEAST_TIME, PAUSE, Queue, Turns
from relay.signed.receipts import ReceiptKey, dispatch_payload

log = logging.getLogger("relay")

BEHIND: Final = "an earlier approval of the same is sent first"
TWICE_UNSURE: Final = "the chat may have posted it twice, and said so neither time"
NO_TIME: Final = "there was no time left"


class Dispatches(Protocol):
    """GitHub's repository dispatches."""

    def send(self, repository: str, event_type: str, dispatch_payload: Json, *, deadline: float) -> Outcome:
        """Send one event, once, by `deadline`, and return what became of it."""

    def identity(self, repository: str) -> str:
        """Return the name of the credential for this repository, by which GitHub counts calls."""


class Cards(Protocol):
    """The cards in the chats."""

    def post_or_update(self, case: Case, card: Card, *, deadline: float) -> tuple[Card, Outcome]:
        """Post a card, or change it, so that it shows the case as it stands; return the card as it is then."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Pays debts: `jitter` is random in [0, 1), `nonce` a new random word, `pause` lets some seconds pass."""

    cases: Queue
    dispatches: Dispatches
    cards: Cards
    policy: Policy
    receipt_key: ReceiptKey
    issuer: str
    clock: Callable[[], float]
    jitter: Callable[[], float]
    nonce: Callable[[], str]
    pause: Callable[[float], None]

    def commit(self, before: Case, after: Case, *, deadline: float, only: int | None = None) -> Case | None:
        """Commit a step, its dispatches leased to this caller, who pays by `deadline`; None if another was faster.

        `only` is the place of the one dispatch that this caller means to pay; else it is all that are due.
        """
        return commit_and_lease(
            self.cases,
            before,
            after,
            holder=self.nonce(),
            now=self.clock(),
            until=deadline + debts.LEASE_SLACK,
            identity=self.dispatches.identity(after.request.repository),
            only=only,
        )

    def pay_leased(self, case: Case, *, deadline: float) -> tuple[Case, dict[int, Outcome]]:
        """Pay every debt that the commit of `case` leased; return the case as it is then, and what became of each.

        They go in the order in which they came to be owed, of the same moment the last word's first: somebody waits for
        it.
        """
        holder, outcomes = case.commit_id, {}
        for index in sorted(leased_to(case, holder), key=lambda index: _place(case.debts[index])):
            if index in leased_to(case, holder):  # whoever was too slow with the one before has lost this one too
                case, outcomes[index] = self.pay(case, index, deadline=deadline)
        return case, outcomes

    def update_cards(self, case: Case, *, deadline: float, only: int | None = None) -> tuple[Case, dict[int, Outcome]]:
        """Bring the cards of a case up to date that are owed, or `only` one; what fails is left to the timer."""
        now = self.clock()
        if not any(debt.card and debts.is_due(debt, now) for debt in case.debts):
            return case, {}
        try:
            until = deadline + debts.LEASE_SLACK
            leased = commit_cards(self.cases, case, holder=self.nonce(), now=now, until=until, only=only)
            return self.pay_leased(leased, deadline=deadline) if leased is not None else (case, {})
        except Outage as outage:
            log.error("request %s: its cards are not shown yet: %s", case.request.id, outage.what)  # noqa: TRY400 - it is no bug
            return case, {}

    def let_go(self, case: Case) -> None:
        """Give back what the commit of `case` leased, unpaid: the request has ended meanwhile."""
        for index in leased_to(case, case.commit_id):
            self._record(case, index, RetryAfter("the request ended first", tried=False), case.debts[index].card)

    def pay(self, case: Case, index: int, *, deadline: float) -> tuple[Case, Outcome]:
        """Send a debt whose lease the caller holds, once its turn has come, and record the outcome by compare-and-swap.

        When the outcome cannot be recorded the row stays, and the debt is paid again: at least once.
        """
        card = case.debts[index].card
        if card is not None:
            return self._show(case, index, card, deadline)
        try:
            wait = self._order().wait_for_turn(case, index, deadline)
        except Outage as outage:
            log.error("request %s: not paid: %s", case.request.id, outage.what)  # noqa: TRY400 - it is no bug
            return case, RetryAfter("the relay's store does not answer", tried=False)
        outcome = RetryAfter(BEHIND, wait, tried=False) if wait else self._send(case, index, deadline)
        return self._settle(case, index, outcome)

    def _settle(self, case: Case, index: int, outcome: Outcome, card: Card | None = None) -> tuple[Case, Outcome]:
        try:
            return self._record(case, index, outcome, card), outcome
        except Outage:
            self.pause(PAUSE)  # once more: without the record it is paid a second time
        try:
            return self._record(case, index, outcome, card), outcome
        except Outage as outage:
            log.error("request %s: outcome not recorded, will be paid again: %s", case.request.id, outage.what)  # noqa: TRY400 - it is no bug
            return case, outcome

    def yield_to_newer(self, case: Case) -> Case:
        """Return the case with what it owes given up where a newer approval that waits takes its place."""
        return self._order().yield_to_newer(case)

    def _order(self) -> Turns:
        return Turns(self.cases, self, self.policy, self.clock, self.nonce, self.pause)

    def _send(self, case: Case, index: int, deadline: float) -> Outcome:
        debt, repository = case.debts[index], case.request.repository
        payload = dispatch_payload(
            case, debt, self.receipt_key, issuer=self.issuer, policy_sha256=self.policy.sha256, now=self.clock()
        )
        outcome = self.dispatches.send(repository, debt.event_type, payload, deadline=deadline)
        match outcome:
            case Refused(phrase=phrase, cure=cure):
                log.error("request %s: GitHub refused the dispatch: %s. Cure: %s", case.request.id, phrase, cure)
            case RetryAfter(phrase=phrase):
                log.warning("request %s: dispatch put off: %s", case.request.id, phrase)
            case _:
                log.info("request %s: dispatch delivered %s", case.request.id, outcome.note)
        return outcome

    def _show(self, case: Case, index: int, card: Card, deadline: float) -> tuple[Case, Outcome]:
        """Bring a card up to date and record it; what changed meanwhile is owed again by the record itself."""
        if deadline - self.clock() < LEAST_TIME:
            return self._settle(case, index, RetryAfter(NO_TIME, tried=False), card)
        shown, outcome = self.cards.post_or_update(case, card, deadline=deadline)
        again = case.debts[index].maybe_sent and not card.message
        if again and isinstance(outcome, RetryAfter) and outcome.ambiguous:
            outcome = Refused(TWICE_UNSURE, "look whether the card is there; `relay outbox replay` posts another")
        match outcome:
            case Refused(phrase=phrase, cure=cure):
                log.error("request %s: the card in a channel was refused: %s. Cure: %s", case.request.id, phrase, cure)
            case RetryAfter(phrase=phrase):
                log.warning("request %s: the card in a channel was put off: %s", case.request.id, phrase)
            case _:
                log.info("request %s: the card in a channel shows how it stands", case.request.id)
        return self._settle(case, index, outcome, shown)

    def _record(self, case: Case, index: int, outcome: Outcome, card: Card | None) -> Case:
        holder, jitter = case.debts[index].lease, self.jitter()
        if card is None:
            self._obey(case, outcome)
        while True:
            nonce, now = self.nonce(), self.clock()
            settled = debts.record_outcome(case, index, holder, outcome, now=now, jitter=jitter, nonce=nonce, card=card)
            if settled is None:
                return case
            # Without this record the debt is paid again, as after any answer that was lost: not worth an fsync.
            written = write(self.cases, case, settled, nonce=nonce, now=now, durable=False)
            if written is not None:
                if card is None and isinstance(outcome, RetryAfter) and not outcome.tried:
                    self._give_back(case, index)
                return written
            case = self.cases.load(case.request.id) or case

    def _obey(self, case: Case, outcome: Outcome) -> None:
        """Close the bucket where GitHub asks for it."""
        if isinstance(outcome, RetryAfter) and outcome.limited:
            identity = self.dispatches.identity(case.request.repository)
            self.cases.close_bucket(identity, self.clock() + outcome.seconds)

    def _give_back(self, case: Case, index: int) -> None:
        """Give back the room for a call that was not made, once that is recorded; what is old, or fails, is lost."""
        now = self.clock()
        if now <= case.debts[index].due_at:
            with suppress(Outage):
                self.cases.give_back(self.dispatches.identity(case.request.repository), now)


def _place(debt: Debt) -> tuple[float, bool]:
    return debt.since, bool(debt.decision)
