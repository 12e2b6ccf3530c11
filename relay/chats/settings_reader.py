"""A reader of the environment that keeps every problem, so that all of them are reported together."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

_GUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
T = TypeVar("T")


class SettingsReader:
    """Reads one setting after the other. `problems` maps a setting's name to its problem and the cure."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: dict[str, str] = {}

    def one(self, name: str, read: Callable[[str], str], default: str | None = None) -> str:
        """Return a setting as `read` returns it, or its default; an empty text if it is wrong."""
        text = self._environ.get(name, "").strip() or default
        if text is None:
            self.problems[name] = "is missing: the origin under which chats, people and workflows reach the relay"
        try:
            return read(text) if text else ""
        except ValueError as error:
            self.problems[name] = str(error)
            return ""

    def many(self, name: str, read: Callable[[str], T], *, required: bool = False) -> tuple[T, ...]:
        """Return the entries of a comma-separated setting; none if one of them is wrong."""
        texts = [text.strip() for text in self._environ.get(name, "").split(",") if text.strip()]
        if required and not texts:
            self.problems[name] = "is missing; `relay keys new` makes one"
        try:
            return tuple(read(text) for text in texts)
        except ValueError as error:
            self.problems[name] = str(error)
            return ()


def guid(text: str) -> str:
    """Return a GUID in lower case. Raises ValueError."""
    if not _GUID.fullmatch(text):
        raise ValueError("holds something that is not a GUID")
    return text.lower()
