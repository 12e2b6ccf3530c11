"""Messages in SQLite, each a row under its key, and in an index under its request."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from relay.journal.messages import Message, restored, stored

if TYPE_CHECKING:
    from relay.journal.search import Search

FORGOTTEN: Final = 500  # messages that are removed together
_ADD: Final = "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"


def add(connection: sqlite3.Connection, messages: Sequence[Message]) -> None:
    """Write messages, in the transaction of the caller."""
    connection.executemany(_ADD, [_row(message) for message in messages])


def find(connection: sqlite3.Connection, search: "Search", limit: int) -> list[Message]:
    """Return the wanted messages, newest first."""
    wanted = list(_conditions(search))
    where = " AND ".join(condition for condition, _ in wanted)
    values = [value for _, each in wanted for value in each]
    query = f"SELECT key, body FROM messages WHERE {where} ORDER BY key LIMIT ?"  # noqa: S608 - our own conditions
    found = connection.execute(query, (*values, limit)).fetchall()
    return [restored(json.loads(body), place) for place, body in found]


def forget(connection: sqlite3.Connection, begin: str) -> bool:
    """Remove the oldest messages with keys after `begin`. Return whether more may be left."""
    gone = "DELETE FROM messages WHERE key IN (SELECT key FROM messages WHERE key > ? ORDER BY key DESC LIMIT ?)"
    return connection.execute(gone, (begin, FORGOTTEN)).rowcount == FORGOTTEN


def _row(message: Message) -> tuple[str, ...]:
    body = json.dumps(stored(message), ensure_ascii=False, separators=(",", ":"))
    named = (message.request, message.repository.lower(), message.person, message.outcome, message.channel)
    return (message.key, *named, body)


def _conditions(search: "Search") -> Iterator[tuple[str, Sequence[str]]]:
    yield "key > ? AND key < ?", (search.first_key, search.last_key)
    # An index without the messages of no request: its condition must be in the query, word for word.
    if search.request:
        yield "request = ? AND request <> ''", (search.request,)
    if search.repository:
        yield "repository = ?", (search.repository.lower(),)
    if search.people:
        yield f"person IN ({', '.join('?' * len(search.people))})", search.people
    if search.outcome:
        yield "outcome = ?", (search.outcome,)
    if search.channel:
        yield "channel = ?", (search.channel,)
