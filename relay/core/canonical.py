"""Canonical JSON: one spelling for one value, so that digests and signatures agree everywhere."""

import hashlib
import json
import re
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Final, NoReturn

MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**53 - 1
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BASE64URL: Final = re.compile(rb"[A-Za-z0-9_-]*")


def parse(data: bytes | str) -> object:
    """Parse JSON strictly: UTF-8, no duplicate keys, no NaN or Infinity, at most `MAX_DEPTH` deep.

    Raises ValueError for anything else, whatever the bytes are. Floats are left to `check`.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if _depth_exceeds(value, MAX_DEPTH):
        raise ValueError("nested too deeply")
    return value


def check(value: object, path: str = "") -> None:  # noqa: C901 - one case for each kind of JSON
    """Raise ValueError, with the path and the cure, where `value` has no canonical form."""
    match value:
        case None | bool():
            return
        case str():
            if _SURROGATE.search(value):
                raise ValueError(f"{path or 'value'}: a lone surrogate is not text; send whole characters")
        case int():
            if abs(value) > MAX_INTEGER:
                raise ValueError(f"{path or 'value'}: integers end at 2^53-1; send it as a string")
        case float():
            raise ValueError(f"{path or 'value'}: floats have no canonical form; send it as a string")
        case dict():
            for key, item in value.items():
                if not isinstance(key, str):
                    raise ValueError(f"{path or 'value'}: keys are strings")
                check(key, f"{path}.key" if path else "key")
                check(item, f"{path}.{key}" if path else key)
        case list() | tuple():
            for index, item in enumerate(value):
                check(item, f"{path}[{index}]")
        case _:
            raise ValueError(f"{path or 'value'}: not JSON")


def encode(value: object) -> bytes:
    """Return the canonical bytes: UTF-8, keys sorted by code point, no white space.

    Raises ValueError where `check` would.
    """
    check(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(value: object) -> str:
    """Return 160 bits of SHA-256 of the canonical bytes as 32 characters, safe in URLs, paths and shells."""
    return b32encode(hashlib.sha256(encode(value)).digest()[:20]).decode().lower()


def sha256(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def base64url(data: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Decode base64url without padding; ValueError for any other alphabet, length or trailing bits."""
    raw = text.encode()
    if not _BASE64URL.fullmatch(raw):
        raise ValueError("not base64url")
    data = urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
    if base64url(data) != text:
        raise ValueError("not canonical base64url")
    return data


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate keys")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _depth_exceeds(value: object, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
