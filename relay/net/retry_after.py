"""The Retry-After header of HTTP, as far as it can be believed. Pure.

https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

DAY: Final = 86_400
SECONDS: Final = re.compile(r"[0-9]{1,12}")


def retry_after(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds that Retry-After asks for, or 0 if it is missing, unreadable, past, or longer than a day."""
    value = headers.get("retry-after", "").strip()
    if SECONDS.fullmatch(value):
        return believable(float(value))
    try:
        at = parsedate_to_datetime(value)
        return believable((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError):
        return 0.0


def believable(seconds: float) -> float:
    """Return a wait in whole seconds, rounded up, or 0 if it is past or longer than a day."""
    return float(math.ceil(seconds)) if 0 < seconds <= DAY else 0.0
