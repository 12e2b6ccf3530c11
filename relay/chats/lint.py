"""Any card against the limits of its platform, which is known by the card's shape."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from relay.chats.adaptive import limits as adaptive
from relay.chats.adaptive.hosts import OUTLOOK, TEAMS
from relay.chats.checks import size
from relay.chats.messagecard import limits as messagecard
from relay.chats.teams.limits import MAX_SIZE, MESSAGE_CARD_TYPE
from relay.chats.workflows import limits as workflows
from relay.chats.workflows.card import CONTENT_TYPE, wrapped
from relay.model import Json

PLATFORMS: Final = MappingProxyType(
    {
        "messagecard": "MessageCards",
        "workflows": "Teams through Workflows",
        "teams": "Teams by a bot",
        "outlook": "Outlook",
    }
)
# What a message of the Bot Framework has, and one for a Workflows webhook has not.
_OF_AN_ACTIVITY: Final = frozenset(
    {"from", "recipient", "conversation", "channelId", "channelData", "serviceUrl", "id", "replyToId"}
)

_UNKNOWN: Final = (
    'no card that is known here: @type must be "MessageCard", or type "AdaptiveCard", or type "message" with an '
    "Adaptive Card among its attachments"
)


def platforms(found: object) -> tuple[str, ...]:
    """Return where something of this shape can be meant for, by the names of `PLATFORMS`."""
    if not isinstance(found, Mapping) or "@type" in found:
        return ("messagecard",)
    attachments = found.get("attachments")
    if found.get("type") == "message" and isinstance(attachments, list):
        if not _OF_AN_ACTIVITY.isdisjoint(found) or _attached(found, MESSAGE_CARD_TYPE):
            return ("teams",)
        said = any(isinstance(each, Mapping) and "contentUrl" in each for each in attachments)
        return ("teams",) if "summary" in found and not said else ("workflows",)
    if "statusCode" in found:
        return ("teams",)
    return ("workflows", "teams", "outlook") if found.get("type") == "AdaptiveCard" else ("messagecard",)


def lint(found: object, platform: str) -> tuple[str, ...]:
    """Return what is wrong for a platform, and what will not look as it was meant: each says where, and the cure."""
    return (*breaches(found, platform), *advice(found))


def breaches(found: object, platform: str) -> tuple[str, ...]:
    """Return which limits of a platform are broken.

    A bare Adaptive Card counts for each platform as if it were sent as that platform takes it.
    """
    return _CHECKS[platform](found)


def advice(found: object) -> tuple[str, ...]:
    """Return what will not look as it was meant."""
    return tuple(problem for where, card in cards(found) for problem in adaptive.advice(card, where))


def cards(found: object) -> list[tuple[str, Json]]:
    """Return the Adaptive Cards in something of any shape, each with what stands before its places."""
    if not isinstance(found, Mapping):
        return []
    if found.get("type") == "AdaptiveCard":
        return [("", found)]
    if "statusCode" in found and isinstance(found.get("value"), Mapping):
        return [("value.", found["value"])]
    return _attached(found, CONTENT_TYPE)


def _attached(found: Json, content_type: str) -> list[tuple[str, Json]]:
    return [
        (f"attachments[{number}].content.", each["content"])
        for number, each in enumerate(_list(found.get("attachments")))
        if isinstance(each, Mapping) and each.get("contentType") == content_type
        if isinstance(each.get("content"), Mapping)
    ]


def _messagecard(found: object) -> tuple[str, ...]:
    if not isinstance(found, Mapping) or found.get("@type") == "MessageCard":
        return messagecard.check(found)
    return (_UNKNOWN,)


def _workflows(found: object) -> tuple[str, ...]:
    if isinstance(found, Mapping) and found.get("type") == "AdaptiveCard":
        return tuple(problem.removeprefix("attachments[0].content.") for problem in workflows.check(wrapped(found)))
    if not isinstance(found, Mapping) or found.get("@type") != "MessageCard":
        return workflows.check(found)
    held = [found, *(each for each in _list(found.get("sections")) if isinstance(each, Mapping))]
    dead = any(each.get("potentialAction") for each in held)
    told = (
        "potentialAction: Teams draws no buttons of a MessageCard that comes through Workflows: send an Adaptive Card"
    )
    return (*messagecard.check(found), *((told,) if dead else ()))


def _teams(found: object) -> tuple[str, ...]:
    held = cards(found)
    old = _attached(found, MESSAGE_CARD_TYPE) if isinstance(found, Mapping) else []
    if not held and not old:
        return ("there is no Adaptive Card: a bot's message has it among its attachments",)
    problems = [problem for where, card in held for problem in adaptive.check(card, TEAMS, where)]
    problems += [f"{where}{problem}" for where, card in old for problem in messagecard.check(card, bot=True)]
    try:
        length = size(found)
    except UnicodeEncodeError:
        return (*problems, messagecard.HALF)
    if length > MAX_SIZE:
        limit = f"the message has {length} bytes of JSON and {MAX_SIZE} are safe (Teams refuses 100 KB)"
        problems.append(f"{limit}: shorten its texts and facts")
    return tuple(problems)


def _outlook(found: object) -> tuple[str, ...]:
    if isinstance(found, Mapping) and found.get("@type") == "MessageCard":
        return messagecard.check(found)
    return tuple(adaptive.check(found, OUTLOOK))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


_CHECKS: Final[Mapping[str, Callable[[object], tuple[str, ...]]]] = MappingProxyType(
    {"messagecard": _messagecard, "workflows": _workflows, "teams": _teams, "outlook": _outlook}
)
