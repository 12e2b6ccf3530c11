"""Positions of the keys in a TOML text, which `tomllib` does not give.

Table headers and the keys below them are found. Anything inside the brackets of a value (an inline table, a list) has
the position of its key. Of the grammar only brackets, strings, `=` and line ends matter here: https://toml.io/en/v1.0.0
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

Path = tuple[str | int, ...]
"""The keys and indexes from the root of the document, as in ("rule", 0, "stage", 1, "name")."""

_TOKEN: Final = re.compile(
    r"""
    (?P<comment> \#[^\n]* )
  | (?P<string> \"\"\" (?: \\. | (?!\"\"\")[^\\] )* \"{3,5} | '''.*?'{3,5} | " (?: \\. | [^"\\\n] )* " | '[^'\n]*' )
  | (?P<mark> [\[\]{}=\n] )
  | (?P<bare> [^\s\#"'\[\]{}=]+ )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Positions:
    """Line and column, both from 1, of table headers and keys."""

    found: Mapping[Path, tuple[int, int]]

    def of(self, path: Path) -> tuple[int, int]:
        """Return the position of `path`, or of the nearest key or header around it, or (0, 0)."""
        while path and path not in self.found:
            path = path[:-1]
        return self.found.get(path, (0, 0))


def locate(text: str) -> Positions:
    """Return the positions in a text that `tomllib` accepts. For any other text some may be missing."""
    scan = _Scan()
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "comment":
            scan.take(match.group(), match.start(), mark=match.lastgroup == "mark")
    lines = [0, *(match.end() for match in re.finditer("\n", text))]
    found: dict[Path, tuple[int, int]] = {}
    for path, at in scan.starts.items():
        line = bisect_right(lines, at)
        found[path] = (line, at - lines[line - 1] + 1)
    return Positions(found)


@dataclass(slots=True)
class _Scan:
    """The state between two tokens: the table, the key being read, and the depth of the value."""

    starts: dict[Path, int] = field(default_factory=dict)
    last: dict[Path, int] = field(default_factory=dict)  # the last index of each array of tables
    table: Path = ()
    key: list[tuple[str, int]] = field(default_factory=list)
    header: int = 0  # the number of brackets that opened the header being read
    in_value: bool = False
    depth: int = 0

    def take(self, piece: str, at: int, *, mark: bool) -> None:
        if not mark:
            if not self.in_value:
                self.key.extend(_parts(piece, at))
        elif piece == "\n":
            if not self.depth:
                self.key, self.header, self.in_value = [], 0, False
        elif self.in_value:
            self.depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(piece, 0)
        elif piece == "[":
            self.header += 1
        elif piece == "]" and self.key:  # and not the second one of `]]`
            self.table = self._record(())
        elif piece == "=":
            self._record(self.table)
            self.in_value = True

    def _record(self, path: Path) -> Path:
        """Record the position of each part of the key just read. Return the path of the whole key."""
        for number, (part, at) in enumerate(self.key, start=1):
            path = (*path, part)
            self.starts.setdefault(path, at)
            if self.header > 1 and number == len(self.key):
                self.last[path] = self.last.get(path, -1) + 1
            if path in self.last:
                path = (*path, self.last[path])
                self.starts.setdefault(path, at)
        self.key = []
        return path


def _parts(piece: str, at: int) -> Iterator[tuple[str, int]]:
    """Split a piece of a dotted key into its parts and their positions. `tomllib` itself reads a quoted one."""
    if piece[0] not in "\"'":
        yield from ((part.group(), at + part.start()) for part in re.finditer(r"[^.]+", piece))
        return
    try:
        yield tomllib.loads(f"key = {piece}")["key"], at
    except ValueError:
        yield piece, at
