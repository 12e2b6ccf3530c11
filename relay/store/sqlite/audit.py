"""Audit lines in SQLite, each a row under the time of its case's end."""

import json
import sqlite3
from typing import Final

from relay.journal.audit import AuditLine

FORGOTTEN: Final = 500  # lines that are removed together


def add(connection: sqlite3.Connection, line: AuditLine) -> None:
    """Keep a line, in the transaction of the caller."""
    facts = json.dumps(line.facts, ensure_ascii=False, separators=(",", ":"))
    connection.execute("INSERT OR REPLACE INTO audit VALUES (?, ?, ?)", (line.at, line.request, facts))


def find(connection: sqlite3.Connection, since: float, until: float) -> list[AuditLine]:
    """Return the lines of a span of time, in order."""
    query = "SELECT at, request, facts FROM audit WHERE at >= ? AND at <= ? ORDER BY at, request"
    found = connection.execute(query, (since, until)).fetchall()
    return [AuditLine(at, request, json.loads(facts)) for at, request, facts in found]


def forget(connection: sqlite3.Connection, until: float) -> bool:
    """Remove some lines from before a time. Return whether more may be left."""
    gone = "DELETE FROM audit WHERE (at, request) IN (SELECT at, request FROM audit WHERE at < ? LIMIT ?)"
    return connection.execute(gone, (until, FORGOTTEN)).rowcount == FORGOTTEN
