"""Dice that fall the same way for the same seed."""

from random import Random


def dice(seed: object) -> Random:
    """Return the dice of a seed, which counts as its text."""
    return Random(str(seed))  # noqa: S311 - no secret is made of them
