"""Cases, index rows, groups, buckets and claims in Azure Tables, which every instance of a function app shares.

https://learn.microsoft.com/azure/storage/tables/table-storage-design
"""

import math
from collections.abc import Callable, Collection
from threading import Lock
from typing import NamedTuple

from azure.data.tables import TableServiceClient

from relay.approval.debts import LIFE, WakeUp
from relay.approval.groups import Rank
from relay.github.rate_limit import CallBudget, Spending
from relay.model import Case
from relay.store.tables import marks as table_marks
from relay.store.tables.access import connect
from relay.store.tables.account import Storage
from relay.store.tables.cases import REMEMBERED, CaseTable, Seen, Written
from relay.store.tables.claims import ClaimTable
from relay.store.tables.client import Table
from relay.store.tables.due import DueTable
from relay.store.tables.groups import GroupTable


class _Open(NamedTuple):
    """The tables of a store that is known to be there, and when it was born."""

    service: TableServiceClient
    cases: CaseTable
    due: DueTable
    claims: ClaimTable
    groups: GroupTable
    marks: Table
    born_at: float


class TableStore:
    """The tables of one prefix, made on first use; `clock` returns Unix seconds. Every method raises Outage."""

    def __init__(self, storage: Storage, clock: Callable[[], float]) -> None:
        self._storage = storage
        self._clock = clock
        self._turn = Lock()
        self._opened: _Open | None = None

    def load(self, case_id: str) -> Case | None:
        """Return the case as last committed."""
        return self._open().cases.load(case_id)

    def write_case(
        self,
        case: Case,
        *,
        to_set: Collection[WakeUp] = (),
        to_clear: Collection[WakeUp] = (),
        spending: Spending | None = None,
        durable: bool = True,  # noqa: ARG002 - whatever the service has answered is
    ) -> bool:
        """Write the `arm` rows with what is spent, then the case over its `version - 1`, then remove `disarm` rows.

        False, and the case is not written, where it was changed in the meantime or the bucket has no room. An Outage
        may come after the case was written: then its rows lead the round to it.
        """
        here = self._open()
        etag = here.cases.etag(case.request.id, case.version - 1)
        if etag is None or not here.due.set(to_set, spending):
            return False
        written = here.cases.write(case, etag)
        if written is Written.YES:
            owing = any(debt.status == "owed" for debt in case.debts)
            here.due.clear(to_clear, owing=owing, now=self._clock())
        elif written is Written.NO:
            here.due.take_back(to_set)
        return written is Written.YES

    def remove(self, case: Case, rows: Collection[WakeUp]) -> bool:
        """Remove the case as it was read, with its rows; False where it was changed in the meantime.

        Parked rows go before it, since no round would meet them after; the row that led to it goes last.
        """
        here = self._open()
        for row in rows:
            if row.parked:
                here.due.drop(row)
        if not here.cases.remove(case):
            return False
        for row in sorted(rows, key=lambda row: row.nonce == LIFE):
            if not row.parked:
                here.due.drop(row)
        return True

    def bucket(self, identity: str) -> CallBudget:
        """Return what the identity has spent, as last seen; an empty bucket for one that is not known."""
        return self._open().due.bucket(identity)

    def close_bucket(self, identity: str, until: float) -> None:
        """Let nobody spend anything of the identity's until then."""
        self._open().due.close_bucket(identity, until)

    def give_back(self, identity: str, at: float) -> None:
        """Give back the room for one call that was not made `at` a time; lost where others spend at once."""
        self._open().due.give_back(identity, at)

    def born_at(self) -> float:
        """Return when the store was made."""
        return self._open().born_at

    def due(self, now: float, limit: int) -> list[WakeUp]:
        """Return rows of debts due by now, in the order in which they came to be owed."""
        return self._open().due.due(now, limit)

    def queue(self, group: str, *, untried_until: float = math.inf, limit: int | None = None) -> list[WakeUp]:
        """Return the rows of what is owed in a group, in the order in which it came to be owed.

        What nobody has tried yet is left out where it came to be owed later than `untried_until`.
        """
        return self._open().due.queue(group, untried_until)[:limit]

    def rows(self) -> list[WakeUp]:
        """Return every row of a debt, due, waiting or parked."""
        return self._open().due.rows()

    def expiring_cases(self, now: float, limit: int) -> list[WakeUp]:
        """Return the rows of cases that are to be expired or removed by now, oldest first."""
        return self._open().due.expiring_cases(now, limit)

    def drop_row(self, row: WakeUp) -> None:
        """Remove a row that stands for nothing."""
        self._open().due.drop(row)

    def released(self, group: str) -> list[Case]:
        """Return the cases that were approved to release in a group, after a look at every case there is."""
        return self._open().cases.released(group)

    def add_to_group(self, group: str, mark: Rank) -> None:
        """Note that a request waits in its group."""
        self._open().groups.add_to_group(group, mark)

    def take_lead(self, group: str, mark: Rank) -> tuple[Rank, list[Rank]]:
        """Make `mark` the newest of its group unless a newer one is; return the newest, and all who wait there."""
        return self._open().groups.take_lead(group, mark)

    def newest(self, group: str) -> Rank | None:
        """Return the newest request known of a group."""
        return self._open().groups.newest(group)

    def remove_from_group(self, group: str, mark: Rank) -> None:
        """Note that a request waits no longer."""
        self._open().groups.remove_from_group(group, mark)

    def forget_newest(self, issued_until: float) -> None:
        """Forget, some at a time, who is the newest of its group where that one was issued by then."""
        self._open().groups.forget_newest(issued_until)

    def mark_round(self, at: float) -> None:
        """Remember that the timer ran, and forget claims that have ended."""
        here = self._open()
        table_marks.mark_round(here.marks, at)
        here.claims.forget(at)

    def last_round(self) -> float:
        """Return when the timer last ran, 0 if it never did."""
        return table_marks.last_round(self._open().marks)

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        """Keep `value` under `key` until then, unless a value is kept there; return the one that is."""
        return self._open().claims.put_if_absent(key, value, now=now, until=until)

    def put(self, key: str, value: str, *, until: float) -> None:
        """Keep `value` under `key` until then, in place of whatever is kept there."""
        self._open().claims.put(key, value, until=until)

    def get(self, key: str, *, now: float) -> str | None:
        """Return the value that is kept under `key`."""
        return self._open().claims.get(key, now=now)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        with self._turn:
            if self._opened:
                self._opened.service.close()
            self._opened = None

    def _open(self) -> _Open:
        """Return the tables; those who come before they are known to be there wait for the first."""
        if self._opened is not None:
            return self._opened
        with self._turn:
            if self._opened is None:
                self._opened = self._prepare()
            return self._opened

    def _prepare(self) -> _Open:
        service = connect(self._storage)
        cases, due, claims, groups, marks = (
            Table(service.get_table_client(self._storage.prefix + name))
            for name in ("cases", "due", "claims", "groups", "marks")
        )
        born_at = table_marks.prepare(marks, (cases, due, claims, groups), self._clock())
        return _Open(
            service,
            CaseTable(cases, Seen(REMEMBERED)),
            DueTable(due),
            ClaimTable(claims),
            GroupTable(groups),
            marks,
            born_at,
        )
