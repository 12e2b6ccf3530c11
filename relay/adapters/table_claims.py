"""Claims: the first value under a key is kept until it ends. One partition holds each claim and, by time, its end.

The two are written and removed together, so that what has ended is found without a look at what has not.
"""

from contextlib import suppress
from typing import Final

from relay.adapters.table_client import ConflictError, Operation, Table, delete, etag_of, update
from relay.adapters.table_layout import at, digest

PARTITION: Final = "claims"
FORGOTTEN: Final = 50  # claims that one round forgets at most, since a transaction holds 100 operations


class ClaimTable:
    """The claims; `table` is theirs. Every method raises Outage."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def claim(self, key: str, value: str, *, now: float, until: float) -> str:
        """Keep `value` under `key` until then, unless a value is kept there; return the one that is."""
        name, etag = digest(key), ""
        ended: list[Operation] = []
        while True:
            claim = {"PartitionKey": PARTITION, "RowKey": f"key~{name}", "value": value, "until": until}
            end = {"PartitionKey": PARTITION, "RowKey": _end(name, until)}
            try:
                self._table.together([update(claim, etag), update(end, ""), *ended])
            except ConflictError:
                kept = self._table.get(PARTITION, f"key~{name}")
                if kept is not None and float(kept["until"]) > now:
                    return str(kept["value"])
                etag = etag_of(kept) if kept is not None else ""
                ended = [delete(PARTITION, _end(name, float(kept["until"])))] if kept is not None else []
            else:
                return value

    def forget(self, now: float) -> None:
        """Remove claims that have ended, some of them at a time."""
        rows = f"PartitionKey eq '{PARTITION}' and RowKey ge 'end~' and RowKey lt 'end~{at(now)}~~'"
        ends = [str(entity["RowKey"]) for entity in self._table.find(rows, limit=FORGOTTEN)]
        if ends:
            names = [end.rpartition("~")[2] for end in ends]
            with suppress(ConflictError):  # another round forgets the same
                self._table.together([delete(PARTITION, row) for row in [*ends, *(f"key~{name}" for name in names)]])


def _end(name: str, until: float) -> str:
    return f"end~{at(until)}~{name}"
