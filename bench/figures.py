"""The figures of a run: lines of a table, as text, as Markdown and as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Final

HEAD: Final = ("", "what", "relay", "ordinary", "ratio", "goal", "")
_LARGE: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One measurement of the relay, beside the ordinary way if there is a peer. Both are in `unit`.

    A `goal` bounds the ratio of the two: from above, or from below if `at_least`.
    """

    part: str
    title: str
    unit: str
    relay: float
    ordinary: float | None = None
    goal: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """Return relay over ordinary, or None if there is no peer."""
        return self.relay / self.ordinary if self.ordinary else None

    @property
    def reached(self) -> bool | None:
        """Tell whether the goal is reached. Return None if there is none."""
        if self.goal is None or self.ratio is None:
            return None
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def cells(self) -> tuple[str, ...]:
        """Return the line as the table shows it."""
        sign = "at least" if self.at_least else "at most"
        return (
            self.part,
            self.title,
            f"{_number(self.relay)} {self.unit}".strip(),
            f"{_number(self.ordinary)} {self.unit}" if self.ordinary is not None else "",
            f"{self.ratio:.2f}x" if self.ratio is not None else "",
            f"{sign} {self.goal:g}x" if self.goal is not None else "",
            {True: "reached", False: "not reached", None: ""}[self.reached],
        )


def compare(
    part: str, title: str, unit: str, figures: Iterable[float], *, goal: float | None = None, at_least: bool = False
) -> Line:
    """Return the line of the relay's figure and, if there is one, the ordinary way's."""
    relay, ordinary = [*figures, None][:2]
    if relay is None:
        raise ValueError("there is no figure")
    return Line(part, title, unit, relay, ordinary, goal, at_least)


def as_text(lines: Sequence[Line]) -> str:
    """Return the table for a terminal."""
    rows = [HEAD, *(line.cells() for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(_padded(cell, width, column) for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
        .rstrip()
        for row in rows
    )  # fmt: skip


def as_markdown(lines: Sequence[Line]) -> str:
    """Return the table for a page."""
    rows = [HEAD, ("---", "---", "--:", "--:", "--:", "---", "---"), *(line.cells() for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def as_json(lines: Iterable[Line]) -> list[dict[str, object]]:
    """Return the lines with their ratios, for programs."""
    return [asdict(line) | {"ratio": line.ratio, "reached": line.reached} for line in lines]


def middle(values: Iterable[float]) -> float:
    """Return the median. A mean would also show the other work of the machine."""
    return median(values)


def percentile(times: Iterable[float], share: float) -> float:
    """Return the time within which this share of the clicks was answered."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:.2f}"


def _padded(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column in {2, 3, 4} else cell.ljust(width)
