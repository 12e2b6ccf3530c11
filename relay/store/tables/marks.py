"""Marks of the store itself: when it was made, the form of its tables, when the timer last ran."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from relay.errors import Outage
from relay.store.tables.client import ConflictError, Table, TableMissingError

FORM: Final = 1
STORE: Final = "store"
BIRTH: Final = "birth"
ROUND: Final = "round"


def prepare(marks: Table, others: Iterable[Table], now: float) -> float:
    """Make the tables of a new store, and return when the store was made, Unix seconds.

    Of many processes that do so at once, the first dates it. Raises Outage, permanent, for a store of a newer relay.
    """
    try:
        born = marks.get(STORE, BIRTH)
    except TableMissingError:
        born = None
    if born is None:
        for table in (marks, *others):
            with suppress(ConflictError):  # it exists
                table.create()
        with suppress(ConflictError):  # another was faster
            marks.insert({"PartitionKey": STORE, "RowKey": BIRTH, "at": now, "form": FORM})
        born = marks.get(STORE, BIRTH)
    if born is None:
        raise Outage("the store does not keep what is written to it")
    if born["form"] > FORM:
        raise Outage("the store was written by a newer version of the relay", permanent=True)
    return float(born["at"])


def need(marks: Table) -> None:
    """Raise Outage, permanent, if there is no store of this prefix."""
    try:
        born = marks.get(STORE, BIRTH)
    except TableMissingError:
        born = None
    if born is None:
        raise Outage("there is no store of this RELAY_TABLE_PREFIX in the account", permanent=True)


def mark_round(marks: Table, at: float) -> None:
    """Note the time of a timer run."""
    marks.put({"PartitionKey": STORE, "RowKey": ROUND, "at": at})


def last_round(marks: Table) -> float:
    """Return when the timer last ran, or 0 if it never did."""
    found = marks.get(STORE, ROUND)
    return 0.0 if found is None else float(found["at"])
