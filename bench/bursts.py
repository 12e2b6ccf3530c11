"""Figures of several bursts of clicks: the median over the bursts. Times are in milliseconds."""

from collections.abc import Sequence

from bench.figures import middle, percentile
from bench.pressing import Pressed


def p50(bursts: Sequence[Pressed]) -> float:
    """Return the time within which half of the clicks were answered."""
    return middle(1_000 * percentile(burst.times, 0.5) for burst in bursts)


def p99(bursts: Sequence[Pressed]) -> float:
    """Return the time within which all clicks but one in a hundred were answered."""
    return middle(1_000 * percentile(burst.times, 0.99) for burst in bursts)


def rate(bursts: Sequence[Pressed]) -> float:
    """Return how many clicks a second were answered."""
    return middle(len(burst.times) / burst.whole for burst in bursts)
