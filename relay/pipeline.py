"""A click, from bytes to answer."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.core import approval, debts, tickets, wording
from relay.core.approval import Decision, Step
from relay.core.debts import DueRow
from relay.core.errors import Outage, Refusal
from relay.core.model import Answer, Case, Delivery, Genuine, Interaction, Outcome, Reply
from relay.core.policy import Policy
from relay.core.tickets import Ticket, TicketKey

log = logging.getLogger("relay")


class Cases(Protocol):
    """Where cases are kept, under optimistic concurrency. Every call raises Outage when the store cannot be reached."""

    def load(self, case_id: str) -> Case | None:
        """Return the case as last committed."""

    def commit(self, case: Case, *, arm: Sequence[DueRow] = (), disarm: Sequence[DueRow] = ()) -> bool:
        """Write the case over its `version - 1`, or create its version 1.

        The `arm` rows are durable no later than the case, the `disarm` rows go no earlier. False: another commit came
        first, and nothing was written.
        """

    def born_at(self) -> float:
        """Return when this store began, Unix seconds."""


class KeySets(Protocol):
    """The platforms' public keys."""

    def keys(self, url: str, kid: str, *, timeout: float) -> Mapping[str, RSAPublicKey]:
        """Return the keys of the set at `url`; Outage while it cannot be known whether `kid` is among them."""


class Paying(Protocol):
    """Who pays what a decision owes."""

    def pay(self, case: Case, index: int, *, deadline: float) -> tuple[Case, Outcome | None]:
        """Pay a debt whose lease this caller holds; no outcome if there was no time to try."""


class Channel(Protocol):
    """A chat: pure but for the keys it is handed."""

    @property
    def budget(self) -> float:
        """Return the seconds from arrival within which the chat wants its answer."""

    @property
    def max_body(self) -> int:
        """Return the largest body taken, in bytes."""

    def key_wanted(self, delivery: Delivery) -> tuple[str, str]:
        """Return address and key id of the key that may prove the delivery. Raises Refusal."""

    def verify(self, delivery: Delivery, keys: Mapping[str, RSAPublicKey], now: float) -> Genuine:
        """Prove who pressed. Raises Refusal, never anything else."""

    def read(self, genuine: Genuine) -> Interaction:
        """Read what was pressed. Raises Refusal malformed."""

    def reply(self, answer: Answer) -> Reply:
        """Say what the click came to."""

    def refuse(self, code: str) -> Reply:
        """Say that the click was not taken."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The road of a click; `clock` returns Unix seconds, `nonce` a new random word."""

    cases: Cases
    key_sets: KeySets
    payer: Paying
    policy: Policy
    ticket_keys: Sequence[TicketKey]
    public_url: str
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def click(self, channel: Channel, delivery: Delivery) -> Reply:
        """Take a click and answer it; what is not taken is logged by the check that failed, never by its content."""
        try:
            return channel.reply(self._take(channel, delivery))
        except Refusal as refusal:
            log.warning("click refused: %s (%s) on %s", refusal.code, refusal.check, delivery.channel)
            return channel.refuse(refusal.code)
        except Outage as outage:
            log.error("click not taken: %s, on %s", outage.what, delivery.channel)  # noqa: TRY400 - it is no bug
            return channel.refuse("busy")

    def _take(self, channel: Channel, delivery: Delivery) -> Answer:
        deadline = delivery.arrived_at + channel.budget
        if len(delivery.body) > channel.max_body:
            raise Refusal("too-large", "body")
        url, kid = channel.key_wanted(delivery)
        keys = self.key_sets.keys(url, kid, timeout=max(0.1, deadline - self.clock()))
        interaction = channel.read(channel.verify(delivery, keys, self.clock()))
        ticket = tickets.open_ticket(
            interaction.ticket, self.ticket_keys, self.public_url, now=self.clock(), born_at=self.cases.born_at()
        )
        step = self._decide(ticket, interaction, deadline)
        outcome: Outcome | None = None
        case = step.case
        if step.changed:
            log.info("request %s: %s by %s", case.request.id, step.decision.code, interaction.actor.id)
            for index in range(len(case.debts)):
                case, outcome = self.payer.pay(case, index, deadline=deadline)
        return self._answer(step, case, outcome)

    def _decide(self, ticket: Ticket, interaction: Interaction, deadline: float) -> Step:
        """Judge and commit, again from the start whenever another click was faster."""
        while True:
            case = self._open(ticket)
            now = self.clock()
            if case.status == "pending" and now >= ticket.expires_at:
                return Step(Decision("expired"), case, changed=False)
            step = approval.take(case, interaction, self.policy, now=now, drawn_for=ticket.stage)
            if not step.changed:
                return step
            committed = commit_leased(self.cases, step.case, self.nonce(), deadline + debts.LEASE_SLACK)
            if committed is not None:
                return replace(step, case=committed)
            if self.clock() > deadline:
                raise Outage("too many people press at once")

    def _open(self, ticket: Ticket) -> Case:
        case = self.cases.load(ticket.id)
        if case is not None:
            return case
        if ticket.request is None:
            raise Refusal("unknown-request", "no case of this id")
        return Case(ticket.request, "offline")

    def _answer(self, step: Step, case: Case, outcome: Outcome | None) -> Answer:
        decision = step.decision
        code = wording.outcome_code(decision, outcome)
        sentence = wording.sentence(decision, outcome, case)
        if decision.code not in ("counted", "already-counted"):
            status = "expired" if decision.code == "expired" else case.status
            return Answer(code, sentence, case, status)
        ticket = tickets.sign(
            case.request, self.ticket_keys[0], self.public_url, self_contained=False, stage=decision.stage
        )
        return Answer(code, sentence, case, case.status, wording.needs(decision.stage, decision.missing), ticket)


def commit_leased(cases: Cases, case: Case, nonce: str, until: float) -> Case | None:
    """Commit the case's next version with what it owes leased to this commit until then; None if another was faster.

    The index row is due when the lease ends: whoever finds it then knows that this payer is gone.
    """
    leased = replace(case, version=case.version + 1, commit_id=nonce)
    for index, debt in enumerate(case.debts):
        if debt.status == "owed":
            leased = debts.lease(leased, index, holder=nonce, until=until)
    owed = any(debt.status == "owed" for debt in leased.debts)
    rows = [DueRow(until, case.request.id, nonce)] if owed else []
    return leased if cases.commit(leased, arm=rows) else None
