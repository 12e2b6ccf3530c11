"""Turns on a connection to SQLite: one reader at a time, and writers in groups that one fsync makes durable."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any, Final, Generic, TypeVar

from relay.core.errors import Outage

BUSY_TIMEOUT: Final = 3.0  # seconds; below what the impatient chats allow for an answer

T = TypeVar("T")


class Connection:
    """A connection opened on first use, for one thread at a time; who waits too long for a turn gets an Outage."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._turn = Lock()
        self._open: sqlite3.Connection | None = None

    @contextmanager
    def turn(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection outside any transaction: each statement is one of its own."""
        if not self._turn.acquire(timeout=BUSY_TIMEOUT):
            raise _too_many()
        try:
            if self._open is None:
                self._open = self._connect()
            yield self._open
        except (sqlite3.Error, OSError) as error:
            raise Outage(f"the store does not work: {type(error).__name__}") from error
        finally:
            self._turn.release()

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

        What need not be `durable` outlives its process at once, and a power cut from the next write on that must be.
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
        group = []
        with suppress(IndexError):
            while True:
                group.append(self._waiting.popleft())
        failed: Outage | None = Outage("the store does not work: a write beside this one failed")
        try:
            durable = any(each.durable for each in group)
            with self._connection.turn() as connection, _transaction(connection, durable=durable):
                for each in group:
                    each.run(connection)
            failed = None
        except Outage as outage:
            failed = outage
        finally:
            for each in group:
                each.end(failed)

    def _wake_next(self) -> None:
        """Let one who came too late for the last group lead the next, unless somebody does already."""
        with suppress(IndexError):
            self._waiting[0].wake()


class _Write(Generic[T]):
    """One write of a group, and what came of it."""

    def __init__(self, work: Callable[[sqlite3.Connection], T], *, durable: bool = True) -> None:
        self._work = work
        self.durable = durable
        self._signal: SimpleQueue[None] = SimpleQueue()
        self._answers: list[T] = []
        self._failed: Outage | None = None
        self.is_over = False

    def run(self, connection: sqlite3.Connection) -> None:
        self._answers.append(self._work(connection))

    def end(self, failed: Outage | None) -> None:
        self._failed = failed
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
        if self._failed:
            raise Outage(self._failed.what, permanent=self._failed.permanent) from self._failed
        return self._answers[0]


@contextmanager
def _transaction(connection: sqlite3.Connection, *, durable: bool) -> Iterator[None]:
    # https://www.sqlite.org/pragma.html#pragma_synchronous: in WAL mode NORMAL leaves out the fsync, and nothing else
    connection.execute("PRAGMA synchronous = FULL" if durable else "PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _too_many() -> Outage:
    return Outage("the store does not work: too many wait for it")
