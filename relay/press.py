"""A press, from bytes to answer, top to bottom: verified, read, judged, committed, paid, answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from relay.approval import judge, wording
from relay.approval.answer import confirm_answer, current_answer, press_answer
from relay.approval.cards import owe_cards
from relay.approval.confirm import is_confirmed
from relay.approval.judge import Decision, Step
from relay.approval.policy import Policy
from relay.approval.releases import newest_counts
from relay.approval.run_again import take_again
from relay.chats.contract.incoming import Budget, Clicks
from relay.chats.conversations import Conversations, without_thread
from relay.chats.posting import Cards
from relay.errors import Outage, Refusal
from relay.identity.key_sets import KeySets
from relay.journal.calls import note, note_case
from relay.journal.metrics import timed
from relay.journal.presses import write_busy_press, write_press, write_refused_press
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.delivery import ChatSignal, Delivery, Interaction, Refresh, Reply
from relay.outbox.pay import Payer
from relay.outbox.supersede import Supersession
from relay.signed import tickets
from relay.signed.tickets import Ticket, TicketKey
from relay.store.contract import Store

if TYPE_CHECKING:
    from relay.commands.road import Commands

CARDS_TIME: Final = 1.5  # seconds for which the person who pressed waits for the other cards to change
COMMAND: Final = Budget(2.0, 3.0)  # of a command that comes as a press does; its answer is posted after that
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
    commands: "Callable[[], Commands]"

    def answer(self, chat: Clicks, delivery: Delivery) -> Reply:
        """Take a press and answer it. A refusal is logged by the check that failed, never by its content."""
        github_until, all_until = chat.budget.ends(delivery.arrived_at)
        try:
            reply = self._take(chat, delivery, github_until, all_until)
        except Refusal as refusal:
            write_refused_press(refusal, delivery, self.clock())
            reply = chat.refuse(refusal.code, refusal.check, delivery)
        except Outage as outage:
            write_busy_press(outage, delivery)
            reply = chat.refuse("busy", "", delivery)
        for aside in reply.asides:
            self.cards.send_aside(delivery.channel, aside, deadline=all_until)
        return replace(reply, asides=())

    def _take(self, chat: Clicks, delivery: Delivery, github_until: float, all_until: float) -> Reply:
        if len(delivery.body) > chat.max_body:
            raise Refusal("too-large", "body")
        needed = chat.keys_needed(delivery)
        with timed("verify", self.clock):
            keys = self.key_sets.keys(*needed, timeout=max(LEAST_TIME, all_until - self.clock())) if needed else {}
            read = chat.read(chat.verify(delivery, keys, self.clock()))
        match read:
            case ChatSignal():
                note(what="event")
                if read.place is not None:
                    self.conversations.remember(read.place)
                return read.reply
            case Refresh(ticket=text):
                ticket = self._of_its_chat(self.open_ticket(text), delivery.channel)
                seen = self.view(ticket, held=text)
                note_case(seen.case, what="view", person=read.actor.id)
                return chat.reply(seen, delivery)
            case Interaction(ticket=text):
                try:
                    ticket = self._of_its_chat(self.open_ticket(text), delivery.channel)
                    answer = self.decide(ticket, read, all_until - chat.budget.for_asides, github_until=github_until)
                except Refusal as refusal:
                    refusal.person = read.actor.id
                    raise
                write_press(answer, read.actor, delivery, self.clock())
                with timed("reply", self.clock):
                    return chat.reply(answer, delivery)
            case command:
                note(what="command")
                if command.conversation is not None:
                    self.conversations.remember(without_thread(command.conversation))
                return self.commands().reply(command, delivery, *COMMAND.ends(delivery.arrived_at))

    def _of_its_chat(self, ticket: Ticket, chat: str) -> Ticket:
        # Where the relay posts no cards itself, this ticket was copied from one of its cards onto an asker's.
        return ticket if self.cards.is_posting_in(chat) else ticket._replace(by="")

    def open_ticket(self, ticket: str) -> Ticket:
        """Return a ticket that is proven. Raises Refusal not-genuine, Outage."""
        born_at = self.store.born_at()
        return tickets.open_ticket(ticket, self.ticket_keys, self.public_url, now=self.clock(), born_at=born_at)

    def ticket_of(self, case_id: str) -> Ticket:
        """Return the ticket of a request that the store knows, for a caller with its id. Raises Refusal, Outage."""
        case = self.store.load(case_id) if case_id.isascii() else None  # ids are; half a character is no text
        if case is None:
            raise Refusal("unknown-request", "no case of this id")
        return Ticket(case_id, case.request.issued_at, case.request.expires_at, None, "")

    def view(self, ticket: Ticket, *, held: str = "") -> Answer:
        """Return the state of a request. `held` is its ticket, for a case that is not stored. Raises as `decide`."""
        case, key = self._open(ticket), self.ticket_keys[0]
        return current_answer(case, self.policy, key, self.public_url, self.clock(), held=held, by=ticket.by)

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
            case, _ = self.payer.update_cards(case, deadline=until, pressed=interaction.pressed or ("", ""))
        key, policy = self.ticket_keys[0], self.policy
        if step.decision.code == "confirm":
            return confirm_answer(step.decision, case, interaction, policy, key, self.public_url, self.clock())
        return press_answer(step.decision, outcome, case, policy, key, self.public_url, self.clock(), by=ticket.by)

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
            with timed("judge", self.clock):
                step = self._judge(ticket, interaction, case, now)
            if not step.changed and (case.version or step.decision.code != "confirm"):
                return step
            is_unranked = step.changed and case.status == "pending" and not (case.ranked or ranked)
            if is_unranked and newest_counts(self.policy, case.request):
                ranked = self.supersession.rank(case, partial(self.payer.commit, deadline=deadline))
            else:  # unchanged too: the ticket of the relay's own card names a request that the store knows
                committed = self.payer.commit(case, step.case if step.changed else case, deadline=deadline)
                if committed is not None:
                    return step._replace(case=committed)
            if self.clock() > deadline:
                raise Outage("too many people press at once")

    def _judge(self, ticket: Ticket, interaction: Interaction, case: Case, now: float) -> Step:
        confirms = partial(is_confirmed, ticket, case, interaction, now)
        try:
            if interaction.verdict == "again":
                overtaken = self.supersession.is_overtaken(case)
                return take_again(case, interaction, self.policy, now=now, overtaken=overtaken, confirms=confirms)
            return judge.take(case, interaction, self.policy, now=now, drawn_for=ticket.stage, confirms=confirms)
        except Refusal:
            note_case(case)
            raise

    def _open(self, ticket: Ticket) -> Case:
        with timed("load", self.clock):
            case = self.store.load(ticket.id)
        if case is not None:
            return case
        if ticket.request is None:
            raise Refusal("unknown-request", "no case of this id")
        # The relay hears of such a request by its first press; the operator's channels get their cards with that.
        case = Case(ticket.request, "offline")
        return owe_cards(case, self.cards.wanted(case), self.clock())
