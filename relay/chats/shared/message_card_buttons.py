"""The buttons of a MessageCard: those that press at the relay, and the sender's."""

from collections.abc import Iterable

from relay.chats.labels import RUN_AGAIN, label, opener
from relay.chats.shared.comments import BODY
from relay.model.answer import NO_WORDS, Words
from relay.model.people import MAX_COMMENT, Act, Verdict
from relay.model.request import ApprovalRequest
from relay.model.values import Json


def run_again(target: str, ticket: str, originator: str) -> dict[str, object]:
    """Draw the button that runs a failed release again, with one press and without a comment."""
    return {
        "@type": "HttpPOST",
        "name": RUN_AGAIN,
        "target": target,
        "headers": _headers(ticket, "again", originator),
        "body": "",
        "bodyContentType": "application/json",
    }


def verdict_buttons(
    request: ApprovalRequest, target: str, ticket: str, originator: str, typed: str = "", words: Words = NO_WORDS
) -> list[Json]:
    """Draw Approve and Reject, each opening a field for the comment. `typed` is the comment that it begins with."""
    required = request.require_comment
    comment = {
        "@type": "TextInput",
        "id": "comment",
        "title": "Comment (required)" if required else "Comment (optional)",
        "isMultiline": True,
        "isRequired": required,
        "maxLength": MAX_COMMENT,
        **({"value": typed} if typed else {}),
    }
    verdicts: tuple[Verdict, ...] = ("approve", "reject")
    return [
        {
            "@type": "ActionCard",
            "name": opener(request, verdict, words),
            "inputs": [comment],
            "actions": [
                {
                    "@type": "HttpPOST",
                    "name": label(request, verdict, words),
                    "isPrimary": verdict == "approve",
                    "target": target,
                    "headers": _headers(ticket, verdict, originator),
                    "body": BODY,
                    "bodyContentType": "application/json",
                }
            ],
        }
        for verdict in verdicts
    ]


def _headers(ticket: str, act: Act, originator: str) -> list[dict[str, str]]:
    named = [{"name": "Relay-Originator", "value": originator}] if originator else []
    return [{"name": "Relay-Ticket", "value": ticket}, {"name": "Relay-Verdict", "value": act}, *named]


def only_links(actions: Iterable[Json]) -> list[Json]:
    """Return the actions that open an address."""
    return [action for action in actions if action.get("@type") == "OpenUri"]


def without_buttons(section: Json) -> Json:
    """Return a section with no actions but links."""
    actions = section.get("potentialAction")
    if not isinstance(actions, list):
        return section
    return {**section, "potentialAction": only_links(action for action in actions if isinstance(action, dict))}
