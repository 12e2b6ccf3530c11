"""A value that several checks need, and that is asked for once."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """A function that is called by the first thread that asks; the others get the same result."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        """Return the result. An exception is raised to its caller, and the next one asks again."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]
