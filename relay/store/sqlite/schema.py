"""The tables of the SQLite store, and how a file of an older form becomes one of today's."""

import sqlite3
from dataclasses import replace
from typing import Final

from relay.approval import debts
from relay.errors import Outage
from relay.store import codec

FORM: Final = 2
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS cases (
  id TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL, releases TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS due (
  parked INTEGER NOT NULL, due_at REAL NOT NULL, case_id TEXT NOT NULL, nonce TEXT NOT NULL,
  grp TEXT NOT NULL DEFAULT '', since REAL NOT NULL DEFAULT 0, tried INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (parked, due_at, case_id, nonce)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, value TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
"""
_SINCE_FORM_2: Final = """
CREATE TABLE IF NOT EXISTS lives (at REAL NOT NULL, case_id TEXT NOT NULL, PRIMARY KEY (at, case_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads (grp TEXT PRIMARY KEY, issued_at INTEGER NOT NULL, id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (
  grp TEXT NOT NULL, issued_at INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (grp, issued_at, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS buckets (
  identity TEXT PRIMARY KEY, cells TEXT NOT NULL, closed_until REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS due_of_group ON due (grp, since) WHERE parked = 0 AND grp <> '';
CREATE INDEX IF NOT EXISTS claims_until ON claims (until);
CREATE INDEX IF NOT EXISTS cases_of_group ON cases (releases) WHERE releases <> '';
"""
_FROM_FORM_1: Final = """
ALTER TABLE due ADD COLUMN grp TEXT NOT NULL DEFAULT '';
ALTER TABLE due ADD COLUMN since REAL NOT NULL DEFAULT 0;
ALTER TABLE due ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN releases TEXT NOT NULL DEFAULT '';
"""
_MARKS: Final = "SELECT name, at FROM marks WHERE name IN ('birth', 'form')"


def prepare(connection: sqlite3.Connection, now: float) -> float:
    """Make the tables, or bring them to today's form, and return when the store was born, Unix seconds.

    A file that is as it should be is only read, so that opening one waits for no writer. Raises Outage, permanent,
    for a file of a newer relay.
    """
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'marks'").fetchone()
    marks = dict(connection.execute(_MARKS)) if known else {}
    if marks.get("form", 0) > FORM:
        raise Outage("the store was written by a newer version of the relay", permanent=True)
    if marks.get("form") != FORM:
        connection.execute("BEGIN IMMEDIATE")
        _make(connection, now)
        connection.execute("COMMIT")
        marks = dict(connection.execute(_MARKS))
    return float(marks["birth"])


def _make(connection: sqlite3.Connection, now: float) -> None:
    """Make what is missing, under the write lock: another process may have done so in the meantime."""
    _run(connection, _TABLES)
    form = dict(connection.execute(_MARKS)).get("form")
    if form == 1:
        _run(connection, _FROM_FORM_1)
    _run(connection, _SINCE_FORM_2)
    if form == 1:
        _place_debts(connection)
        # Every case gets its place in the round, which then arranges when to look at it.
        connection.execute("INSERT OR IGNORE INTO lives SELECT ?, id FROM cases", (now,))
    connection.execute("INSERT OR IGNORE INTO marks VALUES ('birth', ?)", (now,))
    connection.execute("INSERT OR REPLACE INTO marks VALUES ('form', ?)", (FORM,))


def _place_debts(connection: sqlite3.Connection) -> None:
    """Tell each debt the nonce of its row, and each row the place of its debt in its group: form 1 had neither."""
    rows = connection.execute("SELECT parked, due_at, case_id, nonce, body FROM due JOIN cases ON id = case_id")
    for parked, due_at, case_id, nonce, body in rows.fetchall():
        case = codec.decode(body)
        for index, debt in enumerate(case.debts):
            if (debt.due_at, debt.status != "owed") == (due_at, bool(parked)):
                placed = (*case.debts[:index], replace(debt, row=nonce), *case.debts[index + 1 :])
                row = debts.row_of(replace(case, debts=placed), index)
                connection.execute(
                    "UPDATE due SET grp = ?, since = ?, tried = ?"
                    " WHERE (parked, due_at, case_id, nonce) = (?, ?, ?, ?)",
                    (row.group, row.since, row.tried, parked, due_at, case_id, nonce),
                )
                connection.execute(
                    "UPDATE cases SET body = ? WHERE id = ?", (codec.encode(replace(case, debts=placed)), case_id)
                )
                break


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Run statements without the COMMIT that `executescript` begins with."""
    for statement in filter(str.strip, script.split(";")):
        connection.execute(statement)
