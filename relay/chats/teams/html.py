"""The words of a message in Teams: without tags, without the mention of the app, and with entities undone once.

https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-and-group-conversations#work-with-mentions
"""

from collections.abc import Iterator
from html import unescape
from typing import Final

_MENTION: Final = "at"
_BREAKS: Final = frozenset({"br", "p", "div", "li", "tr", "td"})  # tags that part two words
_MAX_TAG: Final = 300  # characters between < and >


def words_of(text: str) -> str:
    """Return the words. Each < of the text begins a tag, since one that a person typed is an entity."""
    pieces = [*_pieces(text)]
    said = (index for index, (tag, piece) in enumerate(pieces) if tag == _MENTION or piece.strip())
    first = next(said, None)
    if first is not None and pieces[first][0] == _MENTION:  # a mention within the words is a person that they name
        ends = (index for index in range(first, len(pieces)) if pieces[index][0] == f"/{_MENTION}")
        del pieces[first : next(ends, first) + 1]
    words = "".join(" " if tag.strip("/") in _BREAKS else "" if tag else piece for tag, piece in pieces)
    return unescape(words).replace("\xa0", " ").strip()


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each tag, and each text between two, which has no name."""
    at = 0
    while at < len(text):
        opening = text.find("<", at)
        closing = text.find(">", opening, opening + _MAX_TAG) if opening >= 0 else -1
        name = _tag_name(text[opening + 1 : closing]) if closing > 0 else ""
        if not name:  # no tag begins here, so this < is a character
            end = opening + 1 if opening >= 0 else len(text)
            yield "", text[at:end]
            at = end
            continue
        yield "", text[at:opening]
        yield name, ""
        at = closing + 1


def _tag_name(inner: str) -> str:
    """Return the name of a tag in lower case, with the slash of a closing one; empty for other text."""
    slash = "/" if inner.startswith("/") else ""
    name = inner.removeprefix("/").partition(" ")[0].removesuffix("/").lower()
    return slash + name if name.isascii() and name[:1].isalpha() and name.isalnum() else ""
