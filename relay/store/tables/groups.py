"""Groups, a partition each: who waits, and who is the newest."""

from contextlib import suppress
from typing import Final

from relay.approval.groups import Rank
from relay.store.tables.client import ConflictError, Table, etag_of, quoted
from relay.store.tables.layout import HEAD, key, mark_entity, mark_of, waiting_key

FORGOTTEN: Final = 50  # groups that one round forgets at most, since each takes an operation


class GroupTable:
    """The groups; `table` is theirs. Every method raises Outage."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def add_to_group(self, group: str, mark: Rank) -> None:
        """Note that a request waits in its group."""
        self._table.put(mark_entity(group, waiting_key(mark), mark))

    def take_lead(self, group: str, mark: Rank) -> tuple[Rank, list[Rank]]:
        """Make `mark` the newest of its group unless a newer one is; return the newest, and all who wait there.

        The head moves by its ETag as it was read together with those who wait: who leads later has seen who joined.
        """
        while True:
            found = {entity["RowKey"]: entity for entity in self._table.find(f"PartitionKey eq {quoted(key(group))}")}
            head = found.pop(HEAD, None)
            waiting = [mark_of(entity) for entity in found.values()]
            if head is not None and mark_of(head) >= mark:
                return mark_of(head), waiting
            try:
                entity = mark_entity(group, HEAD, mark)
                if head is None:
                    self._table.insert(entity)
                else:
                    self._table.replace(entity, etag_of(head))
            except ConflictError:
                continue
            return mark, waiting

    def newest(self, group: str) -> Rank | None:
        """Return the newest request known of a group."""
        head = self._table.get(key(group), HEAD)
        return None if head is None else mark_of(head)

    def forget_newest(self, issued_until: float) -> None:
        """Forget, some at a time, who is the newest of its group where that one was issued by then."""
        old = f"RowKey eq '{HEAD}' and issued_at le {float(issued_until)!r}"
        for entity in self._table.find(old, limit=FORGOTTEN):
            with suppress(ConflictError):  # a newer one leads just now
                self._table.delete(entity["PartitionKey"], HEAD, etag=etag_of(entity))

    def remove_from_group(self, group: str, mark: Rank) -> None:
        """Note that a request waits no longer."""
        self._table.delete(key(group), waiting_key(mark))
