"""What Teams takes from a bot.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/user-specific-views
"""

import json
from collections.abc import Mapping
from typing import Final

MAX_SIZE: Final = 80 * 1024  # bytes of JSON; 100 KB are refused with 413, and Teams counts a little more than we send
MAX_USERS: Final = 60  # for whom a card refreshes by itself
ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def fits(message: Mapping[str, object]) -> bool:
    """Tell whether a message, or an answer to a press, is one that Teams takes."""
    return len(ENCODER.encode(message).encode("utf-8", "replace")) <= MAX_SIZE
