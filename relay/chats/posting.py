"""A request's cards in the chats: each is posted once, and changed whenever there is something new to show."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from relay.approval.answer import current_answer
from relay.approval.cards import fingerprint
from relay.approval.policy import ChatChannel, Policy
from relay.errors import Outage
from relay.model import Answer, ApprovalRequest, Card, Case, Delivered, Json, Outcome, Proof, Refused, RetryAfter
from relay.signed.tickets import TicketKey

log = logging.getLogger("relay")


class Drawing(Protocol):
    """Who draws a case for a kind of chat."""

    def draw(self, answer: Answer, channel: ChatChannel) -> Json:
        """Return the whole message that shows a case, as the chat's API takes it."""

    def fits(self, request: ApprovalRequest, proof: Proof, channel: ChatChannel) -> str:
        """Return what makes a request's card too large for the chat, empty where it fits."""


class Chat(Protocol):
    """A chat that takes messages and lets the relay change its own."""

    def post(self, place: str, message: Json, *, deadline: float) -> tuple[str, Outcome]:
        """Post a message, once; return what the chat calls it, empty unless it was delivered. Raises Outage."""

    def update(self, place: str, message_id: str, message: Json, *, deadline: float) -> Outcome:
        """Put a message in the place of one posted before. Raises Outage."""


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of all requests: `chats` by the kind of a channel; `clock` returns Unix seconds."""

    chats: Callable[[], Mapping[str, tuple[Drawing, Chat]]]
    policy: Policy
    ticket_keys: Sequence[TicketKey]
    public_url: str
    clock: Callable[[], float]

    def fits(self, request: ApprovalRequest, proof: Proof, channel: str) -> str:
        """Return what makes a request's card too large for a channel of the policy, empty where it fits."""
        found = self.chats().get(self.policy.channels[channel].kind)
        return found[0].fits(request, proof, self.policy.channels[channel]) if found else ""

    def say(self, kind: str, thread: str, message: Json, *, deadline: float) -> None:
        """Answer somebody in a conversation of a kind of chat; what cannot be said is logged, and not owed."""
        found = self.chats().get(kind)
        if found is None:
            return
        try:
            _, outcome = found[1].post(thread, message, deadline=deadline)
        except Outage as outage:
            outcome = RetryAfter(outage.what)
        if not isinstance(outcome, Delivered):
            log.warning("an answer in %s was not posted: %s", kind, outcome.phrase)

    def post_or_update(self, case: Case, card: Card, *, deadline: float) -> tuple[Card, Outcome]:
        """Post a card, or change it, so that it shows the case as it stands; return the card as it is then.

        Whatever comes of it, the card bears the name of what was tried: only something else is tried again by itself.
        """
        card = replace(card, fingerprint=fingerprint(case))
        channel = self.policy.channels.get(card.channel)
        if channel is None:
            return card, Refused(
                "the policy has no such channel", f"add [channels.{card.channel}] to the policy and replay"
            )
        found = self.chats().get(channel.kind)
        if found is None:
            cure = "set RELAY_TEAMS_APP_ID and RELAY_TEAMS_APP_PASSWORD and replay"
            return card, Refused("the relay has no bot for this channel", cure)
        drawing, chat = found
        answer = current_answer(case, self.policy, self.ticket_keys[0], self.public_url, self.clock())
        try:
            message = drawing.draw(answer, channel)
            outcome: Outcome
            if card.message:
                outcome = chat.update(card.place, card.message, message, deadline=deadline)
            else:
                name, outcome = chat.post(channel.place, message, deadline=deadline)
                card = replace(card, place=channel.place, message=name)
        except Outage as outage:
            return card, RetryAfter(outage.what, tried=False)
        return card, outcome
