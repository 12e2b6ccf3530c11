"""A request's cards in the chats: each is posted once, and updated whenever there is something new to show."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from relay.approval.answer import current_answer
from relay.approval.approvers import progress
from relay.approval.awaited import awaited_names
from relay.approval.cards import fingerprint, wanted_channels
from relay.approval.policy import ChatChannel, Policy, rule_of
from relay.chats.conversations import without_thread
from relay.chats.table import BY_DEFAULT, drawing, with_channels
from relay.errors import Outage, malformed
from relay.journal import log as journal
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.debts import Card, Delivered, Outcome, Refused, RetryAfter
from relay.model.delivery import Aside, Conversation
from relay.model.request import ORIGIN, ApprovalRequest, Proof
from relay.signed.tickets import BY_RELAY, TicketKey

if TYPE_CHECKING:
    from relay.chats.contract.outgoing import Posting

_AS_A_CARD: Final = "as a card, "


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of all requests: `chats` by the kind of a channel, None where a chat is not configured."""

    chats: "Mapping[str, Posting | None]"
    policy: Policy
    ticket_keys: Sequence[TicketKey]
    public_url: str
    clock: Callable[[], float]

    @staticmethod
    def is_posting_in(kind: str) -> bool:
        """Tell whether the relay posts cards itself in a chat."""
        return kind in with_channels()  # and not in `chats`: before its first use a chat is not there

    def check_fits(self, request: ApprovalRequest, proof: Proof, conversation: Conversation | None = None) -> None:
        """Ask the request's own chats whether they can show it. Raises Refusal malformed, naming the field at fault.

        Without channels the asker posts the card, unless it is a command. `conversation` is the origin of a command.
        """
        wanted = (self._channel(name, conversation) for name in wanted_channels(self.policy, request))
        problems = [self._fits(request, proof, channel) for channel in wanted if channel]
        if not request.channels and proof != "command":
            problems += [drawing()[BY_DEFAULT].fits(request, proof)]
        for problem in filter(None, problems):
            raise malformed(_field(problem.removeprefix(_AS_A_CARD)), problem)

    def wanted(self, case: Case) -> list[Card]:
        """Return the cards of a case: of its request's own channels, of its rule's, and of the stages'.

        The origin of a command gets none if one of these channels is the same conversation, or if none is known.
        """
        channels = wanted_channels(self.policy, case.request)
        if ORIGIN in channels and self._is_covered(case.conversation, channels):
            del channels[ORIGIN]
        return [
            Card(name, place, stages=stages)
            for name, stages in channels.items()
            for place in self._places(self._channel(name, case.conversation))
        ]

    def send_aside(self, kind: str, aside: Aside, *, deadline: float) -> None:
        """Send an aside, once. A failure is logged, and nothing is owed."""
        chat = self.chats[kind]
        if chat is None:
            return
        try:
            outcome = chat.api.say(aside.thread, aside.message, deadline=deadline)
        except Outage as outage:
            outcome = RetryAfter(outage.what)
        if not isinstance(outcome, Delivered):
            fields = {"outcome": "not posted", "channel": kind, "reason": outcome.phrase}
            if isinstance(outcome, Refused):  # it holds the chat's own code
                fields["cure"] = outcome.cure
            journal.write("notified", fields, logging.WARNING)

    def post_or_update(self, case: Case, card: Card, *, deadline: float) -> tuple[Card, Outcome]:
        """Post a card, or update it, so that it shows the case as it is now; return the new card.

        The card has the fingerprint of the attempt, even of a failed one: the same is not tried again by itself.
        """
        card = replace(card, fingerprint=fingerprint(case))
        channel = self._channel(card.channel, case.conversation)
        if channel is None:
            return card, Refused(
                "the policy has no such channel", f"add [channels.{card.channel}] to the policy and replay"
            )
        chat = self.chats[channel.kind]
        if chat is None:
            cure = with_channels()[channel.kind].cure
            return card, Refused("the relay has no bot for this channel", cure, of_place=True)
        answer = self._answer(case, card)
        try:
            message = chat.cards.draw(answer, channel)
            outcome: Outcome
            if card.message:
                outcome = chat.api.update(card.place, card.message, message, deadline=deadline)
            else:
                posted, outcome = chat.api.post(card.place or channel.place, message, deadline=deadline)
                if posted is not None:
                    card = replace(card, place=posted.place, message=posted.message, addressee=card.place)
        except Outage as outage:
            return card, RetryAfter(outage.what, tried=False)
        return card, outcome

    def _answer(self, case: Case, card: Card) -> Answer:
        """Return the state of a case for one of its cards.

        Only in the card's stages are there live buttons. In all others the card names the people who are awaited.
        """
        key, now = self.ticket_keys[0], self.clock()
        answer = current_answer(case, self.policy, key, self.public_url, now, by=BY_RELAY)
        rule = rule_of(self.policy, case.request)
        if not (card.stages and rule and (answer.ticket or answer.again)):
            return answer
        # The last stage runs a failed release again.
        stage = rule.stages[-1] if answer.again else progress(self.policy, rule, case.request, case.reviews).stage
        if stage.name in card.stages:
            return answer
        people = awaited_names(self.policy, case) if answer.ticket else ""
        return replace(answer, ticket="", again="", needs=f"{answer.needs}: {people}" if people else answer.needs)

    def _channel(self, name: str, conversation: Conversation | None) -> ChatChannel | None:
        """Return a channel of the policy, or the origin of a command as one: the conversation, not its thread."""
        return self.policy.channel(name, without_thread(conversation) if conversation else None)

    def _is_covered(self, conversation: Conversation | None, channels: Collection[str]) -> bool:
        if conversation is None:
            return True
        known = (self.policy.channels[name] for name in channels if name in self.policy.channels)
        own = without_thread(conversation)
        return any((channel.kind, channel.place) == (own.kind, own.id) for channel in known)

    def places(self, channel: ChatChannel) -> tuple[str, ...]:
        """Return the places of a channel: its people, or an empty text for its own conversation."""
        chat = self.chats[channel.kind]
        return chat.places(channel) if chat else ("",)

    def _places(self, channel: ChatChannel | None) -> tuple[str, ...]:
        return self.places(channel) if channel else ("",)

    def _fits(self, request: ApprovalRequest, proof: Proof, channel: ChatChannel) -> str:
        chat = self.chats[channel.kind]
        return chat.cards.fits(request, proof, channel) if chat else ""


def _field(problem: str) -> str:
    """Return the field of a request that a problem of its card comes from."""
    if problem.startswith("sections"):
        return "sections"
    return "actions" if problem.startswith("potentialAction") else "text"
