"""What the checks of every kind of card ask of a value that may be anything."""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from relay.net.addresses import is_loopback

HALF: Final = "the card holds half a character (a lone surrogate), which UTF-8 cannot carry: send whole characters"


def size(value: object) -> int:
    """Return how many bytes of JSON a value has; UnicodeEncodeError where it holds half a character."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def filled(value: object) -> bool:
    """Tell whether it is a text that says something."""
    return isinstance(value, str) and bool(value.strip())


def is_pair(value: object, *names: str) -> bool:
    """Tell whether it is an object with a text by each of the names."""
    return isinstance(value, Mapping) and all(isinstance(value.get(name), str) for name in names)


def is_target(value: object) -> bool:
    """Take https, and http on loopback, which only a simulator on the same machine can press."""
    if is_address(value, "https"):
        return True
    return is_address(value, "http") and is_loopback(str(urlsplit(str(value)).hostname))


def is_address(value: object, *schemes: str) -> bool:
    """Tell whether it is an address of one of the schemes, with a host."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        return parts is not None and parts.scheme in schemes and bool(parts.hostname)
    except ValueError:
        return False
