"""The prose of docstrings: how each begins, and how long its sentences are. `python -m tests.support.prose [paths]`."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent.parent
FOLDERS: Final = ("relay", "tests/support", "bench")
OPENING: Final = 5  # words
MAX_WORDS: Final = 30
RIDDLES: Final = frozenset({"what", "who", "whoever", "whatever", "whose", "somebody", "nobody"})
PHRASES: Final = ("those of", "that of", "it is then")

_WORD: Final = re.compile(r"[^\W_][\w'’-]*")  # noqa: RUF001 - a docstring may have the typographer's apostrophe
_ADDRESS: Final = re.compile(r"https?://\S+")
_QUOTED: Final = re.compile(r"`[^`\n]*`")
_BREAK: Final = re.compile(r"(?<=[.!?:;)])\s+(?=[A-Z`(\"'])|\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.)\s)|\n\s*(?=https?://)")
_ABBREVIATION: Final = re.compile(r"\b(?:e\.g|i\.e|etc|vs)\.")


class Docstring(NamedTuple):
    """A docstring and the line where it begins."""

    path: Path
    line: int
    text: str


class Fault(NamedTuple):
    """A docstring that breaks a rule. `text` is the offending opening or sentence."""

    at: Docstring
    rule: str
    text: str

    @property
    def name(self) -> str:
        """Return the fault without its line, as a list of exceptions holds it."""
        return f"{_shown(self.at.path)}: {self.rule}: {self.text}"

    def __str__(self) -> str:
        return f"{_shown(self.at.path)}:{self.at.line}: {self.rule}: {self.text}"


def docstrings(path: Path) -> Iterator[Docstring]:
    """Yield every docstring of a file."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield Docstring(path, node.body[0].lineno, text)


def faults(docstring: Docstring) -> Iterator[Fault]:
    """Yield each rule that a docstring breaks."""
    opening = _words(docstring.text)[:OPENING]
    if RIDDLES & set(opening) or any(f" {phrase} " in f" {' '.join(opening)} " for phrase in PHRASES):
        yield Fault(docstring, "opening", docstring.text.strip().partition("\n")[0])
    for sentence in sentences(docstring.text):
        count = len(_words(sentence))
        if count > MAX_WORDS:
            yield Fault(docstring, f"{count} words", " ".join(sentence.split()))


def sentences(text: str) -> list[str]:
    """Return the sentences of a docstring. A blank line, an entry of a list and an address each end one."""
    return [part for part in _BREAK.split(_ABBREVIATION.sub("", text)) if part.strip()]


def files(paths: Iterable[str] = FOLDERS) -> list[Path]:
    """Return the Python files under the paths, which may be files themselves."""
    found = (ROOT / path for path in paths)
    return sorted(file for path in found for file in ([path] if path.is_file() else path.rglob("*.py")))


def main(arguments: Sequence[str]) -> None:
    """Print every fault under the paths, or under all folders, and the share of docstrings that have one."""
    found = [docstring for path in files(arguments or FOLDERS) for docstring in docstrings(path)]
    wrong = [fault for docstring in found for fault in faults(docstring)]
    for fault in wrong:
        sys.stdout.write(f"{fault}\n")
    for name, some in (
        ("openings", [fault for fault in wrong if fault.rule == "opening"]),
        ("long sentences", [fault for fault in wrong if fault.rule != "opening"]),
    ):
        share = len({fault.at for fault in some}) / max(1, len(found))
        sys.stdout.write(f"{name}: {len(some)} in {len(found)} docstrings ({share:.1%})\n")


def _words(text: str) -> list[str]:
    """Return the words in lower case. An address counts as none, a quotation in backquotes as one."""
    return [word.lower() for word in _WORD.findall(_QUOTED.sub(" quotation ", _ADDRESS.sub("", text)))]


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


if __name__ == "__main__":
    main(sys.argv[1:])
