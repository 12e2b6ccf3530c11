"""The drawing of a request for a Workflows webhook: an Adaptive Card in a message.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
"""

from collections.abc import Sequence

from relay.chats.adaptive import body
from relay.chats.adaptive.body import Mention
from relay.chats.adaptive.elements import Element
from relay.chats.adaptive.sender import open_urls
from relay.chats.bidi import straight
from relay.chats.shared.messages import ADAPTIVE_CARD_TYPE
from relay.model.request import ApprovalRequest, Proven
from relay.model.values import Json


def draw(
    request: ApprovalRequest, *, review_url: str, proven: Proven, mentions: Sequence[Mention] = ()
) -> dict[str, object]:
    """Draw the whole message. Its button opens `review_url`, the page where people decide; a notification has none."""
    teams: dict[str, object] = {"width": "full"}
    if mentions:
        teams["entities"] = body.entities(mentions)
    card: dict[str, object] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        # A flow fails on newer ones; what is drawn is older still, for phones.
        "version": "1.4",
        "msteams": teams,
        "body": body.first(request, proven=proven, mentions=mentions, local=True),
    }
    actions = _buttons(request, review_url)
    if actions:
        card["actions"] = actions
    return wrapped(card)


def wrapped(card: Json) -> dict[str, object]:
    """Return the message around a card."""
    attachment = {"contentType": ADAPTIVE_CARD_TYPE, "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _buttons(request: ApprovalRequest, review_url: str) -> list[Element]:
    buttons: list[Element] = []
    if request.event_type:
        buttons.append({"type": "Action.OpenUrl", "title": _label(request), "url": review_url, "style": "positive"})
    if request.run_url:
        buttons.append({"type": "Action.OpenUrl", "title": "Open the run", "url": request.run_url})
    return [*buttons, *open_urls(request.actions)]


def _label(request: ApprovalRequest) -> str:
    if request.approve_label or request.reject_label:
        return straight(f"Review: {request.approve_label or 'Approve'} or {request.reject_label or 'Reject'}")
    return "Review and decide"
