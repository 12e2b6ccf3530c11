"""Messages in a table of their own: a partition for each day, the newest first, and one for each request.

A page is one query over the partitions of the days, or over that of a request. Each message is written into both.
https://learn.microsoft.com/azure/storage/tables/table-storage-design-patterns#log-tail-pattern
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from relay.journal.messages import Message, day_of, restored, stored
from relay.journal.search import Search
from relay.store.tables.client import (
    SEARCHING,
    ConflictError,
    Operation,
    Table,
    TableMissingError,
    quoted,
    upsert,
)
from relay.store.tables.layout import key

FORGOTTEN: Final = 100  # messages that are removed together, since a transaction holds 100 operations
_LAST_DAY: Final = 99_999
_DAYS: Final = "day~"
_REQUESTS: Final = "request~"


class MessageTable:
    """The table of messages. Every method raises Outage."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, messages: Sequence[Message]) -> None:
        """Write messages into their partitions, a transaction for each. A store of an older relay gets the table."""
        operations: dict[str, list[Operation]] = defaultdict(list)
        for message in messages:
            for partition in _partitions(message):
                operations[partition].append(upsert(_entity(partition, message)))
        try:
            self._write(operations)
        except TableMissingError:
            with suppress(ConflictError):  # another has made it just now
                self._table.create()
            self._write(operations)

    def find(self, search: Search, limit: int) -> list[Message]:
        """Return the wanted messages, newest first, by one query."""
        try:
            found = self._table.find(" and ".join(_conditions(search)), limit=limit, times=SEARCHING)
        except TableMissingError:
            return []
        return [restored(entity, entity["RowKey"]) for entity in found]

    def forget(self, begin: str) -> bool:
        """Remove some messages of one day, with keys after `begin`. Return whether more may be left."""
        days = f"PartitionKey ge '{_day(begin)}' and PartitionKey lt '{_DAYS}~' and RowKey gt '{begin}'"
        try:
            old = self._table.find(days, limit=FORGOTTEN)
        except TableMissingError:
            return False
        of_a_day = [entity for entity in old if entity["PartitionKey"] == old[0]["PartitionKey"]]
        by_partition: dict[str, list[str]] = defaultdict(list)
        for entity in of_a_day:
            if entity.get("request"):
                by_partition[_request(entity["request"])].append(entity["RowKey"])
        # The day's own go last: they lead to the others, also after a crash.
        for partition, rows in by_partition.items():
            self._table.delete_all(partition, rows)
        if old:
            self._table.delete_all(old[0]["PartitionKey"], [entity["RowKey"] for entity in of_a_day])
        return bool(old)

    def _write(self, operations: Mapping[str, Sequence[Operation]]) -> None:
        for each in operations.values():
            self._table.together(each)


def _partitions(message: Message) -> list[str]:
    return [_day(message.key), *([_request(message.request)] if message.request else [])]


def _day(place: str) -> str:
    return f"{_DAYS}{_LAST_DAY - day_of(place):05d}"


def _request(request: str) -> str:
    return f"{_REQUESTS}{key(request)}"


def _entity(partition: str, message: Message) -> dict[str, Any]:
    found = {"PartitionKey": partition, "RowKey": message.key, **stored(message), "at": float(message.at)}
    return found | ({"repo": message.repository.lower()} if message.repository else {})


def _conditions(search: Search) -> Iterator[str]:
    if search.request:
        yield f"PartitionKey eq {quoted(_request(search.request))}"
    else:
        newest = _day(search.first_key) if search.first_key else _DAYS
        oldest = _day(search.last_key) if search.last_key != "~" else f"{_DAYS}~"
        yield f"PartitionKey ge '{newest}' and PartitionKey le '{oldest}'"
    yield f"RowKey gt '{search.first_key}' and RowKey lt '{search.last_key}'"
    if search.repository:
        yield f"repo eq {quoted(search.repository.lower())}"
    if search.people:
        yield "(" + " or ".join(f"person eq {quoted(person)}" for person in search.people) + ")"
    if search.outcome:
        yield f"outcome eq {quoted(search.outcome)}"
    if search.channel:
        yield f"channel eq {quoted(search.channel)}"
