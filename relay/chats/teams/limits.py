"""The limits of Teams for a bot's messages.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/user-specific-views
"""

import json
from collections.abc import Mapping
from typing import Final

from relay.chats.checks import HALF
from relay.chats.checks import size as size_on_the_wire

# Bytes of JSON; 100 KB are refused with 413, and Teams counts a little more than we send. Its page says that it counts
# UTF-16, reports from 2025 say UTF-8 (microsoft/BotFramework-Services, issue 228): the larger of both is safe.
MAX_SIZE: Final = 80 * 1024
MAX_USERS: Final = 60  # for whom a card refreshes by itself
ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def size(message: Mapping[str, object]) -> int:
    """Return the size of a message, or of an answer to a press: bytes of JSON, in UTF-8 or UTF-16, the larger."""
    text = ENCODER.encode(message)
    return max(len(text.encode("utf-8", "replace")), len(text.encode("utf-16-le", "replace")))


def breaches(found: object) -> tuple[str, ...]:
    """Return each limit that a bot's message, an answer to a press, or a bare card breaks."""
    from relay.chats.adaptive import limits  # noqa: PLC0415 - a cold press does without
    from relay.chats.adaptive.hosts import TEAMS  # noqa: PLC0415 - as above
    from relay.chats.shared import message_card_limits  # noqa: PLC0415 - as above
    from relay.chats.shared.messages import MESSAGE_CARD_TYPE, adaptive_cards, attached  # noqa: PLC0415 - as above

    held = adaptive_cards(found)
    old = attached(found, MESSAGE_CARD_TYPE) if isinstance(found, Mapping) else []
    if not held and not old:
        return ("there is no Adaptive Card: a bot's message has it among its attachments",)
    problems = [problem for where, card in held for problem in limits.check(card, TEAMS, where)]
    problems += [f"{where}{problem}" for where, card in old for problem in message_card_limits.check(card, bot=True)]
    try:
        size_on_the_wire(found)
    except UnicodeEncodeError:
        return (*problems, HALF)
    length = size(found) if isinstance(found, Mapping) else 0
    if length > MAX_SIZE:
        limit = f"the message has {length} bytes of JSON and {MAX_SIZE} are safe (Teams refuses 100 KB)"
        problems.append(f"{limit}: shorten its texts and facts")
    return tuple(problems)
