"""Cases, index rows and claims in one SQLite file: WAL, every commit durable before it returns.

https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
"""

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from relay.adapters import case_codec
from relay.adapters.sqlite_turns import BUSY_TIMEOUT, Connection, Writer
from relay.core.debts import DueRow
from relay.core.errors import Outage
from relay.core.model import Case

FORM: Final = 1
WAL_TRIES: Final = 60

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS cases (id TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS due (
  parked INTEGER NOT NULL, due_at REAL NOT NULL, case_id TEXT NOT NULL, nonce TEXT NOT NULL,
  PRIMARY KEY (parked, due_at, case_id, nonce)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, value TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
"""
_DISARM: Final = "DELETE FROM due WHERE parked = ? AND due_at = ? AND case_id = ? AND nonce = ?"
_MARKS: Final = "SELECT name, at FROM marks WHERE name IN ('birth', 'form')"


class SqliteStore:
    """One file, which several processes may share; a connection to write, and one to read that no writer holds up.

    `clock` returns Unix seconds and dates the store's birth. Every method raises Outage when the file cannot be used.
    """

    def __init__(self, path: str, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._reader = Connection(self._open)
        self._written = Connection(self._open)
        self._writer = Writer(self._written)
        self._born_at = 0.0

    def load(self, case_id: str) -> Case | None:
        """Return the case as last committed."""
        with self._reader.turn() as connection:
            found = connection.execute("SELECT body FROM cases WHERE id = ?", (case_id,)).fetchall()
        try:
            return case_codec.decode(found[0][0]) if found else None
        except ValueError as error:
            raise Outage(f"case {case_id}: {error}", permanent=True) from error

    def commit(self, case: Case, *, arm: Sequence[DueRow] = (), disarm: Sequence[DueRow] = ()) -> bool:
        """Write the case over its `version - 1` and its rows with it, in one durable transaction; False on conflict."""
        body, case_id = case_codec.encode(case), case.request.id

        def work(connection: sqlite3.Connection) -> bool:
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
            for row in disarm:
                connection.execute(_DISARM, _columns(row))
            for row in arm:
                connection.execute("INSERT INTO due VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", _columns(row))
            return True

        return self._writer.write(work)

    def born_at(self) -> float:
        """Return when the store was made."""
        if not self._born_at:
            with self._reader.turn():
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
        self._writer.write(lambda connection: connection.execute(_DISARM, _columns(row)))

    def mark_round(self, at: float) -> None:
        """Remember that the timer ran, and forget claims that have ended."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO marks VALUES ('round', ?)", (at,))
            connection.execute("DELETE FROM claims WHERE until <= ?", (at,))

        self._writer.write(work)

    def last_round(self) -> float:
        """Return when the timer last ran, 0 if it never did."""
        with self._reader.turn() as connection:
            found = connection.execute("SELECT at FROM marks WHERE name = 'round'").fetchall()
        return float(found[0][0]) if found else 0.0

    def claim(self, key: str, value: str, *, now: float, until: float) -> str:
        """Keep `value` under `key` until then, unless a value is kept there; return the one that is."""

        def work(connection: sqlite3.Connection) -> str:
            kept = connection.execute("SELECT value FROM claims WHERE key = ? AND until > ?", (key, now)).fetchall()
            if not kept:
                connection.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?)", (key, value, until))
            return str(kept[0][0]) if kept else value

        return self._writer.write(work)

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        self._written.close()
        self._reader.close()

    def _rows(self, where: str, arguments: tuple[float, ...]) -> list[DueRow]:
        with self._reader.turn() as connection:
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
