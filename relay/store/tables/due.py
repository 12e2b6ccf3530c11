"""The rows of what is owed, parked or to end, and the buckets that are spent with them in one transaction."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from heapq import nsmallest
from threading import Lock
from typing import Final, NamedTuple

from relay.approval.debts import LIFE, WakeUp
from relay.errors import Outage
from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending
from relay.store.tables.client import ConflictError, Operation, Table, etag_of, update, upsert
from relay.store.tables.layout import (
    ENDED,
    OWED,
    PARKED,
    at,
    bucket_entity,
    bucket_key,
    bucket_of,
    of_group,
    place,
    row_entity,
    row_of,
)

TURN: Final = 3.0  # seconds
LEFT: Final = 1_000  # rows left lying that are remembered


class _Seen(NamedTuple):
    """A bucket as it was last seen, and its ETag, empty for one that is not stored yet."""

    bucket: CallBudget
    etag: str


class DueTable:
    """The rows and buckets; `table` is theirs. Every method raises Outage."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._turn = Lock()  # of those who spend: with one at a time in this process few are too late
        self._buckets: dict[str, _Seen] = {}
        self._left: dict[WakeUp, None] = {}

    def bucket(self, identity: str) -> CallBudget:
        """Return what the identity has spent, as last seen."""
        return (self._buckets.get(identity) or self._read(identity)).bucket

    def close_bucket(self, identity: str, until: float) -> None:
        """Let nobody spend anything of the identity's until then."""
        self._change(identity, lambda bucket: rate_limit.close(bucket, until), [])

    def give_back(self, identity: str, at: float) -> None:
        """Give back the room for one call that was not made `at` a time; lost where others spend at once.

        Whether a write that met another was one's own, which the SDK sent twice, cannot be known: then it would be
        given back twice, and GitHub called too often.
        """
        with suppress(ConflictError):
            self._change(identity, lambda bucket: rate_limit.give_back(bucket, at), [], again=False)

    def set(self, rows: Collection[WakeUp], spending: Spending | None) -> bool:
        """Write rows, those of what is owed in one transaction with what is spent; False where there is no room for it.

        Who does not come to commit may leave the rows lying: a row bears a nonce that no other commit has.
        """
        owed = [row for row in dict.fromkeys(rows) if place(row)[0] == OWED]
        operations = [upsert(row_entity(row)) for row in owed]
        if spending is not None:
            if not self._change(spending.identity, lambda bucket: rate_limit.spend(bucket, spending), operations):
                return False
        elif owed:
            self._table.together(operations)
        for row in dict.fromkeys(rows):
            if row not in owed:
                self._table.put(row_entity(row))
        return True

    def take_back(self, rows: Collection[WakeUp]) -> None:
        """Remove the rows of a commit that has lost for certain; what cannot be removed now, the rounds drop.

        The row of a life stays: the commit that won has the same.
        """
        with suppress(Outage):
            for row in rows:
                if row.nonce != LIFE:
                    self._table.delete(*place(row))

    def clear(self, rows: Collection[WakeUp], *, owing: bool, now: float) -> None:
        """Remove the rows of a commit that is written.

        Where a case owes nothing any more its rows are left to the round that meets them, which spares a click the
        time. A row that cannot be removed now is left to it too, unless it is parked: no round meets those.
        """
        for row in rows:
            partition, name = place(row)
            if partition == OWED and not owing and row.due_at > now:
                self._leave(row)
            elif partition == PARKED:
                self._table.delete(partition, name)
            else:
                with suppress(Outage):
                    self._table.delete(partition, name)

    def drop(self, row: WakeUp) -> None:
        """Remove a row."""
        self._table.delete(*place(row))
        self._left.pop(row, None)

    def due(self, now: float, limit: int) -> list[WakeUp]:
        """Return rows of debts due by now, in the order in which they came to be owed."""
        return nsmallest(limit, self._find(f"PartitionKey eq '{OWED}' and due_at le {now!r}"), key=_order)

    def queue(self, group: str, untried_until: float) -> list[WakeUp]:
        """Return the rows of what is owed in a group, in the order in which it came to be owed.

        What nobody has tried yet is left out where it came to be owed later than `untried_until`.
        """
        start = of_group(group)
        rows = self._find(f"PartitionKey eq '{OWED}' and RowKey ge '{start}' and RowKey lt '{start}~'") if group else []
        counting = (row for row in rows if row.tried or row.since <= untried_until)
        return sorted((row for row in counting if row not in self._left), key=_order)

    def rows(self) -> list[WakeUp]:
        """Return every row of a debt, due, waiting or parked, by its time."""
        found = [row for partition in (OWED, PARKED) for row in self._find(f"PartitionKey eq '{partition}'")]
        return sorted((row for row in found if row not in self._left), key=lambda row: row.due_at)

    def expiring_cases(self, now: float, limit: int) -> list[WakeUp]:
        """Return the rows of cases that are to be expired or removed by now, oldest first."""
        return self._find(f"PartitionKey eq '{ENDED}' and RowKey lt '{at(now)}~~~' and due_at le {now!r}", limit=limit)

    def _find(self, condition: str, *, limit: int = 0) -> list[WakeUp]:
        return [row_of(entity) for entity in self._table.find(condition, limit=limit) if "due_at" in entity]

    def _change(
        self,
        identity: str,
        change: Callable[[CallBudget], CallBudget | None],
        others: Sequence[Operation],
        *,
        again: bool = True,
    ) -> bool:
        """Write the changed bucket over the one it was made of, together with `others`; False where it is None.

        Where another was faster it is changed `again`, or ConflictError raised.
        """
        if not self._turn.acquire(timeout=TURN):
            raise Outage("the store does not work: too many wait for it")
        try:
            while True:
                seen = self._buckets.pop(identity, None) or self._read(identity)
                changed = change(seen.bucket)
                if changed is None:
                    self._buckets[identity] = seen
                    return False
                try:
                    etags = self._table.together([update(bucket_entity(identity, changed), seen.etag), *others])
                except ConflictError:
                    if not again:
                        raise
                else:
                    self._buckets[identity] = _Seen(changed, etags[0])
                    return True
        finally:
            self._turn.release()

    def _read(self, identity: str) -> _Seen:
        entity = self._table.get(OWED, bucket_key(identity))
        seen = _Seen(bucket_of(entity), etag_of(entity)) if entity is not None else _Seen(CallBudget(), "")
        return self._buckets.setdefault(identity, seen)

    def _leave(self, row: WakeUp) -> None:
        self._left[row] = None
        if len(self._left) > LEFT:
            self._left.pop(next(iter(self._left)), None)


def _order(row: WakeUp) -> tuple[float, str]:
    return row.since, row.case_id
