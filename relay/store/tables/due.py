"""Wake-ups, and the call budgets that are spent with them in one transaction."""

# ruff: noqa: D102 - relay/store/contract.py documents each method

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from heapq import nsmallest
from threading import Lock
from typing import Final, NamedTuple

from relay.approval.wake_ups import LIFE, WakeUp
from relay.errors import Outage
from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending
from relay.store.tables.client import TOGETHER, ConflictError, Operation, Table, etag_of, update, upsert
from relay.store.tables.layout import (
    ENDED,
    OWED,
    PARKED,
    at,
    budget_entity,
    budget_key,
    budget_of,
    key_of,
    of_group,
    row_entity,
    row_of,
)

TURN: Final = 3.0  # seconds to wait for the others that spend
LEFT: Final = 1_000  # wake-ups left in the table that are remembered


class _Seen(NamedTuple):
    """A call budget as it was last seen, and its ETag, empty if it is not stored yet."""

    budget: CallBudget
    etag: str


class DueTable:
    """The table of wake-ups and call budgets. Every method raises Outage."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._turn = Lock()  # to spend: with one thread of this process at a time, few writes meet another
        self._budgets: dict[str, _Seen] = {}
        self._leaving = Lock()  # to change `_left`: while one thread looks for the oldest, another must add none
        self._left: dict[WakeUp, None] = {}

    def bucket(self, identity: str) -> CallBudget:
        return (self._budgets.get(identity) or self._read(identity)).budget

    def close_bucket(self, identity: str, until: float) -> None:
        self._change(identity, lambda budget: rate_limit.close(budget, until), [])

    def give_back(self, identity: str, at: float, repository: str) -> None:
        """Give back one call that was not made. It is lost if another write meets this one."""
        # The other write may be this very one, sent twice: to give back again would call GitHub too often.
        with suppress(ConflictError):
            self._change(identity, lambda budget: rate_limit.give_back(budget, at, repository), [], again=False)

    def set(
        self, rows: Collection[WakeUp], spending: Spending | None, may_win: Callable[[], bool] = lambda: True
    ) -> bool:
        """Write wake-ups; the first of owed debts share a transaction with `spending`. Return False if it has no room.

        Before it spends, after its wait for the others, the commit is asked whether it `may_win`. A commit that is cut
        off may leave its wake-ups: no other commit has their nonce.
        """
        owed = [row for row in dict.fromkeys(rows) if key_of(row)[0] == OWED]
        operations = [upsert(row_entity(row)) for row in owed]
        if spending is not None:
            with_budget, operations = operations[: TOGETHER - 1], operations[TOGETHER - 1 :]

            def spend(budget: CallBudget) -> CallBudget | None:
                return rate_limit.spend(budget, spending) if may_win() else None

            if not self._change(spending.identity, spend, with_budget):
                return False
        for start in range(0, len(operations), TOGETHER):  # a request has a card for each person of its channels
            self._table.together(operations[start : start + TOGETHER])
        for row in dict.fromkeys(rows):
            if row not in owed:
                self._table.put(row_entity(row))
        return True

    def take_back(self, rows: Collection[WakeUp], spending: Spending | None) -> None:
        """Remove the wake-ups of a commit that has lost for certain, and give back its calls if nobody else spends.

        A timer run drops any wake-ups that stay.
        """
        if spending is not None:
            with suppress(Outage):
                self._change(spending.identity, lambda budget: rate_limit.unspend(budget, spending), [], again=False)
        self._try_to_delete(
            row for row in rows if row.nonce != LIFE
        )  # the commit that won has the same one for its life

    def clear(self, rows: Collection[WakeUp], *, owing: bool, now: float) -> None:
        """Remove the wake-ups of a commit that is written.

        If the case owes nothing more, they are left to the timer run that meets them, which saves a click the time.
        A wake-up that cannot be removed is left to it too, unless it is parked: no timer run meets those.
        """
        removed: list[WakeUp] = []
        for row in rows:
            partition, name = key_of(row)
            if partition == OWED and not owing and row.due_at > now:
                self._leave(row)
            elif partition == PARKED:
                self._table.delete(partition, name)
            else:
                removed.append(row)
        self._try_to_delete(removed)

    def _try_to_delete(self, rows: Iterable[WakeUp]) -> None:
        names: dict[str, list[str]] = {}
        for row in rows:
            partition, name = key_of(row)
            names.setdefault(partition, []).append(name)
        with suppress(Outage):
            for partition, some in names.items():
                self._table.delete_all(partition, some)

    def drop(self, row: WakeUp) -> None:
        """Remove a wake-up."""
        self._table.delete(*key_of(row))
        with self._leaving:
            self._left.pop(row, None)

    def due(self, now: float, limit: int) -> list[WakeUp]:
        return nsmallest(limit, self._find(f"PartitionKey eq '{OWED}' and due_at le {now!r}"), key=_owed_order)

    def queue(self, group: str, untried_until: float) -> list[WakeUp]:
        start = of_group(group)
        rows = self._find(f"PartitionKey eq '{OWED}' and RowKey ge '{start}' and RowKey lt '{start}~'") if group else []
        counting = (row for row in rows if row.tried or row.since <= untried_until)
        return sorted((row for row in counting if row not in self._left), key=_owed_order)

    def rows(self) -> list[WakeUp]:
        found = [row for partition in (OWED, PARKED) for row in self._find(f"PartitionKey eq '{partition}'")]
        return sorted((row for row in found if row not in self._left), key=lambda row: row.due_at)

    def expiring_cases(self, now: float, limit: int) -> list[WakeUp]:
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
        """Write the changed budget, together with `others`. Return False if the change is None.

        If another write came first, change it `again`, or raise ConflictError.
        """
        if not self._turn.acquire(timeout=TURN):
            raise Outage("the store does not work: too many wait for it")
        try:
            while True:
                seen = self._budgets.pop(identity, None) or self._read(identity)
                changed = change(seen.budget)
                if changed is None:
                    self._budgets[identity] = seen
                    return False
                try:
                    etags = self._table.together([update(budget_entity(identity, changed), seen.etag), *others])
                except ConflictError:
                    if not again:
                        raise
                else:
                    self._budgets[identity] = _Seen(changed, etags[0])
                    return True
        finally:
            self._turn.release()

    def _read(self, identity: str) -> _Seen:
        entity = self._table.get(OWED, budget_key(identity))
        seen = _Seen(budget_of(entity), etag_of(entity)) if entity is not None else _Seen(CallBudget(), "")
        return self._budgets.setdefault(identity, seen)

    def _leave(self, row: WakeUp) -> None:
        with self._leaving:
            self._left[row] = None
            if len(self._left) > LEFT:
                del self._left[next(iter(self._left))]


def _owed_order(row: WakeUp) -> tuple[float, str]:
    return row.since, row.case_id
