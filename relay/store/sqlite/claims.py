"""Values under keys, each until a time. Each function is part of its caller's transaction."""

import sqlite3
from typing import Final

FORGOTTEN: Final = 500  # values that are forgotten together


def put(connection: sqlite3.Connection, key: str, value: str, until: float) -> None:
    """Write a value."""
    connection.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?)", (key, value, until))


def put_if_absent(connection: sqlite3.Connection, key: str, value: str, now: float, until: float) -> str:
    """Write a value if the key has none at this time. Return the value of the key."""
    kept = get(connection, key, now)
    if kept is None:
        put(connection, key, value, until)
    return value if kept is None else kept


def get(connection: sqlite3.Connection, key: str, now: float) -> str | None:
    """Return the value of a key at this time, or None."""
    found = connection.execute("SELECT value FROM claims WHERE key = ? AND until > ?", (key, now)).fetchall()
    return str(found[0][0]) if found else None


def forget(connection: sqlite3.Connection, now: float) -> None:
    """Remove values that have ended, at most `FORGOTTEN` of them."""
    ended = "DELETE FROM claims WHERE key IN (SELECT key FROM claims WHERE until <= ? LIMIT ?)"
    connection.execute(ended, (now, FORGOTTEN))
