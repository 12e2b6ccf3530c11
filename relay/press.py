"""A click, from bytes to answer."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.approval import judge, wording
from relay.approval.answer import current_answer, pending_answer, settled_answer
from relay.approval.judge import Decision, Step
from relay.approval.policy import Policy
from relay.errors import Outage, Refusal
from relay.model import (
    Answer,
    ApprovalRequest,
    Case,
    ChatSignal,
    Conversation,
    Delivery,
    Interaction,
    Json,
    Outcome,
    Refresh,
    Reply,
    Verified,
)
from relay.signed import tickets
from relay.signed.tickets import Ticket, TicketKey
from relay.store.contract import Store

log = logging.getLogger("relay")


CARDS_TIME: Final = 1.5  # seconds for which somebody who pressed waits for the other cards to change


class KeySets(Protocol):
    """The platforms' public keys."""

    def keys(self, url: str, kid: str, *, timeout: float) -> Mapping[str, RSAPublicKey]:
        """Return the keys of the set at `url`; Outage while it cannot be known whether `kid` is among them."""


class Paying(Protocol):
    """Who commits what a decision owes, and pays it."""

    def commit(self, before: Case, after: Case, *, deadline: float) -> Case | None:
        """Commit a step with what it owes leased to this caller, who pays by `deadline`; None if another was faster."""

    def pay_leased(self, case: Case, *, deadline: float) -> tuple[Case, dict[int, Outcome]]:
        """Pay every debt that the commit of `case` leased; return the case as it is then, and what became of each."""

    def update_cards(self, case: Case, *, deadline: float) -> tuple[Case, dict[int, Outcome]]:
        """Bring the cards of a case up to date that are owed; what fails is left to the timer."""

    def let_go(self, case: Case) -> None:
        """Give back what the commit of `case` leased, unpaid: the request has ended meanwhile."""


class Following(Protocol):
    """Who knows which request takes the place of which."""

    def applies(self, request: ApprovalRequest) -> bool:
        """Tell whether a newer request of the same group closes this one."""

    def add(self, request: ApprovalRequest) -> None:
        """Note that a request waits, before its case is committed."""

    def close_older(self, case: Case) -> None:
        """Close those whose place a committed case takes; or the case itself, where a newer one is known."""


class Remembering(Protocol):
    """Who knows where the relay may post."""

    def remember(self, place: Conversation) -> None:
        """Remember a place, in place of what was known of it."""


class Speaking(Protocol):
    """Who posts in the chats."""

    def say(self, kind: str, thread: str, message: Json, *, deadline: float) -> None:
        """Answer somebody in a conversation of a kind of chat; what cannot be said is logged, and not owed."""


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

    def verify(self, delivery: Delivery, keys: Mapping[str, RSAPublicKey], now: float) -> Verified:
        """Prove who pressed. Raises Refusal, never anything else."""

    def read(self, genuine: Verified) -> Interaction | Refresh | ChatSignal:
        """Read what is wanted: a word on a case, a look at it, or nothing that needs judging. Raises Refusal."""

    def reply(self, answer: Answer, delivery: Delivery) -> Reply:
        """Say what the click came to, or how the case stands, in the form of the card that was pressed."""

    def refuse(self, code: str, check: str = "", delivery: Delivery | None = None, /) -> Reply:
        """Say that the click was not taken; `check` names what failed, for the channel alone."""


@dataclass(frozen=True, slots=True)
class Presses:
    """The road of a click; `clock` returns Unix seconds."""

    cases: Store
    key_sets: KeySets
    payer: Paying
    supersession: Following
    conversations: Remembering
    cards: Speaking
    policy: Policy
    ticket_keys: Sequence[TicketKey]
    public_url: str
    clock: Callable[[], float]

    def answer(self, channel: Channel, delivery: Delivery) -> Reply:
        """Take a click and answer it; what is not taken is logged by the check that failed, never by its content."""
        try:
            return self._click(channel, delivery)
        except Refusal as refusal:
            log.warning("click refused: %s (%s) on %s", refusal.code, refusal.check, delivery.channel)
            return channel.refuse(refusal.code, refusal.check, delivery)
        except Outage as outage:
            log.error("click not taken: %s, on %s", outage.what, delivery.channel)  # noqa: TRY400 - it is no bug
            return channel.refuse("busy", "", delivery)

    def open_ticket(self, ticket: str) -> Ticket:
        """Return a ticket that is proven. Raises Refusal not-genuine, Outage."""
        born_at = self.cases.born_at()
        return tickets.open_ticket(ticket, self.ticket_keys, self.public_url, now=self.clock(), born_at=born_at)

    def ticket_of(self, case_id: str) -> Ticket:
        """Return the ticket of a request that the store knows, for who has only its id. Raises Refusal, Outage."""
        case = self.cases.load(case_id) if case_id.isascii() else None  # ids are; half a character is no text
        if case is None:
            raise Refusal("unknown-request", "no case of this id")
        request = case.request
        return Ticket(request.id, request.issued_at, request.expires_at, None, "")

    def view(self, ticket: Ticket, *, held: str = "") -> Answer:
        """Return how a request stands; nothing is decided. Raises Refusal unknown-request, Outage.

        `held` is the ticket's text, for the buttons of a request that nobody has pressed yet.
        """
        case, key, now = self._open(ticket), self.ticket_keys[0], self.clock()
        return current_answer(case, self.policy, key, self.public_url, now, held=held)

    def decide(
        self,
        ticket: Ticket,
        interaction: Interaction,
        deadline: float,
        *,
        expects: Callable[[Case], bool] | None = None,
    ) -> Answer:
        """Judge a press, commit what follows, pay it by `deadline`, and return what it came to.

        `expects` tells whether a case that waits is still what the person saw. It is asked about the very case that is
        judged and committed, each time anew. Raises Refusal where nothing was recorded, `stale` among them, Outage
        where that is not known.
        """
        step = self._decide(ticket, interaction, deadline, expects)
        case, outcome = step.case, None
        if step.changed:
            log.info("request %s: %s by %s", case.request.id, step.decision.code, interaction.actor.id)
            case, outcomes = self.payer.pay_leased(case, deadline=deadline)
            last_word = wording.deciding(case.debts)
            outcome = next((each for index, each in outcomes.items() if case.debts[index] is last_word), None)
            case, _ = self.payer.update_cards(case, deadline=min(deadline, self.clock() + CARDS_TIME))
        return self._answer(step, case, outcome)

    def _click(self, channel: Channel, delivery: Delivery) -> Reply:
        deadline = delivery.arrived_at + channel.budget
        if len(delivery.body) > channel.max_body:
            raise Refusal("too-large", "body")
        url, kid = channel.key_wanted(delivery)
        keys = self.key_sets.keys(url, kid, timeout=max(0.1, deadline - self.clock()))
        wanted = channel.read(channel.verify(delivery, keys, self.clock()))
        match wanted:
            case ChatSignal():
                return self._notice(wanted, delivery.channel, deadline)
            case Refresh(ticket=ticket):
                return channel.reply(self.view(self.open_ticket(ticket), held=ticket), delivery)
            case _:
                return channel.reply(self.decide(self.open_ticket(wanted.ticket), wanted, deadline), delivery)

    def _notice(self, notice: ChatSignal, kind: str, deadline: float) -> Reply:
        if notice.place is not None:
            self.conversations.remember(notice.place)
        if notice.message is not None:
            self.cards.say(kind, notice.thread, notice.message, deadline=deadline)
        return notice.reply

    def _decide(
        self, ticket: Ticket, interaction: Interaction, deadline: float, expects: Callable[[Case], bool] | None
    ) -> Step:
        """Judge and commit, again from the start whenever another click was faster."""
        known = False
        while True:
            case = self._open(ticket)
            now = self.clock()
            if case.status == "pending" and now >= ticket.expires_at:
                return Step(Decision("expired"), case, changed=False)
            waits = judge.settled_decision(case, self.policy, now) is None
            if waits and expects is not None and not expects(case):
                raise Refusal("stale", "something changed since the page was drawn")
            step = judge.take(case, interaction, self.policy, now=now, drawn_for=ticket.stage)
            if not step.changed:
                return step
            if not (case.ranked or known) and self.supersession.applies(case.request):
                known = self._make_known(case, deadline)
            else:
                committed = self.payer.commit(case, step.case, deadline=deadline)
                if committed is not None:
                    return replace(step, case=committed)
            if self.clock() > deadline:
                raise Outage("too many people press at once")

    def _make_known(self, case: Case, deadline: float) -> bool:
        """Take a request into the order of its group, as registering does; False if another was faster.

        It was self-contained, or made before its rule looked at the order. It is done at each click that would count,
        since whoever did it before may have been stopped half way.
        """
        self.supersession.add(case.request)
        if not case.version:
            known = self.payer.commit(case, case, deadline=deadline)
            if known is None:
                return False
            case = known
        self.supersession.close_older(case)
        return True

    def _open(self, ticket: Ticket) -> Case:
        case = self.cases.load(ticket.id)
        if case is not None:
            return case
        if ticket.request is None:
            raise Refusal("unknown-request", "no case of this id")
        return Case(ticket.request, "offline")

    def _answer(self, step: Step, case: Case, outcome: Outcome | None) -> Answer:
        decision = step.decision
        code, sentence = wording.outcome_code(decision, outcome), wording.sentence(decision, outcome, case)
        if decision.code in ("counted", "already-counted"):
            key = self.ticket_keys[0]
            return pending_answer(code, decision, case, key, self.public_url, sentence=sentence)
        return replace(settled_answer(decision, case), code=code, sentence=sentence)
