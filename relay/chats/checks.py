"""Checks of a JSON value of any form, for every kind of card."""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from relay.net.addresses import is_loopback

HALF: Final = "the card holds half a character (a lone surrogate), which UTF-8 cannot carry: send whole characters"


def size(value: object) -> int:
    """Return the size of a value in bytes of JSON. Raises UnicodeEncodeError if it holds half a character."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def size_as_text(value: object) -> int:
    """Return the size of a value as JSON in a JSON string, in which each quote and backslash counts twice."""
    compact = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(json.dumps(compact, ensure_ascii=False).encode())


def filled(value: object) -> bool:
    """Tell whether a value is a text that is not blank."""
    return isinstance(value, str) and bool(value.strip())


def is_pair(value: object, *names: str) -> bool:
    """Tell whether a value is an object with a text by each of the names."""
    return isinstance(value, Mapping) and all(isinstance(value.get(name), str) for name in names)


def is_target(value: object) -> bool:
    """Tell whether a value is an address for presses: https, or http on loopback for a simulator."""
    if is_address(value, "https"):
        return True
    return is_address(value, "http") and is_loopback(str(urlsplit(str(value)).hostname))


def is_address(value: object, *schemes: str) -> bool:
    """Tell whether a value is an address of one of the schemes, with a host."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return parts is not None and parts.scheme in schemes and bool(parts.hostname)
    except ValueError:
        return False
