"""Cases, index rows, groups, buckets and claims in one SQLite file: WAL, every decision durable before it is told.

https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
"""

import math
import sqlite3
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from relay.approval.debts import LIFE, WakeUp
from relay.approval.groups import Rank, group_of
from relay.errors import Outage
from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending
from relay.model import Case
from relay.store import codec
from relay.store.sqlite import rows as sqlite_rows
from relay.store.sqlite.schema import prepare
from relay.store.sqlite.writer import BUSY_TIMEOUT, Connection, Writer

WAL_TRIES: Final = 60
FORGOTTEN: Final = 500  # claims, or groups, that one round forgets at most
_LEAD: Final = """
INSERT INTO heads VALUES (?, ?, ?) ON CONFLICT (grp) DO UPDATE SET issued_at = excluded.issued_at, id = excluded.id
WHERE (excluded.issued_at, excluded.id) > (heads.issued_at, heads.id)
"""
_HEAD: Final = "SELECT issued_at, id FROM heads WHERE grp = ?"


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
        with self._reader as connection:
            found = connection.execute("SELECT body FROM cases WHERE id = ?", (case_id,)).fetchall()
        return _decoded(found[0][0]) if found else None

    def write_case(
        self,
        case: Case,
        *,
        to_set: Collection[WakeUp] = (),
        to_clear: Collection[WakeUp] = (),
        spending: Spending | None = None,
        durable: bool = True,
    ) -> bool:
        """Write the case over its `version - 1`, its rows and what is spent, in one transaction.

        False, and nothing is written, where the case was changed in the meantime or the bucket has no room.
        """
        body, case_id, version = codec.encode(case), case.request.id, case.version
        releases = group_of(case.request, case.request.event_type) if case.status == "approved" else ""

        def work(connection: sqlite3.Connection) -> bool:
            bucket = sqlite_rows.spent(connection, spending) if spending else None
            if spending and bucket is None:
                return False
            if version == 1:
                written = connection.execute(
                    "INSERT INTO cases (id, version, body, releases) VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING",
                    (case_id, body, releases),
                )
            else:
                written = connection.execute(
                    "UPDATE cases SET version = ?, body = ?, releases = ? WHERE id = ? AND version = ?",
                    (version, body, releases, case_id, version - 1),
                )
            if written.rowcount != 1:
                return False
            sqlite_rows.delete(connection, to_clear)
            sqlite_rows.insert(connection, to_set)
            if spending and bucket:
                sqlite_rows.keep_bucket(connection, spending.identity, bucket)
            return True

        return self._writer.write(work, durable=durable)

    def remove(self, case: Case, rows: Collection[WakeUp]) -> bool:
        """Remove the case as it was read, with its rows; False where it was changed in the meantime."""

        def work(connection: sqlite3.Connection) -> bool:
            found = (case.request.id, case.version)
            gone = connection.execute("DELETE FROM cases WHERE id = ? AND version = ?", found).rowcount
            if gone:
                sqlite_rows.delete(connection, rows)
            return bool(gone)

        return self._writer.write(work)

    def bucket(self, identity: str) -> CallBudget:
        """Return what the identity has spent; an empty bucket for one that is not known."""
        with self._reader as connection:
            return sqlite_rows.read_bucket(connection, identity)

    def close_bucket(self, identity: str, until: float) -> None:
        """Let nobody spend anything of the identity's until then."""

        def work(connection: sqlite3.Connection) -> None:
            bucket = sqlite_rows.read_bucket(connection, identity)
            sqlite_rows.keep_bucket(connection, identity, rate_limit.close(bucket, until))

        self._writer.write(work)

    def give_back(self, identity: str, at: float) -> None:
        """Give back the room for one call that was not made `at` a time."""

        def work(connection: sqlite3.Connection) -> None:
            bucket = rate_limit.give_back(sqlite_rows.read_bucket(connection, identity), at)
            sqlite_rows.keep_bucket(connection, identity, bucket)

        self._writer.write(work, durable=False)

    def born_at(self) -> float:
        """Return when the store was made."""
        if not self._born_at:
            with self._reader:
                pass
        return self._born_at

    def due(self, now: float, limit: int) -> list[WakeUp]:
        """Return rows of debts due by now, in the order in which they came to be owed."""
        return self._rows("WHERE parked = 0 AND due_at <= ? ORDER BY since, case_id LIMIT ?", (now, limit))

    def queue(self, group: str, *, untried_until: float = math.inf, limit: int | None = None) -> list[WakeUp]:
        """Return the rows of what is owed in a group, in the order in which it came to be owed.

        What nobody has tried yet is left out where it came to be owed later than `untried_until`.
        """
        return self._rows(
            "WHERE parked = 0 AND grp = ? AND grp <> '' AND (tried OR since <= ?) ORDER BY since, case_id LIMIT ?",
            (group, untried_until, -1 if limit is None else limit),
        )

    def rows(self) -> list[WakeUp]:
        """Return every row of a debt, due, waiting or parked."""
        return self._rows("ORDER BY due_at", ())

    def expiring_cases(self, now: float, limit: int) -> list[WakeUp]:
        """Return the rows of cases that are to be expired or removed by now, oldest first."""
        with self._reader as connection:
            query = "SELECT at, case_id FROM lives WHERE at <= ? ORDER BY at LIMIT ?"
            found = connection.execute(query, (now, limit)).fetchall()
        return [WakeUp(at, case_id, LIFE) for at, case_id in found]

    def drop_row(self, row: WakeUp) -> None:
        """Remove a row that stands for nothing."""
        self._writer.write(lambda connection: sqlite_rows.delete(connection, [row]))

    def released(self, group: str) -> list[Case]:
        """Return the cases that were approved to release in a group."""
        with self._reader as connection:
            found = connection.execute("SELECT body FROM cases WHERE releases = ?", (group,)).fetchall()
        return [_decoded(body) for (body,) in found]

    def add_to_group(self, group: str, mark: Rank) -> None:
        """Note that a request waits in its group."""
        self._writer.write(
            lambda connection: connection.execute("INSERT OR IGNORE INTO pending VALUES (?, ?, ?)", (group, *mark))
        )

    def take_lead(self, group: str, mark: Rank) -> tuple[Rank, list[Rank]]:
        """Make `mark` the newest of its group unless a newer one is; return the newest, and all who wait there."""

        def work(connection: sqlite3.Connection) -> tuple[Rank, list[Rank]]:
            connection.execute(_LEAD, (group, *mark))
            ((issued_at, case_id),) = connection.execute(_HEAD, (group,)).fetchall()
            waiting = connection.execute("SELECT issued_at, id FROM pending WHERE grp = ?", (group,)).fetchall()
            return Rank(issued_at, case_id), [Rank(*each) for each in waiting]

        return self._writer.write(work)

    def newest(self, group: str) -> Rank | None:
        """Return the newest request known of a group."""
        with self._reader as connection:
            found = connection.execute(_HEAD, (group,)).fetchall()
        return Rank(*found[0]) if found else None

    def remove_from_group(self, group: str, mark: Rank) -> None:
        """Note that a request waits no longer."""
        gone = "DELETE FROM pending WHERE grp = ? AND issued_at = ? AND id = ?"
        self._writer.write(lambda connection: connection.execute(gone, (group, *mark)))

    def forget_newest(self, issued_until: float) -> None:
        """Forget, some at a time, who is the newest of its group where that one was issued by then."""
        ended = "DELETE FROM heads WHERE grp IN (SELECT grp FROM heads WHERE issued_at <= ? LIMIT ?)"
        self._writer.write(lambda connection: connection.execute(ended, (issued_until, FORGOTTEN)))

    def mark_round(self, at: float) -> None:
        """Remember that the timer ran, and forget claims that have ended."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO marks VALUES ('round', ?)", (at,))
            ended = "DELETE FROM claims WHERE key IN (SELECT key FROM claims WHERE until <= ? LIMIT ?)"
            connection.execute(ended, (at, FORGOTTEN))

        self._writer.write(work)

    def last_round(self) -> float:
        """Return when the timer last ran, 0 if it never did."""
        with self._reader as connection:
            found = connection.execute("SELECT at FROM marks WHERE name = 'round'").fetchall()
        return float(found[0][0]) if found else 0.0

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        """Keep `value` under `key` until then, unless a value is kept there; return the one that is."""

        def work(connection: sqlite3.Connection) -> str:
            kept = connection.execute("SELECT value FROM claims WHERE key = ? AND until > ?", (key, now)).fetchall()
            if not kept:
                connection.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?)", (key, value, until))
            return str(kept[0][0]) if kept else value

        return self._writer.write(work)

    def put(self, key: str, value: str, *, until: float) -> None:
        """Keep `value` under `key` until then, in place of whatever is kept there."""
        kept = "INSERT OR REPLACE INTO claims VALUES (?, ?, ?)"
        self._writer.write(lambda connection: connection.execute(kept, (key, value, until)))

    def get(self, key: str, *, now: float) -> str | None:
        """Return the value that is kept under `key`."""
        with self._reader as connection:
            query = "SELECT value FROM claims WHERE key = ? AND until > ?"
            found = connection.execute(query, (key, now)).fetchall()
        return str(found[0][0]) if found else None

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        self._written.close()
        self._reader.close()

    def _rows(self, where: str, arguments: tuple[float | str, ...]) -> list[WakeUp]:
        with self._reader as connection:
            query = f"SELECT {sqlite_rows.COLUMNS} FROM due {where}"  # noqa: S608 - our own clauses
            found = connection.execute(query, arguments).fetchall()
        return [
            WakeUp(due_at, case_id, nonce, group, since, bool(parked), bool(tried))
            for due_at, case_id, nonce, group, since, parked, tried in found
        ]

    def _open(self) -> sqlite3.Connection:
        Path(self._path).parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        try:
            _use_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            self._born_at = prepare(connection, self._clock())
        except BaseException:
            connection.close()
            raise
        return connection


def _decoded(body: bytes) -> Case:
    try:
        return codec.decode(body)
    except ValueError as error:
        raise Outage(f"a case cannot be read: {error}", permanent=True) from error


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
