"""A message as Slack would read it: what it would link, whom it would tell, and whether anything is left half."""

import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(r"<([^<>]*)>")
_ENTITY = re.compile(r"&(?:amp|lt|gt);")
_USER = re.compile(r"@[UW][A-Z0-9]{1,20}")
_DATE = re.compile(r"!date\^[0-9]+\^\{date_short_pretty\} \{time\}\|[0-9-]{10} [0-9:]{5} UTC")
_LINK = re.compile(r"(https?://[^|\s]+)\|(.+)", re.DOTALL)


def texts(value: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every text object with its path."""
    if isinstance(value, dict):
        if value.get("type") in ("plain_text", "mrkdwn"):
            yield path, value
        for name, inner in value.items():
            yield from texts(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from texts(inner, f"{path}[{number}]")


def told(message: dict[str, Any]) -> list[str]:
    """Return whom a message mentions; AssertionError where a text is not as the relay writes it."""
    found: list[str] = []
    for path, text in [*texts(message["blocks"]), ("text", {"type": "mrkdwn", "text": message["text"]})]:
        assert_straight(text["text"])
        if text["type"] == "plain_text":
            assert text["emoji"] is False, path
            continue
        assert path == "text" or text["verbatim"] is True, path
        found += _mentions(text["text"], path)
    return found


def assert_straight(text: str) -> None:
    turning = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F]
    assert not any(chr(code) in text for code in turning)


def links(message: dict[str, Any]) -> list[str]:
    """Return every address that a message leads to."""
    found = [token[1] for _, text in texts(message["blocks"]) if text["type"] == "mrkdwn" for token in _links(text)]
    buttons = [element for block in message["blocks"] for element in block.get("elements", [])]
    return found + [button["url"] for button in buttons if "url" in button]


def _links(text: dict[str, Any]) -> Iterator[re.Match[str]]:
    for token in _TOKEN.findall(text["text"]):
        if link := _LINK.fullmatch(token):
            yield link


def _mentions(text: str, path: str) -> list[str]:
    found = []
    for token in _TOKEN.findall(text):
        if _USER.fullmatch(token):
            found.append(token[1:])
        else:
            assert _DATE.fullmatch(token) or _LINK.fullmatch(token), (path, token)
    rest = _TOKEN.sub("", text)
    assert not set(rest) & set("<>"), (path, rest)
    assert "&" not in _ENTITY.sub("", rest), (path, rest)
    return found
