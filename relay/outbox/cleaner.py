"""The removal of old messages and audit lines, a little in each timer run."""

from collections.abc import Callable, Sequence
from typing import Final

EVERY: Final = 3_600.0  # seconds between two looks, once nothing was left
BATCHES: Final = 20  # batches of one kind that one timer run removes at most


class Cleaner:
    """Removes old records. Each of `removals` gets the time, removes some, and returns whether more may be left."""

    def __init__(self, removals: Sequence[Callable[[float], bool]]) -> None:
        self._due = dict.fromkeys(removals, 0.0)

    def run(self, now: float, is_over: Callable[[], bool]) -> None:
        """Remove a batch after another, until the time `is_over`. `now` is in Unix seconds. Raises Outage."""
        for remove, due in self._due.items():
            for _ in range(BATCHES if due <= now else 0):
                if is_over():
                    return
                if not remove(now):
                    self._due[remove] = now + EVERY
                    break
