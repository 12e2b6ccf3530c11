"""The words of a text that a person typed. Pure, and linear in the text: no regular expressions read it.

A text is split at Unicode white space. A quote opens a word, and closes before a blank or the end; between the two
stands a value. NAME=VALUE is a word too, and its VALUE may be in quotes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from relay.formats.grammar import QUOTES

MAX_NAME: Final = 40  # characters
_FIRST: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_LATER: Final = _FIRST | frozenset("0123456789_")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its place in the text, its value by place, and name and value if it is a pair."""

    start: int
    end: int
    value: str
    quoted: bool = False
    name: str = ""
    named_value: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text. `masks` has a bit for each position of a case-folded word that is not in quotes."""

    text: str
    tokens: tuple[Token, ...]
    masks: Mapping[str, int]


def split(text: str) -> Words | None:
    """Return the words of a text, or None if a quote is not closed."""
    tokens: list[Token] = []
    masks: dict[str, int] = {}
    at = _skip_blanks(text, 0)
    while at < len(text):
        token = _token(text, at)
        if token is None:
            return None
        if not token.quoted:
            folded = token.value.casefold()
            masks[folded] = masks.get(folded, 0) | 1 << len(tokens)
        tokens.append(token)
        at = _skip_blanks(text, token.end)
    return Words(text, tuple(tokens), masks)


def _token(text: str, start: int) -> Token | None:
    name = _name(text, start)
    opening = start + len(name) + 1 if name else start
    if text[opening : opening + 1] in QUOTES:
        end = _closing(text, opening)
        if not end:
            return None
        inner = text[opening + 1 : end - 1]
    else:
        end = _skip_word(text, start)
        inner = text[opening:end]
    if not name:
        return Token(start, end, inner, quoted=text[start] in QUOTES)
    return Token(start, end, text[start:end], name=name, named_value=inner)


def _name(text: str, at: int) -> str:
    """Return the name of a pair that begins here, or an empty text."""
    if text[at] not in _FIRST:
        return ""
    end = at + 1
    while end < len(text) and end - at < MAX_NAME and text[end] in _LATER:
        end += 1
    return text[at:end] if text[end : end + 1] == "=" else ""


def _closing(text: str, opening: int) -> int:
    """Return the position after the quote that closes, or 0 if none does."""
    kind = QUOTES[text[opening]]
    for at in range(opening + 1, len(text)):
        if text[at] in kind and (at + 1 == len(text) or text[at + 1].isspace()):
            return at + 1
    return 0


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _skip_word(text: str, at: int) -> int:
    while at < len(text) and not text[at].isspace():
        at += 1
    return at
