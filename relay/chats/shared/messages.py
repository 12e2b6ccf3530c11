"""Shapes of the messages that carry cards: attachments, a bot's activity, an answer to a press."""

from collections.abc import Mapping
from typing import Final

from relay.model.values import Json

ADAPTIVE_CARD_TYPE: Final = "application/vnd.microsoft.card.adaptive"
MESSAGE_CARD_TYPE: Final = "application/vnd.microsoft.teams.card.o365connector"
# Members of a message of the Bot Framework. A message for a Workflows webhook has none of them.
_OF_AN_ACTIVITY: Final = frozenset(
    {"from", "recipient", "conversation", "channelId", "channelData", "serviceUrl", "id", "replyToId"}
)


def is_message(found: Mapping[str, object]) -> bool:
    """Tell whether an object is a message with a list of attachments."""
    return found.get("type") == "message" and isinstance(found.get("attachments"), list)


def is_by_bot(message: Mapping[str, object]) -> bool:
    """Tell whether a bot sends a message, as opposed to a message for a Workflows webhook."""
    if not _OF_AN_ACTIVITY.isdisjoint(message) or attached(message, MESSAGE_CARD_TYPE):
        return True
    # A webhook's message has a contentUrl and no summary; Bot Framework's may have a summary.
    attachments = objects(message.get("attachments"))
    return "summary" in message and not any("contentUrl" in each for each in attachments)


def adaptive_cards(found: object) -> list[tuple[str, Json]]:
    """Return the Adaptive Cards in a JSON value of any form, each with the prefix of its places."""
    if not isinstance(found, Mapping):
        return []
    if found.get("type") == "AdaptiveCard":
        return [("", found)]
    if "statusCode" in found and isinstance(found.get("value"), Mapping):
        return [("value.", found["value"])]
    return attached(found, ADAPTIVE_CARD_TYPE)


def attached(message: Json, content_type: str) -> list[tuple[str, Json]]:
    """Return the cards of a type among a message's attachments, each with the prefix of its places."""
    attachments = message.get("attachments")
    return [
        (f"attachments[{number}].content.", each["content"])
        for number, each in enumerate(attachments if isinstance(attachments, list) else [])
        if isinstance(each, Mapping) and each.get("contentType") == content_type
        if isinstance(each.get("content"), Mapping)
    ]


def objects(value: object) -> list[Json]:
    """Return the objects of a list, or nothing if it is no list."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
