"""Index rows and buckets, as they stand in the tables of SQLite; each function is part of its caller's transaction."""

import json
import sqlite3
from collections.abc import Collection
from typing import Final

from relay.approval.debts import LIFE, WakeUp
from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending

COLUMNS: Final = "due_at, case_id, nonce, grp, since, parked, tried"
_INSERT: Final = f"INSERT INTO due ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"  # noqa: S608 - ours
# A value that is compared with the condition of an index makes SQLite plan the statement anew, so it is written out.
_DELETE_OWED: Final = "DELETE FROM due WHERE parked = 0 AND due_at = ? AND case_id = ? AND nonce = ?"
_DELETE_PARKED: Final = "DELETE FROM due WHERE parked = 1 AND due_at = ? AND case_id = ? AND nonce = ?"


def insert(connection: sqlite3.Connection, rows: Collection[WakeUp]) -> None:
    """Write rows, each where its kind stands."""
    for row in rows:
        if row.nonce == LIFE:
            connection.execute("INSERT INTO lives VALUES (?, ?) ON CONFLICT DO NOTHING", (row.due_at, row.case_id))
        else:
            columns = (row.due_at, row.case_id, row.nonce, row.group, row.since, row.parked, row.tried)
            connection.execute(_INSERT, columns)


def delete(connection: sqlite3.Connection, rows: Collection[WakeUp]) -> None:
    """Remove rows; one that is not there is none."""
    for row in rows:
        if row.nonce == LIFE:
            connection.execute("DELETE FROM lives WHERE at = ? AND case_id = ?", (row.due_at, row.case_id))
        else:
            statement = _DELETE_PARKED if row.parked else _DELETE_OWED
            connection.execute(statement, (row.due_at, row.case_id, row.nonce))


def read_bucket(connection: sqlite3.Connection, identity: str) -> CallBudget:
    """Return what the identity has spent; an empty bucket for one that is not known."""
    found = connection.execute("SELECT cells, closed_until FROM buckets WHERE identity = ?", (identity,)).fetchall()
    return (
        CallBudget(tuple((cell, count) for cell, count in json.loads(found[0][0])), found[0][1])
        if found
        else CallBudget()
    )


def keep_bucket(connection: sqlite3.Connection, identity: str, bucket: CallBudget) -> None:
    """Write what the identity has spent."""
    columns = (identity, json.dumps(bucket.cells), bucket.closed_until)
    connection.execute("INSERT OR REPLACE INTO buckets VALUES (?, ?, ?)", columns)


def spent(connection: sqlite3.Connection, spending: Spending) -> CallBudget | None:
    """Return the bucket as it would be after the calls, None where it has no room for them."""
    return rate_limit.spend(read_bucket(connection, spending.identity), spending)
