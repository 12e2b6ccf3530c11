"""A message for a Workflows webhook against its limits.

https://learn.microsoft.com/connectors/teams (size) and, for the form of the message,
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
"""

from collections.abc import Iterator, Mapping
from typing import Final

from relay.chats.adaptive import limits
from relay.chats.adaptive.hosts import WORKFLOWS
from relay.chats.checks import size
from relay.chats.messagecard.limits import HALF
from relay.chats.workflows.card import CONTENT_TYPE

MAX_SIZE: Final = 28 * 1024  # bytes of JSON
_FORM: Final = (
    'the webhook takes {"type": "message", "attachments": [{"contentType": '
    f'"{CONTENT_TYPE}", "contentUrl": null, "content": CARD}}]}}'
)


def check(message: object) -> tuple[str, ...]:
    """Return what is wrong with a message parsed from JSON: each a sentence that says where and what to change."""
    return tuple(_problems(message))


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
    for number, attachment in enumerate(attachments):
        where = f"attachments[{number}]"
        if not isinstance(attachment, Mapping) or attachment.get("contentType") != CONTENT_TYPE:
            yield f'{where}.contentType must be "{CONTENT_TYPE}": {_FORM}'
        else:
            yield from limits.check(attachment.get("content"), WORKFLOWS, f"{where}.content.")
