"""(j) The match of a command that fits nearly: of four placeholders, and the text twice as long."""

import time
from collections.abc import Callable
from typing import Final

from bench.figures import Line, middle
from bench.peers import regular_expression
from bench.run import Run
from relay.formats.grammar import read_format
from relay.formats.match import match
from relay.formats.words import split

FORM: Final = "google {{a...}} and {{b...}} and {{c...}} and {{d...}} results"
SIZES: Final = (400, 800)  # characters; at 2,800 the expression takes more than 20 s
ROUNDS: Final = 5


def measure(_run: Run) -> list[Line]:
    """Match a text that lacks its last word, so that every way must be tried."""
    ours, theirs = read_format(FORM), regular_expression.compiled(FORM)
    lines: list[Line] = []
    for size in SIZES:
        text = almost(size)

        def by_grammar(text: str = text) -> object:
            words = split(text)
            return match(ours, words) if words else None

        def by_expression(text: str = text) -> object:
            return regular_expression.match(theirs, text)

        title = f"command of {size} characters that fits nearly; a regular expression"
        lines.append(Line("j", title, "ms", timed(by_grammar), timed(by_expression)))
    return lines


def almost(size: int) -> str:
    """Return a text of the format's own words, without the last one."""
    return ("google " + "and return " * size)[:size].rsplit(" ", 1)[0]


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that some work takes, which finds nothing."""
    taken: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        if work() is not None:
            raise ValueError("the text was not to match")
        taken.append(1_000 * (time.perf_counter() - begun))
    return middle(taken)
