"""Actors: the relay's own code, each in a thread that stops before every outside call until it is let go."""

from collections.abc import Callable
from threading import Lock, Thread
from typing import Final, Literal

Fate = Literal["go", "cut before", "cut after", "crash"]
LIMIT: Final = 20.0  # seconds after which one that does not stop is a bug


class Crashed(BaseException):
    """End of the process. Nothing in the relay catches it."""


class Actor:
    """One piece of work, done one outside call at a time. Only one actor runs at a time.

    `at` names the next outside call, or is empty once the work is done. `faults` counts the calls that failed.
    """

    def __init__(self, number: int, kind: str, work: Callable[["Actor"], object]) -> None:
        self.number = number
        self.kind = kind
        self.name = f"{kind}-{number}"
        self.at = ""
        self.faults = 0
        self.waited = 0.0
        self.pauses = 0
        self.failed_with: BaseException | None = None
        self.counter = 0
        self._fate: Fate = "go"
        self._mine, self._theirs = Lock(), Lock()
        self._mine.acquire()
        self._theirs.acquire()
        self._work = work
        self._thread = Thread(target=self._run, name=self.name, daemon=True)

    def start(self) -> None:
        """Run until the first outside call."""
        self._thread.start()
        self._wait()

    def let_go(self, fate: Fate) -> None:
        """Do the next call with this fate, and run until the one after. Raises any exception of the work."""
        self._fate = fate
        self._mine.release()
        try:
            self._wait()
        finally:
            self.faults += fate != "go"

    def stop(self, what: str) -> Fate:
        """Stop before a call until let go; the work calls this. Raises Crashed."""
        self.at = what
        self._theirs.release()
        self._mine.acquire()
        if self._fate == "crash":
            raise Crashed
        return self._fate

    def nonce(self) -> str:
        """Return a new word that names this actor."""
        self.counter += 1
        return f"{self.number:06}-{self.counter:010}"

    def is_of(self, nonce: str) -> bool:
        """Tell whether a nonce came from this actor."""
        return nonce.startswith(f"{self.number:06}-")

    def _wait(self) -> None:
        if not self._theirs.acquire(timeout=LIMIT):
            raise AssertionError(f"{self.name} does not come to an outside call")
        if self.failed_with is not None:
            failed_with, self.failed_with = self.failed_with, None
            raise failed_with

    def _run(self) -> None:
        try:
            self._work(self)
        except Crashed:
            pass
        except BaseException as error:  # noqa: BLE001 - whatever it is, the model shall see it
            self.failed_with = error
        self.at = ""
        self._theirs.release()
