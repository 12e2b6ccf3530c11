"""Audit lines in a table of their own: a partition for each day on which cases ended, in the order of their ends."""

import json
from collections.abc import Mapping
from contextlib import suppress
from itertools import count, takewhile
from typing import Any, Final

from relay.journal.audit import DAY, AuditLine
from relay.store.tables.client import ConflictError, Table, TableMissingError, delete, upsert
from relay.store.tables.layout import key

PIECE: Final = 16_000  # characters; a property holds 64 KiB in UTF-16, and some characters take four bytes
FORGOTTEN: Final = 100  # lines that are removed together, since a transaction holds 100 operations


class AuditTable:
    """The table of audit lines. Every method raises Outage."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add(self, line: AuditLine) -> None:
        """Keep a line. A store of an older relay gets the table."""
        facts = json.dumps(line.facts, ensure_ascii=False, separators=(",", ":"))
        names = {"PartitionKey": _day(line.at), "RowKey": f"{line.at:012d}~{key(line.request)}"}
        entity: dict[str, Any] = {**names, "at": line.at, "request": line.request, **_split(facts)}
        try:
            self._table.together([upsert(entity)])
        except TableMissingError:
            with suppress(ConflictError):  # another has made it just now
                self._table.create()
            self._table.together([upsert(entity)])

    def find(self, since: float, until: float) -> list[AuditLine]:
        """Return the lines of a span of time, in order."""
        days = f"PartitionKey ge '{_day(since)}' and PartitionKey le '{_day(until)}'"
        try:
            found = self._table.find(days)
        except TableMissingError:
            return []
        lines = [AuditLine(int(each["at"]), str(each["request"]), json.loads(_joined(each))) for each in found]
        return [line for line in lines if since <= line.at <= until]

    def forget(self, until: float) -> bool:
        """Remove some lines of one day that is over before a time. Return whether more may be left."""
        try:
            old = self._table.find(f"PartitionKey lt '{_day(until)}'", limit=FORGOTTEN)
        except TableMissingError:
            return False
        of_a_day = [each["RowKey"] for each in old if each["PartitionKey"] == old[0]["PartitionKey"]]
        if old:
            with suppress(ConflictError):  # another timer run removes the same
                self._table.together([delete(old[0]["PartitionKey"], row) for row in of_a_day])
        return bool(old)


def _split(facts: str) -> dict[str, str]:
    """Return the facts in pieces, by the names of their properties."""
    pieces = [facts[start : start + PIECE] for start in range(0, len(facts), PIECE)]
    return {f"facts{number or ''}": piece for number, piece in enumerate(pieces)}


def _joined(entity: Mapping[str, Any]) -> str:
    """Return the facts that were split."""
    names = (f"facts{number or ''}" for number in count())
    return "".join(str(entity[name]) for name in takewhile(entity.__contains__, names))


def _day(at: float) -> str:
    return f"{max(0, min(int(at // DAY), 99_999)):05d}"
