"""GitHub's limits for the calls of one credential that make content, as GitHub counts them. Pure.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from collections import deque
from typing import Final

LIMITS: Final = ((60.0, 80), (3_600.0, 500), (3_600.0, 5_000))  # seconds and calls; the last is of all requests


class Window:
    """The calls of the last hour that were taken."""

    def __init__(self) -> None:
        self._taken: deque[float] = deque()

    def take(self, now: float) -> bool:
        """Take a call at a time in seconds, or return False if a limit forbids it."""
        while self._taken and self._taken[0] <= now - 3_600:
            self._taken.popleft()
        if any(sum(at > now - seconds for at in self._taken) >= calls for seconds, calls in LIMITS):
            return False
        self._taken.append(now)
        return True
