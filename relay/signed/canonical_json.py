"""Canonical JSON: one spelling for each value, so that digests and signatures agree everywhere."""

import hashlib
import json
import re
from base64 import b32encode, urlsafe_b64encode
from binascii import a2b_base64
from collections.abc import Sequence
from typing import Any, Final, NoReturn

MAX_DEPTH: Final = 32
MAX_INTEGER: Final = 2**53 - 1
TOO_DEEP: Final = "nested too deeply"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_TO_BASE64: Final = bytes.maketrans(b"-_+/=", b"+/!!!")  # the characters of plain base64 become invalid


def parse(data: bytes | str) -> object:
    """Parse JSON strictly: UTF-8, no duplicate keys, no NaN or Infinity, at most `MAX_DEPTH` deep.

    Raises ValueError for anything else. Floats are left to `check`.
    """
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    if text.count("{") + text.count("[") > MAX_DEPTH and is_deeper(value, MAX_DEPTH):
        raise ValueError(TOO_DEEP)
    return value


def members(data: bytes) -> dict[str, Any]:
    """Return the members of a JSON object, parsed strictly; none if the bytes are anything else."""
    try:
        found = parse(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def without_mark(data: bytes) -> bytes:
    """Return the content of a file or body without the byte order mark that some editors write.

    Raises ValueError for UTF-16, which the same editors write too.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (data[:2].count(0) == 1 and len(data) > 1):
        raise ValueError("it is in UTF-16; save it as UTF-8")
    return data.removeprefix(b"\xef\xbb\xbf")


def check(value: object) -> None:
    """Raise ValueError, with the path and the cure, if `value` has no canonical form."""
    fault = _fault(value)
    if fault:
        path, cure = fault
        raise ValueError(f"{path.removeprefix('.') or 'value'}: {cure}")


def encode(value: object) -> bytes:
    """Return the canonical bytes: UTF-8, keys sorted by code point, no white space.

    Raises ValueError as `check` does.
    """
    check(value)
    return _ENCODER.encode(value).encode()


def compact(value: object) -> str:
    """Return JSON without blanks, its keys in their own order: to be sent, not to be signed."""
    return _COMPACT.encode(value)


def size(value: object) -> int:
    """Return the length of the canonical bytes of a value that has passed `check`."""
    return len(_ENCODER.encode(value).encode())


def digest(value: object) -> str:
    """Return 160 bits of SHA-256 of the canonical bytes as 32 characters, safe in URLs, paths and shells.

    `value`, or every part of it, has passed `check`.
    """
    return b32encode(hashlib.sha256(_ENCODER.encode(value).encode()).digest()[:20]).decode().lower()


def sha256(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def base64url(data: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Decode base64url without padding. Raises ValueError for any other alphabet, length or trailing bits."""
    raw = text.encode()
    try:
        data = a2b_base64(raw.translate(_TO_BASE64) + b"=" * (-len(raw) % 4), strict_mode=True)
    except ValueError:
        raise ValueError("not base64url") from None
    rest = len(raw) % 4  # only an incomplete last group can have unused bits
    if rest and base64url(data[-(len(data) % 3) :]) != text[-rest:]:
        raise ValueError("not canonical base64url")
    return data


def _fault(value: object) -> tuple[str, str] | None:  # noqa: C901, PLR0911 - one case for each kind of JSON
    """Return the path of a value without canonical form, and the cure, or None. The path is built only on a fault."""
    if isinstance(value, str):
        alone = not value.isascii() and _SURROGATE.search(value)
        return ("", "a lone surrogate is not text; send whole characters") if alone else None
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                return "", "keys are strings"
            if not key.isascii() and (fault := _fault(key)):
                return ".key", fault[1]
            if not _is_plain(item) and (fault := _fault(item)):
                return f".{key}{fault[0]}", fault[1]
        return None
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            if not _is_plain(item) and (fault := _fault(item)):
                return f"[{index}]{fault[0]}", fault[1]
        return None
    if isinstance(value, int):
        return None if abs(value) <= MAX_INTEGER else ("", "integers end at 2^53-1; send it as a string")
    if isinstance(value, float):
        return "", "floats have no canonical form; send it as a string"
    return "", "not JSON"


def _is_plain(value: object) -> bool:
    """Tell quickly that a value is fine, as nearly every value is."""
    return isinstance(value, str) and value.isascii()


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate keys")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def is_deeper(value: object, limit: int) -> bool:
    """Tell whether lists and objects are nested more than `limit` levels deep."""
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


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
_COMPACT: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
