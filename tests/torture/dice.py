"""Dice that fall the same way for the same seed."""

from random import Random


def dice(seed: object) -> Random:
    """Return dice of a seed; the text of it counts."""
    return Random(str(seed))  # noqa: S311 - no secret is made of them
