"""Clock that only a test moves."""

from dataclasses import dataclass


@dataclass
class Clock:
    """Clock that returns `now`, in seconds since 1970."""

    now: float

    def __call__(self) -> float:
        return self.now
