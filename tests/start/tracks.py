"""The tracks of docs/start.md: their steps, and each step's commands and signs of success."""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "start.md"
TEXT: Final = PAGE.read_text("utf-8")
_SECTION: Final = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
_STEP: Final = re.compile(r"^(\d+)\. (.*?)(?=^\d+\. |^\S|\Z)", re.DOTALL | re.MULTILINE)
_SCRIPT: Final = re.compile(r"^( +)```sh\n(.*?)^ +```$", re.DOTALL | re.MULTILINE)
_SEEN: Final = re.compile(r"You see (.+?)\.(?: |\n|$)", re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A step: its number, its words without the commands, the commands, and the texts that a person then sees."""

    number: int
    words: str
    script: str
    seen: tuple[str, ...]

    @property
    def by_hand(self) -> bool:
        return self.words.startswith("**By hand:**")


@dataclass(frozen=True)
class Track:
    """A track: its heading, the counts that it promises, and its steps."""

    name: str
    by_hand: int
    minutes: int
    steps: tuple[Step, ...]


def read(text: str = TEXT) -> list[Track]:
    """Return every section that has numbered steps."""
    found = []
    for name, body in _SECTION.findall(text):
        steps = tuple(_step(int(number), words) for number, words in _STEP.findall(body))
        if steps:
            promised = re.search(r"(\d+) steps by hand; the commands take (\d+) minutes", body)
            assert promised, name
            found.append(Track(name, int(promised[1]), int(promised[2]), steps))
    return found


def _step(number: int, text: str) -> Step:
    script = "".join(textwrap.dedent(block) for _, block in _SCRIPT.findall(text))
    words = " ".join(_SCRIPT.sub("", text).split())
    seen = tuple(each for sentence in _SEEN.findall(words) for each in re.findall("`([^`]+)`", sentence))
    return Step(number, words, script, seen)
