"""Wake-ups and call budgets in the tables of SQLite. Each function is part of its caller's transaction."""

import sqlite3
from collections.abc import Collection
from typing import Final

from relay.approval.wake_ups import LIFE, WakeUp
from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending
from relay.store import codec

_COLUMNS: Final = "due_at, case_id, nonce, grp, since, parked, tried"
_INSERT: Final = f"INSERT INTO due ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"  # noqa: S608 - ours
# A value that is compared with the condition of an index makes SQLite plan the statement anew, so it is written out.
_DELETE_OWED: Final = "DELETE FROM due WHERE parked = 0 AND due_at = ? AND case_id = ? AND nonce = ?"
_DELETE_PARKED: Final = "DELETE FROM due WHERE parked = 1 AND due_at = ? AND case_id = ? AND nonce = ?"


def insert(connection: sqlite3.Connection, rows: Collection[WakeUp]) -> None:
    """Write wake-ups: of a case's life into `lives`, of a debt into `due`."""
    for row in rows:
        if row.nonce == LIFE:
            connection.execute("INSERT INTO lives VALUES (?, ?) ON CONFLICT DO NOTHING", (row.due_at, row.case_id))
        else:
            columns = (row.due_at, row.case_id, row.nonce, row.group, row.since, row.parked, row.tried)
            connection.execute(_INSERT, columns)


def delete(connection: sqlite3.Connection, rows: Collection[WakeUp]) -> None:
    """Remove wake-ups, if they are there."""
    for row in rows:
        if row.nonce == LIFE:
            connection.execute("DELETE FROM lives WHERE at = ? AND case_id = ?", (row.due_at, row.case_id))
        else:
            statement = _DELETE_PARKED if row.parked else _DELETE_OWED
            connection.execute(statement, (row.due_at, row.case_id, row.nonce))


def find(connection: sqlite3.Connection, where: str, values: tuple[float | str, ...]) -> list[WakeUp]:
    """Return the wake-ups of debts that a clause of SQL selects."""
    found = connection.execute(f"SELECT {_COLUMNS} FROM due {where}", values).fetchall()  # noqa: S608 - our own clauses
    return [
        WakeUp(due_at, case_id, nonce, group, since, bool(parked), bool(tried))
        for due_at, case_id, nonce, group, since, parked, tried in found
    ]


def read_budget(connection: sqlite3.Connection, identity: str) -> CallBudget:
    """Return the call budget of an identity. An unknown identity has spent nothing."""
    found = connection.execute("SELECT cells, closed_until FROM buckets WHERE identity = ?", (identity,)).fetchall()
    return codec.decode_budget(*found[0]) if found else CallBudget()


def write_budget(connection: sqlite3.Connection, identity: str, budget: CallBudget) -> None:
    """Write the call budget of an identity."""
    columns = (identity, codec.encode_cells(budget), budget.closed_until)
    connection.execute("INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)", columns)


def spent(connection: sqlite3.Connection, spending: Spending) -> CallBudget | None:
    """Return the call budget as it would be after the calls, or None if it has no room for them."""
    return rate_limit.spend(read_budget(connection, spending.identity), spending)
