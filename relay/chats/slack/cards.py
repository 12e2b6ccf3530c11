"""The cards of Slack's channels. They mention the awaited approvers; their size is checked at the request."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from relay.approval.awaited import awaited
from relay.approval.policy import ChatChannel, Person, Policy
from relay.chats.shared.released import sample_case
from relay.chats.slack.card import draw
from relay.chats.slack.limits import breaches
from relay.model.answer import Answer
from relay.model.request import ApprovalRequest, Proof
from relay.model.values import Json

_SAMPLE_TICKET: Final = "x" * 600  # as long as that of a registered request can be
_SAMPLE_NEEDS: Final = "x" * 200
_SAMPLE_PEOPLE: Final = ("U" + "0" * 20,) * 11


@dataclass(frozen=True, slots=True)
class SlackCards:
    """The cards of Slack: the `policy` names the approvers, who are known by their ids in `teams`."""

    policy: Policy
    teams: Collection[str]

    def draw(self, answer: Answer, channel: ChatChannel) -> Json:
        """Return the whole message that shows a case to everyone in a conversation."""
        del channel
        return self.message(answer)

    def message(self, answer: Answer) -> Json:
        """Return the message that shows a case; it mentions the awaited approvers."""
        people = awaited(self.policy, answer.case, self._proven_id) if answer.ticket else ()
        return draw(answer, mentions=[self.user(person) for person in people])

    def fits(self, request: ApprovalRequest, proof: Proof, channel: ChatChannel) -> str:
        """Return why a request's card is too large for a channel, in a sentence; empty where Slack takes it.

        What people write later is cut as far as needed.
        """
        ticket = _SAMPLE_TICKET if request.event_type else ""
        first = Answer("pending", "", sample_case(request, proof), "pending", _SAMPLE_NEEDS, ticket)
        problem = next(iter(breaches(draw(first, mentions=_SAMPLE_PEOPLE))), "")
        return f"the card for the channel {channel.name}: {problem}" if problem else ""

    def places(self, channel: ChatChannel) -> tuple[str, ...]:
        """Return the people of a channel, to whom Slack opens a conversation each; else the channel's own place."""
        if not channel.people:
            return ("",)
        people = (self.policy.people[key] for key in channel.people)
        # A person who is known under other teams alone is written to all the same: Slack says whether it can be.
        return tuple(self.user(person) or _user_of(person.slack[0]) for person in people if person.slack)

    def user(self, person: Person) -> str:
        """Return a person's user id in the first of their teams whose people may act; empty where there is none."""
        return _user_of(self._proven_id(person))

    def _proven_id(self, person: Person) -> str:
        found = next((each for each in person.slack if each.partition("/")[0] in self.teams), "")
        return f"slack:{found}" if found else ""


def _user_of(identifier: str) -> str:
    return identifier.rpartition("/")[2]
