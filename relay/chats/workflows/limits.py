"""A message for a Workflows webhook against its limits.

https://learn.microsoft.com/connectors/teams (size) and, for the form of the message,
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
"""

from collections.abc import Iterator, Mapping
from typing import Final

from relay.chats.adaptive import limits
from relay.chats.adaptive.hosts import WORKFLOWS
from relay.chats.checks import HALF, size, size_as_text
from relay.chats.shared import message_card_limits
from relay.chats.shared.messages import ADAPTIVE_CARD_TYPE as CONTENT_TYPE
from relay.chats.shared.messages import objects
from relay.chats.workflows.card import wrapped

MAX_SIZE: Final = 28 * 1024  # bytes of JSON
_NO_BUTTONS: Final = (
    "potentialAction: Teams draws no buttons of a MessageCard that comes through Workflows: send an Adaptive Card"
)
_FORM: Final = (
    'the webhook takes {"type": "message", "attachments": [{"contentType": '
    f'"{CONTENT_TYPE}", "contentUrl": null, "content": CARD}}]}}'
)


def check(message: object) -> tuple[str, ...]:
    """Return each problem of a message parsed from JSON: a sentence with the place and the cure."""
    return tuple(_problems(message))


def breaches(found: object) -> tuple[str, ...]:
    """Return each problem of a message, of a bare card as if it were in one, or of a MessageCard."""
    if isinstance(found, Mapping) and found.get("type") == "AdaptiveCard":
        return tuple(problem.removeprefix("attachments[0].content.") for problem in check(wrapped(found)))
    if not isinstance(found, Mapping) or found.get("@type") != "MessageCard":
        return check(found)
    dead = any(each.get("potentialAction") for each in (found, *objects(found.get("sections"))))
    return (*message_card_limits.check(found), *((_NO_BUTTONS,) if dead else ()))


def _problems(message: object) -> Iterator[str]:
    if not isinstance(message, Mapping):
        yield "the message must be a JSON object"
        return
    attachments = message.get("attachments")
    if message.get("type") != "message" or not isinstance(attachments, list) or not attachments:
        yield f"{_FORM}: put the card into it"
        return
    try:
        found = size(message)
    except UnicodeEncodeError:
        yield HALF
        return
    if found > MAX_SIZE:
        yield f"the message has {found} bytes of JSON and {MAX_SIZE} are taken (28 KB): shorten its texts and facts"
        return
    for number, attachment in enumerate(attachments):
        where = f"attachments[{number}]"
        if not isinstance(attachment, Mapping) or attachment.get("contentType") != CONTENT_TYPE:
            yield f'{where}.contentType must be "{CONTENT_TYPE}": {_FORM}'
        else:
            yield from _stored(attachment.get("content"), where)
            yield from limits.check(attachment.get("content"), WORKFLOWS, f"{where}.content.")


def _stored(card: object, where: str) -> Iterator[str]:
    """Yield the problem of a card that Teams cannot store: it stores the card as a JSON string.

    https://github.com/MicrosoftDocs/msteams-docs/issues/11274
    """
    found = size_as_text(card)
    if found > MAX_SIZE:
        yield (
            f"{where}: Teams stores the card as a JSON string of {found} bytes, in which each quotation mark counts "
            f"twice, and {MAX_SIZE} are taken (28 KB): shorten its texts, or send fewer facts and elements"
        )
