"""Cases, index rows and claims in one SQLite file: WAL, every commit durable before it returns.

https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
"""

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

from relay.adapters import case_codec
from relay.core.debts import DueRow
from relay.core.errors import Outage
from relay.core.model import Case

FORM: Final = 1
WAL_TRIES: Final = 60
BUSY_TIMEOUT: Final = 3.0  # seconds; below what the impatient chats allow for an answer

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS cases (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS due (
  parked INTEGER NOT NULL, due_at REAL NOT NULL, case_id TEXT NOT NULL, nonce TEXT NOT NULL,
  PRIMARY KEY (parked, due_at, case_id, nonce)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, value TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
"""
_MARKS: Final = "SELECT name, at FROM marks WHERE name IN ('birth', 'form')"


class SqliteStore:
    """One file, which several processes may share; a connection to write, and one to read that no writer holds up.

    `clock` returns Unix seconds and dates the store's birth. Every method raises Outage when the file cannot be used.
    """

    def __init__(self, path: str, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._writer = _Connection(self._open)
        self._reader = _Connection(self._open)
        self._born_at = 0.0

    def load(self, case_id: str) -> Case | None:
        """Return the case as last committed."""
        with self._reader.transaction("DEFERRED") as connection:
            row = connection.execute("SELECT body FROM cases WHERE id = ?", (case_id,)).fetchone()
        try:
            return case_codec.decode(row[0]) if row else None
        except ValueError as error:
            raise Outage(f"case {case_id}: {error}", permanent=True) from error

    def commit(self, case: Case, *, arm: Sequence[DueRow] = (), disarm: Sequence[DueRow] = ()) -> bool:
        """Write the case over its `version - 1` and its rows with it, in one durable transaction; False on conflict."""
        body, case_id = case_codec.encode(case), case.request.id
        with self._writer.transaction("IMMEDIATE") as connection:
            if case.version == 1:
                written = connection.execute(
                    "INSERT INTO cases (id, version, body) VALUES (?, 1, ?) ON CONFLICT DO NOTHING", (case_id, body)
                )
            else:
                written = connection.execute(
                    "UPDATE cases SET version = ?, body = ? WHERE id = ? AND version = ?",
                    (case.version, body, case_id, case.version - 1),
                )
            if written.rowcount != 1:
                return False
            connection.executemany(
                "DELETE FROM due WHERE parked = ? AND due_at = ? AND case_id = ? AND nonce = ?", map(_columns, disarm)
            )
            connection.executemany("INSERT INTO due VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", map(_columns, arm))
        return True

    def born_at(self) -> float:
        """Return when the store was made."""
        if not self._born_at:
            with self._reader.transaction("DEFERRED"):
                pass
        return self._born_at

    def due(self, now: float, limit: int) -> list[DueRow]:
        """Return rows due by now, oldest first."""
        return self._rows("WHERE parked = 0 AND due_at <= ? ORDER BY due_at LIMIT ?", (now, limit))

    def rows(self) -> list[DueRow]:
        """Return every row, due, waiting or parked."""
        return self._rows("ORDER BY due_at", ())

    def drop_row(self, row: DueRow) -> None:
        """Remove a row that stands for nothing."""
        with self._writer.transaction("IMMEDIATE") as connection:
            connection.execute(
                "DELETE FROM due WHERE parked = ? AND due_at = ? AND case_id = ? AND nonce = ?", _columns(row)
            )

    def mark_round(self, at: float) -> None:
        """Remember that the timer ran, and forget claims that have ended."""
        with self._writer.transaction("IMMEDIATE") as connection:
            connection.execute("INSERT OR REPLACE INTO marks VALUES ('round', ?)", (at,))
            connection.execute("DELETE FROM claims WHERE until <= ?", (at,))

    def last_round(self) -> float:
        """Return when the timer last ran, 0 if it never did."""
        with self._reader.transaction("DEFERRED") as connection:
            row = connection.execute("SELECT at FROM marks WHERE name = 'round'").fetchone()
        return float(row[0]) if row else 0.0

    def claim(self, key: str, value: str, *, now: float, until: float) -> str:
        """Keep `value` under `key` until then, unless a value is kept there; return the one that is."""
        with self._writer.transaction("IMMEDIATE") as connection:
            row = connection.execute("SELECT value FROM claims WHERE key = ? AND until > ?", (key, now)).fetchone()
            if row:
                return str(row[0])
            connection.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?)", (key, value, until))
        return value

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        self._writer.close()
        self._reader.close()

    def _rows(self, where: str, arguments: tuple[float, ...]) -> list[DueRow]:
        with self._reader.transaction("DEFERRED") as connection:
            query = f"SELECT due_at, case_id, nonce, parked FROM due {where}"  # noqa: S608 - our own two clauses
            found = connection.execute(query, arguments).fetchall()
        return [DueRow(due_at, case_id, nonce, bool(parked)) for due_at, case_id, nonce, parked in found]

    def _open(self) -> sqlite3.Connection:
        Path(self._path).parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        try:
            _use_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            # Writing only to a file that is new, so that opening one to read waits for no writer.
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'marks'").fetchone():
                connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")
            marks = dict(connection.execute(_MARKS))
            if "form" not in marks:
                now = self._clock()
                connection.execute("INSERT OR IGNORE INTO marks VALUES ('birth', ?), ('form', ?)", (now, FORM))
                marks = dict(connection.execute(_MARKS))
        except BaseException:
            connection.close()
            raise
        if marks["form"] != FORM:
            connection.close()
            raise Outage("the store was written by a newer version of the relay", permanent=True)
        self._born_at = marks["birth"]
        return connection


class _Connection:
    """A connection opened on first use, for one transaction at a time; who waits too long for a turn gets an Outage."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._turn = Lock()
        self._open: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self, kind: str) -> Iterator[sqlite3.Connection]:
        if not self._turn.acquire(timeout=BUSY_TIMEOUT):
            raise Outage("the store does not work: too many wait for it")
        try:
            if self._open is None:
                self._open = self._connect()
            self._open.execute(f"BEGIN {kind}")
            try:
                yield self._open
                self._open.execute("COMMIT")
            finally:
                if self._open.in_transaction:
                    self._open.execute("ROLLBACK")
        except (sqlite3.Error, OSError) as error:
            raise Outage(f"the store does not work: {type(error).__name__}") from error
        finally:
            self._turn.release()

    def close(self) -> None:
        with self._turn:
            if self._open:
                self._open.close()
            self._open = None


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL; of two that do so at once one is "locked" at once, whatever its time-out."""
    for tries_left in reversed(range(WAL_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if not tries_left:
                raise
            time.sleep(BUSY_TIMEOUT / WAL_TRIES)
        else:
            return


def _columns(row: DueRow) -> tuple[int, float, str, str]:
    return int(row.parked), row.due_at, row.case_id, row.nonce
