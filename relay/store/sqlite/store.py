"""Store in one SQLite file: WAL, each decision durable before it is answered.

https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
"""

# ruff: noqa: D102 - relay/store/contract.py documents each method

import math
import sqlite3
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from relay.approval.debts import LIFE, WakeUp
from relay.approval.groups import Rank
from relay.errors import Outage
from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending
from relay.model import Case
from relay.store import codec
from relay.store.sqlite import rows as sqlite_rows
from relay.store.sqlite.schema import prepare
from relay.store.sqlite.writer import BUSY_TIMEOUT, Connection, Writer

WAL_TRIES: Final = 60
FORGOTTEN: Final = 500  # values, or groups, that one timer run forgets at most
_LEAD: Final = """
INSERT INTO heads VALUES (?, ?, ?) ON CONFLICT (grp) DO UPDATE SET issued_at = excluded.issued_at, id = excluded.id
WHERE (excluded.issued_at, excluded.id) > (heads.issued_at, heads.id)
"""
_HEAD: Final = "SELECT issued_at, id FROM heads WHERE grp = ?"


class SqliteStore:
    """One file, which several processes may share. A second connection reads, so that no writer holds up a reader.

    `clock` returns Unix seconds, and dates a new file. A file that cannot be used is an Outage, and one that is not
    there too, unless `create`.
    """

    def __init__(self, path: str, clock: Callable[[], float], *, create: bool = True) -> None:
        self._path = path
        self._create = create
        self._clock = clock
        self._reader = Connection(self._open)
        self._written = Connection(self._open)
        self._writer = Writer(self._written)
        self._born_at = 0.0

    def load(self, case_id: str) -> Case | None:
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
        body, case_id, version = codec.encode(case), case.request.id, case.version
        group = codec.release_group(case)

        def work(connection: sqlite3.Connection) -> bool:
            budget = sqlite_rows.spent(connection, spending) if spending else None
            if spending and budget is None:
                return False
            if version == 1:
                written = connection.execute(
                    "INSERT INTO cases (id, version, body, releases) VALUES (?, 1, ?, ?) ON CONFLICT DO NOTHING",
                    (case_id, body, group),
                )
            else:
                written = connection.execute(
                    "UPDATE cases SET version = ?, body = ?, releases = ? WHERE id = ? AND version = ?",
                    (version, body, group, case_id, version - 1),
                )
            if written.rowcount != 1:
                return False
            sqlite_rows.delete(connection, to_clear)
            sqlite_rows.insert(connection, to_set)
            if spending and budget:
                sqlite_rows.write_budget(connection, spending.identity, budget)
            return True

        return self._writer.write(work, durable=durable)

    def remove(self, case: Case, rows: Collection[WakeUp]) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            found = (case.request.id, case.version)
            gone = connection.execute("DELETE FROM cases WHERE id = ? AND version = ?", found).rowcount
            if gone:
                sqlite_rows.delete(connection, rows)
            return bool(gone)

        return self._writer.write(work)

    def bucket(self, identity: str) -> CallBudget:
        with self._reader as connection:
            return sqlite_rows.read_budget(connection, identity)

    def close_bucket(self, identity: str, until: float) -> None:
        def work(connection: sqlite3.Connection) -> None:
            budget = sqlite_rows.read_budget(connection, identity)
            sqlite_rows.write_budget(connection, identity, rate_limit.close(budget, until))

        self._writer.write(work)

    def give_back(self, identity: str, at: float, repository: str = "") -> None:
        def work(connection: sqlite3.Connection) -> None:
            budget = rate_limit.give_back(sqlite_rows.read_budget(connection, identity), at, repository)
            sqlite_rows.write_budget(connection, identity, budget)

        self._writer.write(work, durable=False)

    def born_at(self) -> float:
        if not self._born_at:
            with self._reader:
                pass
        return self._born_at

    def due(self, now: float, limit: int) -> list[WakeUp]:
        return self._rows("WHERE parked = 0 AND due_at <= ? ORDER BY since, case_id LIMIT ?", (now, limit))

    def queue(self, group: str, *, untried_until: float = math.inf, limit: int | None = None) -> list[WakeUp]:
        return self._rows(
            "WHERE parked = 0 AND grp = ? AND grp <> '' AND (tried OR since <= ?) ORDER BY since, case_id LIMIT ?",
            (group, untried_until, -1 if limit is None else limit),
        )

    def rows(self) -> list[WakeUp]:
        return self._rows("ORDER BY due_at", ())

    def expiring_cases(self, now: float, limit: int) -> list[WakeUp]:
        with self._reader as connection:
            query = "SELECT at, case_id FROM lives WHERE at <= ? ORDER BY at LIMIT ?"
            found = connection.execute(query, (now, limit)).fetchall()
        return [WakeUp(at, case_id, LIFE) for at, case_id in found]

    def drop_row(self, row: WakeUp) -> None:
        self._writer.write(lambda connection: sqlite_rows.delete(connection, [row]))

    def released(self, group: str) -> list[Case]:
        with self._reader as connection:
            found = connection.execute("SELECT body FROM cases WHERE releases = ?", (group,)).fetchall()
        return [_decoded(body) for (body,) in found]

    def add_to_group(self, group: str, rank: Rank) -> None:
        self._writer.write(
            lambda connection: connection.execute("INSERT OR IGNORE INTO pending VALUES (?, ?, ?)", (group, *rank))
        )

    def take_lead(self, group: str, rank: Rank) -> tuple[Rank, list[Rank]]:
        def work(connection: sqlite3.Connection) -> tuple[Rank, list[Rank]]:
            connection.execute(_LEAD, (group, *rank))
            ((issued_at, case_id),) = connection.execute(_HEAD, (group,)).fetchall()
            waiting = connection.execute("SELECT issued_at, id FROM pending WHERE grp = ?", (group,)).fetchall()
            return Rank(issued_at, case_id), [Rank(*each) for each in waiting]

        return self._writer.write(work)

    def newest(self, group: str) -> Rank | None:
        with self._reader as connection:
            found = connection.execute(_HEAD, (group,)).fetchall()
        return Rank(*found[0]) if found else None

    def remove_from_group(self, group: str, rank: Rank) -> None:
        gone = "DELETE FROM pending WHERE grp = ? AND issued_at = ? AND id = ?"
        self._writer.write(lambda connection: connection.execute(gone, (group, *rank)))

    def forget_newest(self, issued_until: float) -> None:
        ended = "DELETE FROM heads WHERE grp IN (SELECT grp FROM heads WHERE issued_at <= ? LIMIT ?)"
        self._writer.write(lambda connection: connection.execute(ended, (issued_until, FORGOTTEN)))

    def mark_round(self, at: float) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO marks VALUES ('round', ?)", (at,))
            ended = "DELETE FROM claims WHERE key IN (SELECT key FROM claims WHERE until <= ? LIMIT ?)"
            connection.execute(ended, (at, FORGOTTEN))

        self._writer.write(work)

    def last_round(self) -> float:
        with self._reader as connection:
            found = connection.execute("SELECT at FROM marks WHERE name = 'round'").fetchall()
        return float(found[0][0]) if found else 0.0

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        def work(connection: sqlite3.Connection) -> str:
            kept = connection.execute("SELECT value FROM claims WHERE key = ? AND until > ?", (key, now)).fetchall()
            if not kept:
                connection.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?)", (key, value, until))
            return str(kept[0][0]) if kept else value

        return self._writer.write(work)

    def put(self, key: str, value: str, *, until: float) -> None:
        kept = "INSERT OR REPLACE INTO claims VALUES (?, ?, ?)"
        self._writer.write(lambda connection: connection.execute(kept, (key, value, until)))

    def get(self, key: str, *, now: float) -> str | None:
        with self._reader as connection:
            query = "SELECT value FROM claims WHERE key = ? AND until > ?"
            found = connection.execute(query, (key, now)).fetchall()
        return str(found[0][0]) if found else None

    def close(self) -> None:
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
        self._make_file()
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

    def _make_file(self) -> None:
        """Make the file and its folder, for their owner alone: payloads, comments and names are in it."""
        path = Path(self._path)
        if path.exists():
            return
        if not self._create:
            raise Outage(f"there is no store at {path.absolute()}", permanent=True)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)


def _decoded(body: bytes) -> Case:
    try:
        return codec.decode(body)
    except ValueError as error:
        raise Outage(f"a case cannot be read: {error}", permanent=True) from error


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL. Of two processes at once SQLite refuses one, despite its time-out."""
    for tries_left in reversed(range(WAL_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if not tries_left:
                raise
            time.sleep(BUSY_TIMEOUT / WAL_TRIES)
        else:
            return
