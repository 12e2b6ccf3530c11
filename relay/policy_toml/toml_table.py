"""The reader of a TOML table, value by value. It collects every problem with its position."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from relay.policy_toml.toml_positions import Path

_KINDS: Final[Mapping[type, str]] = MappingProxyType(
    {
        bool: "true or false",
        str: "a text",
        int: "a whole number",
        float: "a number with a point",
        list: "a list",
        dict: "a table",
    }
)
_SHOWN: Final = 60  # characters of a value that a message repeats


class Problem(NamedTuple):
    """A fault, or a doubt in a warning, and the cure. Line and column count from 1; line 0 is the whole text."""

    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.line}:{self.column}: {self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table and its path. Reading a missing or wrong value returns the default.

    `position` returns the line and the column of a path.
    """

    values: Mapping[str, object]
    path: "Path"
    position: "Callable[[Path], tuple[int, int]]"
    problems: list[Problem]

    def report(self, key: str, message: str, hint: str = "") -> None:
        """Add a problem at `key`, or at the table itself where `key` is empty or missing."""
        line, column = self.position((*self.path, key))
        self.problems.append(Problem(line, column, message, hint))

    def only(self, known: Collection[str], *, hints: Mapping[str, str] = MappingProxyType({})) -> None:
        """Report every key that is not `known`. Some have `hints` of their own."""
        for key in self.values:
            if key not in known:
                hint = hints.get(key) or meant(key, known) or f"known: {', '.join(known)}"
                self.report(key, f"unknown key {quoted(key)}", hint)

    def text(self, key: str, default: str = "") -> str:
        """Return a text that is not blank."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            self.report(key, f"{key} is a text, not {_kind(value)}", f'write {key} = "..."')
            return default
        if key in self.values and not value.strip():
            self.report(key, f"{key} is empty", "write it, or leave the key out where it has a default")
        return value

    def texts(self, key: str, default: tuple[str, ...] = (), *, empty: bool = False) -> tuple[str, ...]:
        """Return a list of texts. An empty one is a problem unless `empty`."""
        value = self.values.get(key, default)
        if not isinstance(value, list | tuple):
            self.report(key, f"{key} is a list of texts, not {_kind(value)}", f'write {key} = ["..."]')
            return default
        for item in value:
            if not isinstance(item, str) or not item.strip():
                wrong = "an empty text" if isinstance(item, str) else _kind(item)
                self.report(key, f"{key} is a list of texts, and one entry is {wrong}", f'write {key} = ["..."]')
                return default
        if key in self.values and not value and not empty:
            self.report(key, f"{key} is an empty list", "name at least one")
        return tuple(value)

    def number(self, key: str, default: int, *, most: int, hint: str = "") -> int:
        """Return a whole number from 1 to `most`. `true` is not a number. `hint` is for a value of another kind."""
        value = self.values.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.report(key, f"{key} is a whole number, not {_kind(value)}", hint or f"write {key} = 1, without quotes")
            return default
        if key in self.values and not 1 <= value <= most:
            self.report(key, f"{key} goes from 1 to {most}")
            return default
        return value

    def flag(self, key: str, *, default: bool, if_wrong: bool) -> bool:
        """Return true or false, or `if_wrong` after any other value."""
        value = self.values.get(key, default)
        if isinstance(value, bool):
            return value
        self.report(key, f"{key} is true or false, not {_kind(value)}", f"write {key} = true, without quotes")
        return if_wrong

    def table(self, key: str) -> "Table":
        """Return the table under `key`."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            header = ".".join((*map(str, self.path), key))
            self.report(key, f"{key} is a table, not {_kind(value)}", f"write [{header}] on a line of its own")
            value = {}
        return Table(value, (*self.path, key), self.position, self.problems)

    def tables(self, key: str) -> tuple["Table", ...]:
        """Return the tables under `[[key]]`, in order."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            header = ".".join((*(part for part in self.path if isinstance(part, str)), key))
            self.report(key, f"{key} is a list of tables", f"write [[{header}]], with two brackets, above each")
            return ()
        path = (*self.path, key)
        return tuple(Table(item, (*path, index), self.position, self.problems) for index, item in enumerate(value))


def quoted(text: str) -> str:
    """Return a value of the file for a message: in quotes, on one line, and shortened."""
    return json.dumps(text if len(text) <= _SHOWN else text[:_SHOWN] + "...", ensure_ascii=False)


def meant(text: str, known: Collection[str]) -> str:
    """Return a hint with the known name most similar to `text`, or an empty string."""
    from difflib import get_close_matches  # noqa: PLC0415 - only a wrong name pays for it

    close = get_close_matches(text, known, n=1)
    return f"did you mean {quoted(close[0])}?" if close else ""


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a date or time")
