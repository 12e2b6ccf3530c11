"""Tables of the SQLite store."""

import re
import sqlite3
from typing import Final

from relay.errors import Outage

FORM: Final = 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS cases (
  id TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL, releases TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS due (
  parked INTEGER NOT NULL, due_at REAL NOT NULL, case_id TEXT NOT NULL, nonce TEXT NOT NULL,
  grp TEXT NOT NULL, since REAL NOT NULL, tried INTEGER NOT NULL,
  PRIMARY KEY (parked, due_at, case_id, nonce)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lives (at REAL NOT NULL, case_id TEXT NOT NULL, PRIMARY KEY (at, case_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heads (grp TEXT PRIMARY KEY, issued_at INTEGER NOT NULL, id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (
  grp TEXT NOT NULL, issued_at INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (grp, issued_at, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS buckets (
  identity TEXT PRIMARY KEY, cells TEXT NOT NULL, closed_until REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, value TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, repository TEXT NOT NULL, person TEXT NOT NULL, outcome TEXT NOT NULL,
  channel TEXT NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (
  at INTEGER NOT NULL, request TEXT NOT NULL, facts TEXT NOT NULL, PRIMARY KEY (at, request)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS due_of_group ON due (grp, since) WHERE parked = 0 AND grp <> '';
CREATE INDEX IF NOT EXISTS claims_until ON claims (until);
CREATE INDEX IF NOT EXISTS cases_of_group ON cases (releases) WHERE releases <> '';
CREATE INDEX IF NOT EXISTS messages_of_request ON messages (request, key) WHERE request <> '';
"""
_NAMES: Final = frozenset(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", _TABLES))


def prepare(connection: sqlite3.Connection, now: float) -> float:
    """Make the tables of a new file, and return when the store was made, Unix seconds.

    Raises Outage, permanent, for a file of a newer relay.
    """
    # A file that has its tables is only read, so that opening one waits for no writer.
    known = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    marks = _marks(connection) if "marks" in known else {}
    if "form" not in marks or (marks["form"] <= FORM and not known >= _NAMES):  # a file of an older relay lacks some
        connection.execute("BEGIN IMMEDIATE")
        for statement in filter(str.strip, _TABLES.split(";")):  # `executescript` would commit first
            connection.execute(statement)
        # Another process may have done the same in the meantime.
        connection.execute("INSERT OR IGNORE INTO marks VALUES ('birth', ?), ('form', ?)", (now, FORM))
        connection.execute("COMMIT")
        marks = _marks(connection)
    if marks["form"] > FORM:
        raise Outage("the store was written by a newer version of the relay", permanent=True)
    return marks["birth"]


def _marks(connection: sqlite3.Connection) -> dict[str, float]:
    return dict(connection.execute("SELECT name, at FROM marks WHERE name IN ('birth', 'form')"))
