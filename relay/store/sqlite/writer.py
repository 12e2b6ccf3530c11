"""Turns on a connection to SQLite: one reader at a time, and writers in groups that one fsync makes durable."""

import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from relay.errors import Outage

BUSY_TIMEOUT: Final = 3.0  # seconds; below what the impatient chats allow for an answer
# https://www.sqlite.org/pragma.html#pragma_synchronous: in WAL mode NORMAL leaves out the fsync, and nothing else
_DURABLE: Final = "PRAGMA synchronous = FULL"
_NOT_DURABLE: Final = "PRAGMA synchronous = NORMAL"

T = TypeVar("T")


class Connection:
    """A connection opened on first use, for one thread at a time; who waits too long for a turn gets an Outage.

    `with` lends it outside any transaction: each statement is one of its own.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._turn = Lock()
        self._open: sqlite3.Connection | None = None

    def __enter__(self) -> sqlite3.Connection:
        if not self._turn.acquire(timeout=BUSY_TIMEOUT):
            raise _too_many()
        if self._open is None:
            try:
                self._open = self._connect()
            except (sqlite3.Error, OSError) as error:
                raise _outage(error) from error
            finally:
                if self._open is None:
                    self._turn.release()
        return self._open

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._turn.release()
        if isinstance(error, (sqlite3.Error, OSError)):
            raise _outage(error) from error

    def __del__(self) -> None:
        """Close the file with whoever forgot to: what SQLite's own would only warn of."""
        if self._open:
            self._open.close()

    def close(self) -> None:
        """Close the file; the next turn opens it again."""
        with self._turn:
            if self._open:
                self._open.close()
            self._open = None


class Writer:
    """Writes in transactions. Whoever finds the connection free writes for all who wait, since the fsync is what costs.

    Every write gets its own answer, and only once all of them are durable.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._leading = Lock()
        self._waiting: deque[_Write[Any]] = deque()

    def write(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        """Return what `work` returns, once it is durable. Raises Outage where it is not, or may not be.

        `work` is done again where a write beside it fails, and nothing of a write that fails is kept. What need not be
        `durable` outlives its process at once, and a power cut from the next write on that must be.
        """
        mine = _Write(work, durable=durable)
        self._waiting.append(mine)
        while not mine.is_over:
            if self._leading.acquire(blocking=False):
                try:
                    self._write_all()
                finally:
                    self._leading.release()
                    self._wake_next()
            elif not mine.wait():
                with suppress(ValueError):  # it is being written just now, and the answer comes too late
                    self._waiting.remove(mine)
                self._wake_next()  # it may have been this one's turn to lead
                raise _too_many()
        return mine.answer()

    def _write_all(self) -> None:
        group: list[_Write[Any]] = []
        with suppress(IndexError):  # the last of them has just lost patience
            while self._waiting:
                group.append(self._waiting.popleft())
        failed: Outage | None = Outage("the store does not work: whoever wrote for all was interrupted")
        try:
            while spoiled := self._together(group):
                group.remove(spoiled)
                spoiled.end(None)
            failed = None
        except Outage as outage:
            failed = outage
        finally:
            for each in group:
                each.end(failed)

    def _together(self, group: list["_Write[Any]"]) -> "_Write[Any] | None":
        """Write all of them; or nothing, where one fails by itself, and return that one."""
        with self._connection as connection:
            connection.execute(_DURABLE if any(each.durable for each in group) else _NOT_DURABLE)
            connection.execute("BEGIN IMMEDIATE")
            try:
                for each in group:
                    if not each.run(connection):
                        return each
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
        return None

    def _wake_next(self) -> None:
        """Let one who came too late for the last group lead the next, unless somebody does already."""
        if self._waiting:
            with suppress(IndexError):
                self._waiting[0].wake()


class _Write(Generic[T]):
    """One write of a group, and what came of it."""

    def __init__(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> None:
        self._work = work
        self.durable = durable
        self._signal: SimpleQueue[None] = SimpleQueue()
        self._answers: list[T] = []
        self._failed: Exception | None = None
        self.is_over = False

    def run(self, connection: sqlite3.Connection) -> bool:
        """Do the work; False where it failed, whatever it is that was raised."""
        try:
            self._answers = [self._work(connection)]
        except Exception as error:  # noqa: BLE001 - it is raised to whoever asked for this write
            self._failed = error
            return False
        return True

    def end(self, failed: Exception | None) -> None:
        self._failed = self._failed or failed
        self.is_over = True
        self.wake()

    def wake(self) -> None:
        self._signal.put(None)

    def wait(self) -> bool:
        """Return once there may be something to do; False if nobody cared for too long."""
        try:
            self._signal.get(timeout=BUSY_TIMEOUT)
        except Empty:
            return False
        return True

    def answer(self) -> T:
        match self._failed:
            case None:
                return self._answers[0]
            case Outage(what=what, permanent=permanent) as outage:
                raise Outage(what, permanent=permanent) from outage
            case sqlite3.Error() | OSError() as error:
                raise _outage(error) from error
            case error:
                raise error


def _outage(error: Exception) -> Outage:
    return Outage(f"the store does not work: {type(error).__name__}")


def _too_many() -> Outage:
    return Outage("the store does not work: too many wait for it")
