"""Store in Azure Tables, which every instance of a function app shares.

https://learn.microsoft.com/azure/storage/tables/table-storage-design
"""

# ruff: noqa: D102 - relay/store/contract.py documents each method

import math
from collections.abc import Callable, Collection, Sequence
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from azure.data.tables import TableServiceClient

from relay.approval.groups import Rank
from relay.approval.wake_ups import LIFE, WakeUp
from relay.errors import Outage
from relay.github.rate_limit import CallBudget, Spending
from relay.journal.messages import Message, rank
from relay.model.case import Case
from relay.store.tables import marks as table_marks
from relay.store.tables.access import connect
from relay.store.tables.account import Storage
from relay.store.tables.audit import AuditTable
from relay.store.tables.cases import REMEMBERED, CaseTable, SeenVersions, Written
from relay.store.tables.claims import ClaimTable
from relay.store.tables.client import Table
from relay.store.tables.due import DueTable
from relay.store.tables.groups import GroupTable
from relay.store.tables.messages import MessageTable

if TYPE_CHECKING:
    from relay.journal.audit import AuditLine
    from relay.journal.search import Search


class _Open(NamedTuple):
    """The tables of a store that is known to exist, and when it was made."""

    service: TableServiceClient
    cases: CaseTable
    due: DueTable
    claims: ClaimTable
    groups: GroupTable
    messages: MessageTable
    audit: AuditTable
    marks: Table
    born_at: float


class TableStore:
    """The tables of one prefix, made on first use if `create`. `clock` returns Unix seconds."""

    def __init__(self, storage: Storage, clock: Callable[[], float], *, create: bool = True) -> None:
        self._storage = storage
        self._clock = clock
        self._create = create
        self._turn = Lock()
        self._opened: _Open | None = None
        self._failed: Outage | None = None  # the last try to open the tables

    def load(self, case_id: str) -> Case | None:
        return self._open().cases.load(case_id)

    def write_case(
        self,
        case: Case,
        *,
        to_set: Collection[WakeUp] = (),
        to_clear: Collection[WakeUp] = (),
        spending: Spending | None = None,
        durable: bool = True,  # noqa: ARG002 - any write that the service has answered is
    ) -> bool:
        # Wake-ups and spending first, then the case, then the removals. An Outage may come after the case was written:
        # then its wake-ups lead a timer run to it.
        here = self._open()
        case_id, version = case.request.id, case.version - 1
        etag = here.cases.etag(case_id, version)
        # In a crowd that presses at once, most see another's commit before they spend calls for their own.
        if etag is None or not here.due.set(to_set, spending, lambda: here.cases.may_be_last(case_id, version)):
            return False
        written = here.cases.write(case, etag)
        if written is Written.YES:
            owing = any(debt.status == "owed" for debt in case.debts)
            here.due.clear(to_clear, owing=owing, now=self._clock())
        elif written is Written.NO:
            here.due.take_back(to_set, spending)
        return written is Written.YES

    def remove(self, case: Case, rows: Collection[WakeUp]) -> bool:
        # Parked wake-ups go before the case: no timer run would meet them afterwards. The wake-up of its life, which
        # led here, goes last.
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
        return self._open().due.bucket(identity)

    def close_bucket(self, identity: str, until: float) -> None:
        self._open().due.close_bucket(identity, until)

    def give_back(self, identity: str, at: float, repository: str = "") -> None:
        self._open().due.give_back(identity, at, repository)

    def born_at(self) -> float:
        return self._open().born_at

    def due(self, now: float, limit: int) -> list[WakeUp]:
        return self._open().due.due(now, limit)

    def queue(self, group: str, *, untried_until: float = math.inf, limit: int | None = None) -> list[WakeUp]:
        return self._open().due.queue(group, untried_until)[:limit]

    def rows(self) -> list[WakeUp]:
        return self._open().due.rows()

    def expiring_cases(self, now: float, limit: int) -> list[WakeUp]:
        return self._open().due.expiring_cases(now, limit)

    def drop_row(self, row: WakeUp) -> None:
        self._open().due.drop(row)

    def released(self, group: str) -> list[Case]:
        return self._open().cases.released(group)

    def add_to_group(self, group: str, rank: Rank) -> None:
        self._open().groups.add_to_group(group, rank)

    def take_lead(self, group: str, rank: Rank) -> tuple[Rank, list[Rank]]:
        return self._open().groups.take_lead(group, rank)

    def note_newest(self, group: str, rank: Rank) -> None:
        self._open().groups.note_newest(group, rank)

    def newest(self, group: str) -> Rank | None:
        return self._open().groups.newest(group)

    def remove_from_group(self, group: str, rank: Rank) -> None:
        self._open().groups.remove_from_group(group, rank)

    def forget_newest(self, issued_until: float) -> None:
        self._open().groups.forget_newest(issued_until)

    def mark_round(self, at: float) -> None:
        here = self._open()
        table_marks.mark_round(here.marks, at)
        here.claims.forget(at)

    def last_round(self) -> float:
        return table_marks.last_round(self._open().marks)

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        return self._open().claims.put_if_absent(key, value, now=now, until=until)

    def put(self, key: str, value: str, *, until: float) -> None:
        self._open().claims.put(key, value, until=until)

    def get(self, key: str, *, now: float) -> str | None:
        return self._open().claims.get(key, now=now)

    def add_audit(self, line: "AuditLine") -> None:
        self._open().audit.add(line)

    def audit(self, since: float, until: float) -> "list[AuditLine]":
        return self._open().audit.find(since, until)

    def forget_audit(self, until: float) -> bool:
        return self._open().audit.forget(until)

    def cases(self) -> list[Case]:
        return self._open().cases.all()

    def add_messages(self, messages: Sequence[Message]) -> None:
        self._open().messages.add(messages)

    def messages(self, search: "Search", limit: int) -> list[Message]:
        return self._open().messages.find(search, limit)

    def forget_messages(self, until: float) -> bool:
        return self._open().messages.forget(f"{rank(until)}-~")

    def close(self) -> None:
        with self._turn:
            if self._opened:
                self._opened.service.close()
            self._opened = None

    def _open(self) -> _Open:
        """Return the tables. Threads that come before they are known to exist wait for the first, and fail with it."""
        if self._opened is not None:
            return self._opened
        failed = self._failed
        with self._turn:
            if self._opened is None:
                if self._failed is not None and self._failed is not failed:
                    # Each would wait for the account after all before it, far longer than any chat allows.
                    raise Outage(self._failed.what, permanent=self._failed.permanent)
                try:
                    self._opened = self._prepare()
                except Outage as outage:
                    self._failed = outage
                    raise
            return self._opened

    def _forget(self) -> None:
        """Let the next call look anew which tables there are, and since when."""
        # Their operator has deleted them. Of those that another instance makes since, this one must know the birth too.
        self._opened = None

    def _prepare(self) -> _Open:
        service = connect(self._storage)
        cases, due, claims, groups, messages, audit, marks = (
            Table(service.get_table_client(self._storage.prefix + name), self._forget)
            for name in ("cases", "due", "claims", "groups", "messages", "audit", "marks")
        )
        if not self._create:
            table_marks.need(marks)
        born_at = table_marks.prepare(marks, (cases, due, claims, groups, messages, audit), self._clock())
        return _Open(
            service,
            CaseTable(cases, SeenVersions(REMEMBERED)),
            DueTable(due),
            ClaimTable(claims),
            GroupTable(groups),
            MessageTable(messages),
            AuditTable(audit),
            marks,
            born_at,
        )
