"""The newest request of each group, and the pending ones. Each function is part of its caller's transaction."""

import sqlite3
from typing import Final

from relay.approval.groups import Rank

FORGOTTEN: Final = 500  # groups that are forgotten together
_LEAD: Final = """
INSERT INTO heads VALUES (?, ?, ?) ON CONFLICT (grp) DO UPDATE SET issued_at = excluded.issued_at, id = excluded.id
WHERE (excluded.issued_at, excluded.id) > (heads.issued_at, heads.id)
"""
_NOTE: Final = """
INSERT INTO heads VALUES (?, ?, ?) ON CONFLICT (grp) DO UPDATE SET issued_at = excluded.issued_at, id = excluded.id
WHERE excluded.issued_at >= heads.issued_at
"""


def add(connection: sqlite3.Connection, group: str, rank: Rank) -> None:
    """Add a request to the pending ones of its group."""
    connection.execute("INSERT OR IGNORE INTO pending VALUES (?, ?, ?)", (group, *rank))


def take_lead(connection: sqlite3.Connection, group: str, rank: Rank) -> tuple[Rank, list[Rank]]:
    """Make a request the newest of its group, unless one is newer. Return the newest, and the pending ones."""
    connection.execute(_LEAD, (group, *rank))
    newest_rank = newest(connection, group) or rank
    waiting = connection.execute("SELECT issued_at, id FROM pending WHERE grp = ?", (group,)).fetchall()
    return newest_rank, [Rank(*each) for each in waiting]


def note_newest(connection: sqlite3.Connection, group: str, rank: Rank) -> None:
    """Make a request the newest of its group, unless one of a later second is there."""
    connection.execute(_NOTE, (group, *rank))


def newest(connection: sqlite3.Connection, group: str) -> Rank | None:
    """Return the newest request of a group, or None if none is known."""
    found = connection.execute("SELECT issued_at, id FROM heads WHERE grp = ?", (group,)).fetchall()
    return Rank(*found[0]) if found else None


def remove(connection: sqlite3.Connection, group: str, rank: Rank) -> None:
    """Remove a request from the pending ones of its group."""
    connection.execute("DELETE FROM pending WHERE grp = ? AND issued_at = ? AND id = ?", (group, *rank))


def forget_newest(connection: sqlite3.Connection, issued_until: float) -> None:
    """Forget groups without a request since a time, at most `FORGOTTEN` of them."""
    ended = "DELETE FROM heads WHERE grp IN (SELECT grp FROM heads WHERE issued_at <= ? LIMIT ?)"
    connection.execute(ended, (issued_until, FORGOTTEN))
