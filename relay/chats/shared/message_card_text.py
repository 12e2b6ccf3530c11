"""Text in the Markdown of a MessageCard: escaped, on one line, with links only where the relay draws them."""

import re
from typing import Final

from relay.chats.adaptive.elements import address, unlinked
from relay.chats.bidi import readable

_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>~]|^[#+-])")
# A backslash before a character reference would be shown, and so would `&amp;` where references are not read.
_PART: Final = "\u200b"  # zero width space
_REFERENCE: Final = re.compile(r"&(?=#?\w+(?:;|$))")
_NUMBERED: Final = re.compile(r"\d+[.)]")
_SPACE: Final = re.compile(r"\s+")


def senders_fact(name: str, value: str) -> dict[str, str]:
    """Draw a fact of the sender."""
    return {"name": escape(name), "value": escape(value)}


def own_fact(name: str, value: str) -> dict[str, str]:
    """Draw a fact of the relay, in which nothing becomes a link."""
    return {"name": unlinked(escape(name)), "value": unlinked(escape(value))}


def link_to(name: str, url: str) -> str:
    """Return a link in Markdown."""
    return f"[{escape(name)}]({address(url)})"


def escape(text: str) -> str:
    """Keep a person's or sender's words from being Markdown, and on one line."""
    line = _SPACE.sub(" ", readable(text)).strip()
    kept = _MARKDOWN.sub(r"\\\1", _REFERENCE.sub(f"&{_PART}", line))
    return _PART + kept if _NUMBERED.match(line) else kept
