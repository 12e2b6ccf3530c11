"""Store in one SQLite file, each decision durable before it is answered."""

# ruff: noqa: D102 - relay/store/contract.py documents each method

import math
import sqlite3
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from relay.approval.groups import Rank
from relay.approval.wake_ups import LIFE, WakeUp
from relay.errors import Outage
from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending
from relay.journal.messages import Message, rank
from relay.model.case import Case
from relay.store import codec
from relay.store.sqlite import claims as sqlite_claims
from relay.store.sqlite import groups as sqlite_groups
from relay.store.sqlite import messages as sqlite_messages
from relay.store.sqlite import rows as sqlite_rows
from relay.store.sqlite.file import open_file
from relay.store.sqlite.schema import prepare
from relay.store.sqlite.writer import Connection, Writer

if TYPE_CHECKING:
    from relay.journal.audit import AuditLine
    from relay.journal.search import Search


class SqliteStore:
    """One file, which several processes may share. A second connection reads, so that no writer holds up a reader.

    `clock` returns Unix seconds, and dates a new file. A file that cannot be used is an Outage, and one that is not
    there too, unless `create`.
    """

    def __init__(self, path: str, clock: Callable[[], float], *, create: bool = True) -> None:
        self._path = Path(path)
        self._create = create
        self._clock = clock
        self._reader = Connection(self._open)
        self._written = Connection(self._open)
        self._writer = Writer(self._written)
        self._born_at = 0.0

    def load(self, case_id: str) -> Case | None:
        found = self._cases("WHERE id = ?", case_id)
        return found[0] if found else None

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
        return self._cases("WHERE releases = ?", group)

    def add_to_group(self, group: str, rank: Rank) -> None:
        self._writer.write(lambda connection: sqlite_groups.add(connection, group, rank))

    def take_lead(self, group: str, rank: Rank) -> tuple[Rank, list[Rank]]:
        return self._writer.write(lambda connection: sqlite_groups.take_lead(connection, group, rank))

    def note_newest(self, group: str, rank: Rank) -> None:
        self._writer.write(lambda connection: sqlite_groups.note_newest(connection, group, rank))

    def newest(self, group: str) -> Rank | None:
        with self._reader as connection:
            return sqlite_groups.newest(connection, group)

    def remove_from_group(self, group: str, rank: Rank) -> None:
        self._writer.write(lambda connection: sqlite_groups.remove(connection, group, rank))

    def forget_newest(self, issued_until: float) -> None:
        self._writer.write(lambda connection: sqlite_groups.forget_newest(connection, issued_until))

    def mark_round(self, at: float) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO marks VALUES ('round', ?)", (at,))
            sqlite_claims.forget(connection, at)

        self._writer.write(work)

    def last_round(self) -> float:
        with self._reader as connection:
            found = connection.execute("SELECT at FROM marks WHERE name = 'round'").fetchall()
        return float(found[0][0]) if found else 0.0

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        return self._writer.write(lambda connection: sqlite_claims.put_if_absent(connection, key, value, now, until))

    def put(self, key: str, value: str, *, until: float) -> None:
        self._writer.write(lambda connection: sqlite_claims.put(connection, key, value, until))

    def get(self, key: str, *, now: float) -> str | None:
        with self._reader as connection:
            return sqlite_claims.get(connection, key, now)

    def add_audit(self, line: "AuditLine") -> None:
        from relay.store.sqlite import audit as sqlite_audit  # noqa: PLC0415 - a cold press does not pay for it

        self._writer.write(lambda connection: sqlite_audit.add(connection, line))

    def audit(self, since: float, until: float) -> "list[AuditLine]":
        from relay.store.sqlite import audit as sqlite_audit  # noqa: PLC0415 - as above

        with self._reader as connection:
            return sqlite_audit.find(connection, since, until)

    def forget_audit(self, until: float) -> bool:
        from relay.store.sqlite import audit as sqlite_audit  # noqa: PLC0415 - as above

        return self._writer.write(lambda connection: sqlite_audit.forget(connection, until), durable=False)

    def cases(self) -> list[Case]:
        return self._cases("")

    def add_messages(self, messages: Sequence[Message]) -> None:
        self._writer.write(lambda connection: sqlite_messages.add(connection, messages), durable=False)

    def messages(self, search: "Search", limit: int) -> list[Message]:
        with self._reader as connection:
            return sqlite_messages.find(connection, search, limit)

    def forget_messages(self, until: float) -> bool:
        begin = f"{rank(until)}-~"
        return self._writer.write(lambda connection: sqlite_messages.forget(connection, begin), durable=False)

    def close(self) -> None:
        self._written.close()
        self._reader.close()

    def _cases(self, where: str, *values: str) -> list[Case]:
        with self._reader as connection:
            found = connection.execute(f"SELECT body FROM cases {where}", values).fetchall()  # noqa: S608 - our own clauses
        return [_decoded(body) for (body,) in found]

    def _rows(self, where: str, arguments: tuple[float | str, ...]) -> list[WakeUp]:
        with self._reader as connection:
            return sqlite_rows.find(connection, where, arguments)

    def _open(self) -> sqlite3.Connection:
        connection = open_file(self._path, create=self._create)
        try:
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
