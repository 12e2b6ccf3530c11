"""A request's cards in the chats: each is posted once, and updated whenever there is something new to show."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.approval.answer import current_answer
from relay.approval.cards import fingerprint, wanted_channels
from relay.approval.policy import Policy, progress, rule_of
from relay.chats.contract import Posting
from relay.chats.table import BY_DEFAULT, CHATS
from relay.errors import Outage, malformed
from relay.journal import log as journal
from relay.model import Answer, ApprovalRequest, Aside, Card, Case, Delivered, Outcome, Proof, Refused, RetryAfter
from relay.signed.tickets import BY_RELAY, TicketKey

_AS_A_CARD: Final = "as a card, "


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards of all requests: `chats` by the kind of a channel, None where a chat is not configured."""

    chats: Mapping[str, Posting | None]
    policy: Policy
    ticket_keys: Sequence[TicketKey]
    public_url: str
    clock: Callable[[], float]

    def check_fits(self, request: ApprovalRequest, proof: Proof) -> None:
        """Ask the request's own chats whether they can show it. Raises Refusal malformed, naming the field at fault.

        Without channels the asker posts the card.
        """
        problems = [self._fits(request, proof, name) for name in wanted_channels(self.policy, request)]
        if not request.channels:
            problems += [CHATS[BY_DEFAULT].fits(request, proof)]
        for problem in filter(None, problems):
            raise malformed(_field(problem.removeprefix(_AS_A_CARD)), problem)

    def wanted(self, request: ApprovalRequest) -> list[Card]:
        """Return the cards of a request: of its own channels, of its rule's, and of the stages'."""
        channels = wanted_channels(self.policy, request).items()
        return [Card(name, place, stages=stages) for name, stages in channels for place in self._places(name)]

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
            journal.write(
                "notified", {"outcome": "not posted", "channel": kind, "reason": outcome.phrase}, logging.WARNING
            )

    def post_or_update(self, case: Case, card: Card, *, deadline: float) -> tuple[Card, Outcome]:
        """Post a card, or update it, so that it shows the case as it is now; return the new card.

        The card has the fingerprint of the attempt, even of a failed one: the same is not tried again by itself.
        """
        card = replace(card, fingerprint=fingerprint(case))
        channel = self.policy.channels.get(card.channel)
        if channel is None:
            return card, Refused(
                "the policy has no such channel", f"add [channels.{card.channel}] to the policy and replay"
            )
        chat = self.chats[channel.kind]
        if chat is None:
            return card, Refused("the relay has no bot for this channel", CHATS[channel.kind].cure)
        answer = self._answer(case, card)
        try:
            message = chat.cards.draw(answer, channel)
            outcome: Outcome
            if card.message:
                outcome = chat.api.update(card.place, card.message, message, deadline=deadline)
            else:
                posted, outcome = chat.api.post(card.place or channel.place, message, deadline=deadline)
                if posted is not None:
                    card = replace(card, place=posted.place, message=posted.message)
        except Outage as outage:
            return card, RetryAfter(outage.what, tried=False)
        return card, outcome

    def _answer(self, case: Case, card: Card) -> Answer:
        """Return the state of a case for one of its cards; only in the card's stages are there live buttons."""
        key, now = self.ticket_keys[0], self.clock()
        answer = current_answer(case, self.policy, key, self.public_url, now, by=BY_RELAY)
        rule = rule_of(self.policy, case.request)
        if not (card.stages and answer.ticket and rule):
            return answer
        stage = progress(self.policy, rule, case.request, case.reviews).stage.name
        return answer if stage in card.stages else replace(answer, ticket="")

    def _places(self, name: str) -> tuple[str, ...]:
        channel = self.policy.channels.get(name)
        chat = self.chats[channel.kind] if channel else None
        return chat.places(channel) if channel and chat else ("",)

    def _fits(self, request: ApprovalRequest, proof: Proof, name: str) -> str:
        channel = self.policy.channels[name]
        chat = self.chats[channel.kind]
        return chat.cards.fits(request, proof, channel) if chat else ""


def _field(problem: str) -> str:
    """Return the field of a request that a problem of its card comes from."""
    if problem.startswith("sections"):
        return "sections"
    return "actions" if problem.startswith("potentialAction") else "text"
