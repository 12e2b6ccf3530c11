"""A press, from bytes to answer, top to bottom: verified, read, judged, committed, paid, answered."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from relay.approval import judge, wording
from relay.approval.answer import confirm_answer, current_answer, press_answer
from relay.approval.cards import owe_cards
from relay.approval.confirm import is_confirmed
from relay.approval.judge import Decision, Step
from relay.approval.policy import Policy, newest_counts
from relay.chats.contract import Clicks
from relay.chats.conversations import Conversations
from relay.chats.posting import Cards
from relay.errors import Outage, Refusal
from relay.identity.key_sets import KeySets
from relay.journal import log as journal
from relay.journal.events import Fields, of_case
from relay.model import Actor, Answer, Case, ChatSignal, Delivery, Interaction, Refresh, Reply
from relay.outbox.pay import Payer
from relay.outbox.supersede import Supersession
from relay.signed import tickets
from relay.signed.tickets import Ticket, TicketKey
from relay.store.contract import Store

CARDS_TIME: Final = 1.5  # seconds for which the person who pressed waits for the other cards to change
LEAST_TIME: Final = 0.1  # seconds in which a key set is asked for, however late the press arrived


@dataclass(frozen=True, slots=True)
class Presses:
    """The road of a press; `clock` returns Unix seconds."""

    store: Store
    key_sets: KeySets
    payer: Payer
    supersession: Supersession
    conversations: Conversations
    cards: Cards
    policy: Policy
    ticket_keys: Sequence[TicketKey]
    public_url: str
    clock: Callable[[], float]

    def answer(self, chat: Clicks, delivery: Delivery) -> Reply:
        """Take a press and answer it. A refusal is logged by the check that failed, never by its content."""
        budget = chat.budget
        github_until, all_until = delivery.arrived_at + budget.github_until, delivery.arrived_at + budget.all_until
        try:
            reply = self._take(chat, delivery, github_until, all_until)
        except Refusal as refusal:
            write_refused_press(refusal, delivery, self.clock())
            reply = chat.refuse(refusal.code, refusal.check, delivery)
        except Outage as outage:
            journal.write(
                "press", {"outcome": "busy", "channel": delivery.channel, "reason": outage.what}, logging.ERROR
            )
            reply = chat.refuse("busy", "", delivery)
        for aside in reply.asides:
            self.cards.send_aside(delivery.channel, aside, deadline=all_until)
        return replace(reply, asides=())

    def _take(self, chat: Clicks, delivery: Delivery, github_until: float, all_until: float) -> Reply:
        if len(delivery.body) > chat.max_body:
            raise Refusal("too-large", "body")
        needed = chat.keys_needed(delivery)
        timeout = max(LEAST_TIME, all_until - self.clock())
        keys = self.key_sets.keys(*needed, timeout=timeout) if needed else {}
        read = chat.read(chat.verify(delivery, keys, self.clock()))
        match read:
            case ChatSignal():
                if read.place is not None:
                    self.conversations.remember(read.place)
                return read.reply
            case Refresh(ticket=text):
                ticket = self._of_its_chat(self.open_ticket(text), delivery.channel)
                return chat.reply(self.view(ticket, held=text), delivery)
            case Interaction(ticket=text):
                try:
                    ticket = self._of_its_chat(self.open_ticket(text), delivery.channel)
                    until = all_until - chat.budget.for_asides
                    answer = self.decide(ticket, read, until, github_until=github_until)
                except Refusal as refusal:
                    refusal.person = read.actor.id
                    raise
                write_press(answer, read.actor, delivery, self.clock())
                return chat.reply(answer, delivery)

    def _of_its_chat(self, ticket: Ticket, chat: str) -> Ticket:
        # Where the relay posts no cards itself, this ticket was copied from one of its cards onto an asker's.
        return ticket if chat in self.cards.chats else replace(ticket, by="")

    def open_ticket(self, ticket: str) -> Ticket:
        """Return a ticket that is proven. Raises Refusal not-genuine, Outage."""
        born_at = self.store.born_at()
        return tickets.open_ticket(ticket, self.ticket_keys, self.public_url, now=self.clock(), born_at=born_at)

    def ticket_of(self, case_id: str) -> Ticket:
        """Return the ticket of a request that the store knows, for a caller with its id. Raises Refusal, Outage."""
        case = self.store.load(case_id) if case_id.isascii() else None  # ids are; half a character is no text
        if case is None:
            raise Refusal("unknown-request", "no case of this id")
        request = case.request
        return Ticket(request.id, request.issued_at, request.expires_at, None, "")

    def view(self, ticket: Ticket, *, held: str = "") -> Answer:
        """Return the state of a request; nothing is decided. Raises Refusal unknown-request, Outage.

        `held` is the ticket's text, for the buttons of a request that nobody has pressed yet.
        """
        case = self._open(ticket)
        key, now = self.ticket_keys[0], self.clock()
        return current_answer(case, self.policy, key, self.public_url, now, held=held, by=ticket.by)

    def decide(
        self,
        ticket: Ticket,
        interaction: Interaction,
        deadline: float,
        *,
        github_until: float,
        expects: Callable[[Case], bool] | None = None,
    ) -> Answer:
        """Judge a press, commit the step, pay its debts, and return the outcome.

        GitHub is waited for until `github_until`, everything is answered by `deadline`. `expects` tells whether a
        pending case is still the one that the person saw: it is asked about the very case that is judged, each time
        anew. Raises Refusal if nothing was recorded, `stale` among them, and Outage if that is not known.
        """
        step = self._commit(ticket, interaction, deadline, expects)
        case, outcome = step.case, None
        if step.changed:
            case, outcomes = self.payer.pay_leased(case, deadline=github_until)
            last_word = wording.deciding(case.debts)
            outcome = next((each for index, each in outcomes.items() if case.debts[index] is last_word), None)
            until = min(deadline, self.clock() + CARDS_TIME)
            case, _ = self.payer.update_cards(case, deadline=until, pressed=interaction.pressed)
        key, policy = self.ticket_keys[0], self.policy
        if step.decision.code == "confirm":
            return confirm_answer(step.decision, case, interaction, key, self.public_url, self.clock())
        return press_answer(step.decision, outcome, case, policy, key, self.public_url, by=ticket.by)

    def _commit(
        self, ticket: Ticket, interaction: Interaction, deadline: float, expects: Callable[[Case], bool] | None
    ) -> Step:
        """Judge and commit, again from the start whenever another press was faster."""
        ranked = False
        while True:
            case, now = self._open(ticket), self.clock()
            if case.status == "pending" and now >= ticket.expires_at and not ticket.view:
                return Step(Decision("expired"), case, changed=False)
            if expects is not None and judge.settled_decision(case, self.policy, now) is None and not expects(case):
                raise Refusal("stale", "something changed since the page was drawn")
            confirms = partial(is_confirmed, ticket, case.request, interaction.actor, now)
            step = judge.take(case, interaction, self.policy, now=now, drawn_for=ticket.stage, confirms=confirms)
            if not step.changed and (case.version or step.decision.code != "confirm"):
                return step
            if not step.changed:  # the ticket of the relay's own card names a request that the store knows
                known = self.payer.commit(case, case, deadline=deadline)
                if known is not None:
                    return replace(step, case=known)
            elif not (case.ranked or ranked) and newest_counts(self.policy, case.request):
                ranked = self._rank(case, deadline)
            else:
                committed = self.payer.commit(case, step.case, deadline=deadline)
                if committed is not None:
                    return replace(step, case=committed)
            if self.clock() > deadline:
                raise Outage("too many people press at once")

    def _rank(self, case: Case, deadline: float) -> bool:
        """Take a request into the order of its group, as registering does. Return False if another was faster.

        The request was self-contained, or was made before its rule looked at the order.
        """
        # Done at each press that would count, since an earlier one may have been stopped half way.
        self.supersession.add(case.request)
        if not case.version:
            committed = self.payer.commit(case, case, deadline=deadline)
            if committed is None:
                return False
            case = committed
        self.supersession.close_older(case)
        return True

    def _open(self, ticket: Ticket) -> Case:
        case = self.store.load(ticket.id)
        if case is not None:
            return case
        if ticket.request is None:
            raise Refusal("unknown-request", "no case of this id")
        # The relay hears of such a request by its first press; the operator's channels get their cards with that.
        case = Case(ticket.request, "offline")
        rules = self.policy.rules
        if not (case.request.channels or any(r.channels or any(s.channels for s in r.stages) for r in rules)):
            return case
        return owe_cards(case, self.cards.wanted(ticket.request), self.clock())


def write_press(answer: Answer, person: Actor, delivery: Delivery, now: float) -> None:
    """Log a press that was judged: its outcome, and the time that it took."""
    fields: Fields = {"outcome": answer.code, "ms": _ms(delivery, now), "channel": delivery.channel}
    journal.write("press", {**of_case(answer.case), **fields, "person": person.id})


def write_refused_press(refusal: Refusal, delivery: Delivery, now: float) -> None:
    """Log a press that was refused, by the check that failed and never by content."""
    fields = {"outcome": refusal.code, "ms": _ms(delivery, now), "channel": delivery.channel, "person": refusal.person}
    journal.write("press", {**fields, "check": refusal.check}, logging.WARNING)


def _ms(delivery: Delivery, now: float) -> int:
    return max(0, round((now - delivery.arrived_at) * 1000))
