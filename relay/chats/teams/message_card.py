"""A MessageCard that a bot sends: its HttpPOST comes back to the bot, with the action's `body` and nothing else.

So every HttpPOST on it speaks to the relay, even with another target, and only the relay's own may be on it. A sender's
could carry the ticket of another request under a harmless name.

https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference#connector-card-for-microsoft-365-groups
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from relay.chats.adaptive.sender import open_urls
from relay.chats.labels import RUN_AGAIN, label
from relay.chats.shared.comments import PLACEHOLDER, typed
from relay.chats.shared.message_card import redraw
from relay.errors import Refusal
from relay.model.answer import Answer
from relay.model.delivery import Interaction
from relay.model.people import MAX_COMMENT, Act, Actor, Verdict
from relay.model.values import Json
from relay.signed import canonical_json

_TICKET: Final = r"[A-Za-z0-9_.-]{1,8000}"
_VERDICTS: Final[tuple[Verdict, ...]] = ("approve", "reject")
_ACTS: Final = MappingProxyType[str, Act]({"approve": "approve", "reject": "reject", "again": "again"})
_SECTION: Final = frozenset(
    {"title", "startGroup", "activityImage", "activityTitle", "activitySubtitle", "activityText"}
    | {"heroImage", "text", "facts", "images", "markdown"}
)
_BODY: Final = re.compile(
    rf'\{{"ticket": "({_TICKET})", "verdict": "(approve|reject|again)", "comment": "(.*)"\}}', re.DOTALL
)


def draw_message_card(answer: Answer) -> Json:
    """Draw a case as it is now. Its buttons carry ticket and verdict in the body, for lack of headers.

    Of the sender's actions only the links are kept, and of their sections only the members that are named here.
    """
    request = answer.case.request
    shown = replace(
        request, actions=tuple(_links(request.actions)), sections=tuple(_section(each) for each in request.sections)
    )
    case = replace(answer.case, request=shown)
    card = redraw(case, status=answer.status, needs=answer.needs, target="", ticket=answer.ticket, words=answer.words)
    actions = card.get("potentialAction")
    if answer.again:
        first = _http_post("again", RUN_AGAIN, answer.again)
        return {**card, "potentialAction": [first, *(actions if isinstance(actions, list) else [])]}
    if not answer.ticket or not isinstance(actions, list):
        return card
    ours = [_for_bot(action, verdict, answer) for action, verdict in zip(actions, _VERDICTS, strict=False)]
    return {**card, "potentialAction": [*ours, *actions[len(ours) :]]}


def read_body(body: str, actor: Actor) -> Interaction:
    """Read the body of a press. Raises Refusal malformed.

    Teams puts a person's words into the card's JSON as they are, so a quote or a line break spoils the JSON. Then the
    comment is all between our own text before and after it. Ticket and verdict come before it.
    """
    found = _BODY.fullmatch(body)
    if not found:
        raise Refusal("malformed", "value.body is not what our cards send")
    comment = typed(_comment(body, found[3]))
    if len(comment) > MAX_COMMENT:
        raise Refusal("malformed", "the comment is too long")
    act = _ACTS[found[2]]
    return Interaction(found[1], act, comment.encode("utf-8", "replace").decode(), actor)


def _comment(body: str, words: str) -> str:
    """Return the comment of the JSON, or the typed words if these spoil it."""
    try:
        value = canonical_json.parse(body)
    except ValueError:
        return words
    return str(value["comment"]) if isinstance(value, dict) else words


def _section(section: Json) -> Json:
    """Return a section without anything that may act. Only listed names are kept, since Teams may read names loosely.

    https://learn.microsoft.com/outlook/actionable-messages/message-card-reference#section-fields
    """
    kept = {name: value for name, value in section.items() if name in _SECTION}
    actions = section.get("potentialAction")
    links = _links(each for each in actions if isinstance(each, Mapping)) if isinstance(actions, list) else []
    return {**kept, "potentialAction": links} if links else kept


def _links(actions: Iterable[Json]) -> list[Json]:
    return [
        {"@type": "OpenUri", "name": link["title"], "targets": [{"os": "default", "uri": link["url"]}]}
        for link in open_urls(actions)
    ]


def _for_bot(action: Json, verdict: Verdict, answer: Answer) -> Json:
    """Return one of our buttons as a bot's card has it: an `@id`, no target and no headers."""
    press = _http_post(verdict, label(answer.case.request, verdict, answer.words), answer.ticket, PLACEHOLDER)
    return {**action, "actions": [{**press, "isPrimary": verdict == "approve"}]}


def _http_post(act: Act, name: str, ticket: str, comment: str = "") -> dict[str, object]:
    body = json.dumps({"ticket": ticket, "verdict": act, "comment": comment})
    return {"@type": "HttpPOST", "@id": act, "name": name, "body": body}
