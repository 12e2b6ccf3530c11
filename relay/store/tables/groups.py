"""Groups, a partition each: the requests that wait, and the newest."""

# ruff: noqa: D102 - relay/store/contract.py documents each method

from contextlib import suppress
from typing import Final

from relay.approval.groups import Rank
from relay.store.tables.client import SEARCHING, ConflictError, Table, etag_of, quoted
from relay.store.tables.layout import HEAD, key, rank_entity, rank_of, waiting_key

FORGOTTEN: Final = 50  # groups that one timer run forgets at most, since each takes an operation


class GroupTable:
    """The table of groups. Every method raises Outage."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add_to_group(self, group: str, rank: Rank) -> None:
        self._table.put(rank_entity(group, waiting_key(rank), rank))

    def take_lead(self, group: str, rank: Rank) -> tuple[Rank, list[Rank]]:
        # The newest is replaced by its ETag, which was read together with the waiting requests. So a request that
        # leads later has seen all that were added before.
        while True:
            found = {entity["RowKey"]: entity for entity in self._table.find(f"PartitionKey eq {quoted(key(group))}")}
            head = found.pop(HEAD, None)
            waiting = [rank_of(entity) for entity in found.values()]
            if head is not None and rank_of(head) >= rank:
                return rank_of(head), waiting
            if self._replaced(group, etag_of(head) if head else "", rank):
                return rank, waiting

    def note_newest(self, group: str, rank: Rank) -> None:
        while True:
            head = self._table.get(key(group), HEAD)
            if head is not None and (rank_of(head) == rank or rank_of(head).issued_at > rank.issued_at):
                return
            if self._replaced(group, etag_of(head) if head else "", rank):
                return

    def _replaced(self, group: str, etag: str, rank: Rank) -> bool:
        """Make `rank` the newest in place of the one with this ETag, if there was one. Return False if it is gone."""
        try:
            entity = rank_entity(group, HEAD, rank)
            if etag:
                self._table.replace(entity, etag)
            else:
                self._table.insert(entity)
        except ConflictError:
            return False
        return True

    def newest(self, group: str) -> Rank | None:
        head = self._table.get(key(group), HEAD)
        return None if head is None else rank_of(head)

    def forget_newest(self, issued_until: float) -> None:
        old = f"RowKey eq '{HEAD}' and issued_at le {float(issued_until)!r}"
        for entity in self._table.find(old, limit=FORGOTTEN, times=SEARCHING):
            with suppress(ConflictError):  # a newer one leads just now
                self._table.delete(entity["PartitionKey"], HEAD, etag=etag_of(entity))

    def remove_from_group(self, group: str, rank: Rank) -> None:
        self._table.delete(key(group), waiting_key(rank))
