"""The drawing of a case for Teams: an Adaptive Card of version 1.4. Its Action.Execute presses come to the bot.

https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/user-specific-views
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.approval.awaited import awaited
from relay.approval.policy import ChatChannel, Person, Policy
from relay.chats.adaptive.body import Mention, current, entities
from relay.chats.adaptive.elements import Element, text_block
from relay.chats.adaptive.sender import open_urls
from relay.chats.bidi import straight
from relay.chats.labels import RUN_AGAIN, label
from relay.chats.shared.messages import ADAPTIVE_CARD_TYPE, MESSAGE_CARD_TYPE
from relay.chats.shared.released import sample_case, shortened
from relay.chats.teams.limits import MAX_SIZE, MAX_USERS, size
from relay.chats.teams.message_card import draw_message_card
from relay.model.answer import Answer
from relay.model.people import MAX_COMMENT, Act, Verdict
from relay.model.request import ApprovalRequest, Proof
from relay.model.values import Json

VERDICTS: Final[tuple[Verdict, ...]] = ("approve", "reject")
AGAIN: Final[Act] = "again"
REFRESH: Final = "refresh"
COMMENT: Final = "comment"
_MESSAGE_CARD: Final = "messagecard"  # the form of card of a channel that asks for MessageCards
_TOLD: Final = ("pending", "approved-refused")  # the card itself says it, with the reason of GitHub's refusal
_STYLES: Final = {"approve": "positive", "reject": "destructive"}
_SAMPLE_TICKET: Final = "x" * 600  # as long as that of a registered request can be
_SAMPLE_NEEDS: Final = "x" * 200


@dataclass(frozen=True, slots=True)
class TeamsCards:
    """The cards of Teams: the `policy` names the approvers, `public_url` is the origin of the review page."""

    policy: Policy
    public_url: str

    def draw(self, answer: Answer, channel: ChatChannel) -> Json:
        """Return the whole message that shows a case to everyone in a conversation.

        `refresh.userIds` holds Entra object ids; posting puts the conversation's own ids in their place.
        """
        if channel.card == _MESSAGE_CARD:
            return _shortened(answer, lambda less: _message(less, MESSAGE_CARD_TYPE, draw_message_card(less)))
        return _shortened(answer, lambda less: _message(less, ADAPTIVE_CARD_TYPE, self._card(less)))

    def fits(self, request: ApprovalRequest, proof: Proof, channel: ChatChannel) -> str:
        """Return why a channel cannot show a request's card, in a sentence, or an empty text if it can.

        Later comments are cut as far as needed; their authors' names have the room up to the 100 KB of Teams.
        """
        ticket = _SAMPLE_TICKET if request.event_type else ""
        first = Answer("pending", "", sample_case(request, proof), "pending", _SAMPLE_NEEDS, ticket)
        found = size(self.draw(first, channel))
        if found <= MAX_SIZE:
            return _misfit(first) if channel.card == _MESSAGE_CARD else ""
        return (
            f"the card for the channel {channel.name} has {found} bytes of JSON and {MAX_SIZE} are taken (80 KB): "
            "shorten the text, facts and sections"
        )

    def answer(self, answer: Answer, member: str) -> Json:
        """Return the card for the one person who pressed or looked, with the outcome of their press.

        `member` is their id in the conversation: for them it goes on refreshing by itself.
        """
        return _shortened(answer, lambda less: self._card(less, member))

    def _card(self, answer: Answer, member: str = "") -> Json:
        case, request = answer.case, answer.case.request
        people = awaited(self.policy, case, _entra_id)[:MAX_USERS] if answer.ticket else ()
        mentions = [Mention(person.name, _object_id(person.entra)) for person in people]
        body = current(
            case, status=answer.status, needs=answer.needs, words=answer.words, mentions=mentions, local=True
        )
        if member and answer.code not in _TOLD:
            body = [text_block(answer.sentence, weight="bolder"), *body]
        links = open_urls(request.actions)
        if answer.ticket:
            body += [_comment(request, answer.comment), {"type": "ActionSet", "actions": self._buttons(answer)}]
        if answer.again:
            body.append({"type": "ActionSet", "actions": [self._act(answer, AGAIN, RUN_AGAIN, answer.again)]})
        if links:
            # In a row of their own, apart from the buttons that decide.
            body.append({"type": "ActionSet", "separator": True, "spacing": "large", "actions": links})
        card: dict[str, object] = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": body,
            "msteams": {"width": "full", **({"entities": entities(mentions)} if mentions else {})},
        }
        if answer.ticket:
            card["refresh"] = _refresh(answer.ticket, [member] if member else [mention.id for mention in mentions])
        return card

    def _buttons(self, answer: Answer) -> list[Element]:
        request = answer.case.request
        titles = {verdict: label(request, verdict, answer.words) for verdict in VERDICTS}
        acts = ((verb, self._act(answer, verb, title, answer.ticket)) for verb, title in titles.items())
        return [{**act, "style": _STYLES[verb]} for verb, act in acts]

    def _act(self, answer: Answer, verb: Act, title: str, ticket: str) -> Element:
        page = f"{self.public_url}/api/review/{answer.case.request.id}"
        return {
            "type": "Action.Execute",
            "title": title,
            "verb": verb,
            "data": {"ticket": ticket},
            # A client that is too old for the press still opens the page where the same can be said.
            "fallback": {"type": "Action.OpenUrl", "title": title, "url": page},
        }


def _entra_id(person: Person) -> str:
    return f"entra:{person.entra}" if person.entra else ""


def _misfit(first: Answer) -> str:
    from relay.chats.shared import message_card_limits  # noqa: PLC0415 - a press does without

    problems = message_card_limits.check(draw_message_card(first), bot=True)
    return next((f"as a card, {problem}" for problem in problems), "")


def _comment(request: ApprovalRequest, typed: str) -> Element:
    required = request.require_comment
    return {
        "type": "Input.Text",
        "id": COMMENT,
        "label": "Comment" if required else "Comment (optional)",
        "isMultiline": True,
        "maxLength": MAX_COMMENT,
        **({"value": typed} if typed else {}),
        **({"isRequired": True, "errorMessage": "A comment is required."} if required else {}),
    }


def _refresh(ticket: str, ids: Sequence[str]) -> Element:
    """Return the card's refresh. Without userIds Teams refreshes it for all members of a small conversation."""
    action = {"type": "Action.Execute", "title": "Refresh", "verb": REFRESH, "data": {"ticket": ticket}}
    return {"action": action, **({"userIds": list(ids)} if ids else {})}


def _message(answer: Answer, content_type: str, card: Json) -> Json:
    request = answer.case.request
    summary = straight(request.summary or request.title)
    return {"type": "message", "summary": summary, "attachments": [{"contentType": content_type, "content": card}]}


def _shortened(answer: Answer, draw: Callable[[Answer], Json]) -> Json:
    """Draw a card of the size that Teams takes, with the comments cut as far as needed."""
    for case in shortened(answer.case):
        drawn = draw(replace(answer, case=case))
        if size(drawn) <= MAX_SIZE:
            break
    return drawn


def _object_id(entra: str) -> str:
    return entra.rpartition("/")[2]
