"""Connections to SQLite for many threads: one reader at a time, and writes in groups, durable by one fsync."""

import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock
from types import TracebackType
from typing import Any, Final, Generic, TypeVar
from weakref import finalize

from relay.errors import Outage

BUSY_TIMEOUT: Final = 2.0  # seconds; Slack is answered by 2.6, and the words that it is busy need some time too
# https://www.sqlite.org/pragma.html#pragma_synchronous: in WAL mode NORMAL leaves out the fsync, and nothing else
_DURABLE: Final = "PRAGMA synchronous = FULL"
_NOT_DURABLE: Final = "PRAGMA synchronous = NORMAL"

_FOLDER: Final = ": correct RELAY_STORE, or the rights on its folder"
_CURES: Final = {
    "SQLITE_BUSY": ": another process holds the file",
    "SQLITE_LOCKED": ": another process holds the file",
    "SQLITE_CANTOPEN": _FOLDER,
    "SQLITE_READONLY": ": give the relay the right to write the file and its folder",
    "SQLITE_FULL": ": the disk is full",
    "SQLITE_NOTADB": ": RELAY_STORE names a file of another kind",
}

T = TypeVar("T")


class _File:
    """An open file, or none."""

    def __init__(self) -> None:
        self.open: sqlite3.Connection | None = None

    def close(self) -> None:
        if self.open:
            self.open.close()
        self.open = None


class Connection:
    """A connection opened on first use, for one thread at a time. A thread that waits too long gets an Outage.

    `with` lends it outside any transaction: each statement is a transaction of its own.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._turn = Lock()
        self._file = _File()
        # A store that was not closed. Python warns of an open file that it collects, and may come to it first.
        finalize(self, self._file.close)

    def __enter__(self) -> sqlite3.Connection:
        if not self._turn.acquire(timeout=BUSY_TIMEOUT):
            raise _too_many()
        if self._file.open is None:
            try:
                self._file.open = self._connect()
            except (sqlite3.Error, OSError) as error:
                raise _outage(error) from error
            finally:
                if self._file.open is None:
                    self._turn.release()
        return self._file.open

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._turn.release()
        if isinstance(error, (sqlite3.Error, OSError)):
            raise _outage(error) from error

    def close(self) -> None:
        """Close the file. The next use opens it again."""
        with self._turn:
            self._file.close()


class Writer:
    """Writes in transactions. A thread that finds the connection free writes for all that wait: only the fsync is slow.

    Each write gets its own answer, once all of its group are durable.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._leading = Lock()
        self._waiting: deque[_Write[Any]] = deque()

    def write(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> T:
        """Return the result of `work`, once it is durable. Raises Outage if it is not, or may not be.

        `work` runs again if another write of its group fails. Nothing of a failed write is kept. A write that is not
        `durable` survives the end of the process at once, and a power cut once a durable write follows.
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
                with suppress(ValueError):  # it is being written just now, and its answer comes too late
                    self._waiting.remove(mine)
                self._wake_next()  # it may have been this one's turn to lead
                raise _too_many()
        return mine.answer()

    def _write_all(self) -> None:
        group: list[_Write[Any]] = []
        with suppress(IndexError):  # the last of them has just given up
            while self._waiting:
                group.append(self._waiting.popleft())
        failed, is_done = None, False
        try:
            while spoiled := self._together(group):
                group.remove(spoiled)
                spoiled.end(None)
            is_done = True
        except Outage as outage:
            failed, is_done = outage, True
        finally:
            if not is_done:
                failed = Outage("the store does not work: the write of its group was interrupted")
            for each in group:
                each.end(failed)

    def _together(self, group: list["_Write[Any]"]) -> "_Write[Any] | None":
        """Write the group and return None. If one write fails, write nothing and return that one."""
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
        """Let a thread that came too late for the last group write the next, unless another does already."""
        if self._waiting:
            with suppress(IndexError):
                self._waiting[0].wake()


class _Write(Generic[T]):
    """One write of a group, with its answer."""

    def __init__(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> None:
        self._work = work
        self.durable = durable
        self._signal: SimpleQueue[None] = SimpleQueue()
        self._answers: list[T] = []
        self._failed: Exception | None = None
        self.is_over = False

    def run(self, connection: sqlite3.Connection) -> bool:
        """Run the work. Return False and keep the exception if it raises."""
        try:
            self._answers = [self._work(connection)]
        except Exception as error:  # noqa: BLE001 - it is raised in the thread of this write
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
        """Return True once it is done or may lead, or False after BUSY_TIMEOUT."""
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
    """Return a failure in our words, with the name that SQLite gives it and its usual cure. No path is named."""
    if isinstance(error, OSError):
        return Outage(f"the store does not work: {error.strerror} ({type(error).__name__}){_FOLDER}")
    name = getattr(error, "sqlite_errorname", "")
    cure = next((cure for begin, cure in _CURES.items() if name.startswith(begin)), "")
    return Outage(f"the store does not work: {error} ({name or type(error).__name__}){cure}")


def _too_many() -> Outage:
    return Outage("the store does not work: too many wait for it")
