"""The few elements of the relay's cards, and the words on them: plain text, links, and times.

All elements are of Adaptive Cards 1.0, which every host draws. Every TextBlock, and every name and value of a FactSet,
is read as a subset of Markdown, and there is no way to say otherwise.

https://learn.microsoft.com/adaptive-cards/authoring-cards/getting-started
https://learn.microsoft.com/adaptive-cards/authoring-cards/text-features
"""

import re
from collections.abc import Iterable
from typing import Final

from relay.chats.bidi import readable
from relay.model.values import iso

Element = dict[str, object]

_SPACE: Final = re.compile(r"\s+")
# Phones show the backslash of an escape, and let a link form in spite of it (microsoft/AdaptiveCards, issues 5590 and
# 5758). So an invisible character splits what would be a mark; where that is not possible, a backslash does.
PART: Final = "\u200b"  # zero width space
_PARTED: Final = re.compile(r"\](?=[(:\[])|<(?=\S)|&(?=#?\w+(?:;|$))|\{(?=\{)")
_MARKED: Final = re.compile(r"[`*]|~(?=~)|(?<=~)~|\\(?=[!-/:-@\[-`{-~]|$)")
_UNDERSCORE: Final = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_CLOSING: Final = re.compile(r"(?<=\S)_(?![A-Za-z0-9])")  # without one no emphasis ends, as in /_build/
_BLOCK: Final = re.compile(r"[#>+=-]|\d+[.)](?:\s|$)")
_IN_ADDRESS: Final = re.compile(r"[()\[\]<>*`\\]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_REFERENCE: Final = re.compile(r"(&#?\w+);")
_ADDRESS: Final = re.compile(r"/(?=/)|\b(?:mailto|tel|sip|msteams):|\bwww(?=\.)", re.IGNORECASE)


def text_block(text: str, **looks: object) -> Element:
    """Return a text that wraps; `looks` are further properties, such as weight and color."""
    return {"type": "TextBlock", "text": text, "wrap": True, **looks}


def heading(text: str) -> Element:
    """Return the title of a box."""
    return text_block(text, weight="bolder")


def fact_set(pairs: Iterable[tuple[str, str]]) -> list[Element]:
    """Return a set of names and values, already safe, or nothing if there are none."""
    facts = [{"title": name, "value": value} for name, value in pairs]
    return [{"type": "FactSet", "facts": facts, "spacing": "small"}] if facts else []


def container(items: list[Element], **looks: object) -> list[Element]:
    """Return a box around the items, or nothing if there are none."""
    return [{"type": "Container", "items": items, **looks}] if items else []


def plain(text: str) -> str:
    """Return words as plain text on one line: no Markdown, mention, date function or turn of the reading direction."""
    line = _SPACE.sub(" ", readable(text)).strip()
    kept = _MARKED.sub(r"\\\g<0>", _PARTED.sub(rf"\g<0>{PART}", line))
    if _CLOSING.search(line):
        kept = _UNDERSCORE.sub(r"\\_", kept)
    return PART + kept if _BLOCK.match(line) else kept


def unlinked(safe: str) -> str:
    """Break up the addresses in a text that is plain already, since some hosts make a link of every address."""
    return _ADDRESS.sub(rf"\g<0>{PART}", safe)


def link(name: str, url: str) -> str:
    """Draw a link. A character that could end its address is percent-encoded."""
    words = plain(name).replace("[", r"\[").replace("]", r"\]")
    return f"[{words}]({address(url)})"


def address(url: str) -> str:
    """Return an address for a link. A character that could end it, or form a reference, is percent-encoded.

    Otherwise the sender's Markdown would come in among the relay's words.
    """
    return _REFERENCE.sub(r"\1%3B", _IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", url))


def when(at: float, *, local: bool) -> str:
    """Return a time in UTC; where the host can, also as it shows it in each reader's own zone and language.

    Outlook on Windows leaves the functions as they are written: MicrosoftDocs/AdaptiveCards, issue 393. Teams was seen
    to show a doubtful zone (issue 504), which the time in UTC settles.
    """
    utc = f"{iso(at)[:16].replace('T', ' ')} UTC"
    return f"{{{{DATE({iso(at)}, SHORT)}}}} {{{{TIME({iso(at)})}}}} ({utc})" if local else utc
