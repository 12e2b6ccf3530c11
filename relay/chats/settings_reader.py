"""A reader of the environment that keeps every problem, so that all of them are reported together."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

_GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_INVISIBLE: Final = "".join(map(chr, (*range(33), 0x85, 0xA0, 0x200B, 0x200C, 0x200D, 0x2028, 0x2029, 0x2060, 0xFEFF)))
_MARKS: Final = frozenset("\"'`\u2018\u2019\u201c\u201d")
NOT_SET: Final = "is empty or not set"
T = TypeVar("T")


class SettingsReader:
    """Reads one setting after the other. `problems` maps a setting's name to its problem and the cure."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: dict[str, str] = {}

    def one(self, name: str, read: Callable[[str], str], default: str | None = None) -> str:
        """Return a setting as `read` returns it, or its default; an empty text if it is wrong."""
        text = pasted(self._environ.get(name, "")) or default
        if text is None:
            self.problems[name] = "is missing: the origin under which chats, people and workflows reach the relay"
        try:
            return read(unquoted(text)) if text else ""
        except ValueError as error:
            self.problems[name] = str(error)
            return ""

    def many(self, name: str, read: Callable[[str], T], *, required: bool = False) -> tuple[T, ...]:
        """Return the entries of a comma-separated setting; none if one of them is wrong."""
        texts = [text for text in map(pasted, self._environ.get(name, "").split(",")) if text]
        if required and not texts:
            self.problems[name] = "is missing; `relay keys new` makes one"
        try:
            return tuple(read(unquoted(text)) for text in texts)
        except ValueError as error:
            self.problems[name] = str(error)
            return ()


def pasted(text: str) -> str:
    """Return a value without the blanks, line breaks and invisible signs that pasting leaves at its ends."""
    return text.strip(_INVISIBLE)


def unquoted(text: str) -> str:
    """Return a value as it is. Raises ValueError if a quotation mark was pasted with it."""
    if text[:1] in _MARKS:
        raise ValueError("begins with a quotation mark: write the value without it")
    if text[-1:] in _MARKS and "=" not in text:
        raise ValueError("ends with a quotation mark: write the value without it")
    return text


def one_word(text: str) -> str:
    """Return a credential. Raises ValueError for one that a header cannot carry."""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("holds blanks, line breaks or letters beyond ASCII: paste it again")
    return text


def one_line(text: str) -> str:
    """Return a secret. Raises ValueError for one with a line break or another control character."""
    if not text.isprintable():
        raise ValueError("holds a line break or another control character: paste it again")
    return text


def guid(text: str) -> str:
    """Return a GUID in lower case. Raises ValueError."""
    if not _GUID.fullmatch(text):
        raise ValueError("holds something that is not a GUID")
    return text.lower()
