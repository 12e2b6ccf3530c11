"""What Teams takes from a bot.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/user-specific-views
"""

import json
from collections.abc import Mapping
from typing import Final

MESSAGE_CARD_TYPE: Final = "application/vnd.microsoft.teams.card.o365connector"
MAX_SIZE: Final = 80 * 1024  # bytes of JSON; 100 KB are refused with 413, and Teams counts a little more than we send
MAX_USERS: Final = 60  # for whom a card refreshes by itself
ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def size(message: Mapping[str, object]) -> int:
    """Return how many bytes of JSON a message, or an answer to a press, is sent as."""
    return len(ENCODER.encode(message).encode("utf-8", "replace"))
