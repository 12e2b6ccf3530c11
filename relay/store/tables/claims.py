"""Values that end, by key, in one partition: each value under its key, and again by its end.

Both are written and removed together, so that ended values are found without a search through the others.
"""

# ruff: noqa: D102 - relay/store/contract.py documents each method

from contextlib import suppress
from typing import Final

from azure.data.tables import TableEntity

from relay.store.tables.client import ConflictError, Table, delete, etag_of, update
from relay.store.tables.layout import at, digest

PARTITION: Final = "claims"
FORGOTTEN: Final = 50  # values that one timer run forgets at most, since a transaction holds 100 operations


class ClaimTable:
    """The table of values that end. Every method raises Outage."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        kept: TableEntity | None = None
        while not self._write(key, value, until, over=kept):
            kept = self._table.get(PARTITION, f"key~{digest(key)}")
            if kept is not None and float(kept["until"]) > now:
                return str(kept["value"])
        return value

    def put(self, key: str, value: str, *, until: float) -> None:
        kept: TableEntity | None = None
        while not self._write(key, value, until, over=kept):
            kept = self._table.get(PARTITION, f"key~{digest(key)}")

    def get(self, key: str, *, now: float) -> str | None:
        kept = self._table.get(PARTITION, f"key~{digest(key)}")
        return str(kept["value"]) if kept is not None and float(kept["until"]) > now else None

    def _write(self, key: str, value: str, until: float, *, over: TableEntity | None) -> bool:
        """Write a value and its end over those that were read. Return False if another write came first."""
        name = digest(key)
        claim = {"PartitionKey": PARTITION, "RowKey": f"key~{name}", "value": value, "until": float(until)}
        operations = [update(claim, etag_of(over) if over is not None else "")]
        end, ended = _end(name, until), _end(name, float(over["until"])) if over is not None else ""
        if end != ended:
            operations.append(update({"PartitionKey": PARTITION, "RowKey": end}, ""))
            operations += [delete(PARTITION, ended)] if ended else []
        try:
            self._table.together(operations)
        except ConflictError:
            return False
        return True

    def forget(self, now: float) -> None:
        """Remove some values that have ended."""
        rows = f"PartitionKey eq '{PARTITION}' and RowKey ge 'end~' and RowKey lt 'end~{at(now)}~~'"
        ends = [str(entity["RowKey"]) for entity in self._table.find(rows, limit=FORGOTTEN)]
        if ends:
            names = [end.rpartition("~")[2] for end in ends]
            with suppress(ConflictError):  # another timer run removes the same
                self._table.together([delete(PARTITION, row) for row in [*ends, *(f"key~{name}" for name in names)]])


def _end(name: str, until: float) -> str:
    return f"end~{at(until)}~{name}"
