"""Store in memory, as weak as a store may be that has no transaction over its tables.

Spending with the wake-ups of owed debts, each other wake-up, the case, and the removals are written one after another.
Each step may be the last, and each may be done and yet end in an Outage. Wake-ups of a case that owes nothing are left
to the timer. Call budgets are remembered, and may be old.
"""

import math
from collections.abc import Collection
from contextlib import suppress

from relay.approval.groups import Rank
from relay.approval.wake_ups import LIFE, WakeUp
from relay.errors import Outage
from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending
from relay.model.case import Case
from relay.store import codec
from tests.support.memory_journal import MemoryJournal
from tests.support.memory_tables import FORGOTTEN, Step, Tables, at_once


class MemoryStore(MemoryJournal):
    """The contract of a store over `tables`."""

    def __init__(self, tables: Tables, step: Step = at_once) -> None:
        super().__init__(tables, step)
        self._remembered: dict[str, CallBudget] = {}
        self._left: set[WakeUp] = set()

    def load(self, case_id: str) -> Case | None:
        with self._step("load"):
            try:
                return self.tables.case(case_id)
            except ValueError as error:
                raise Outage(f"case {case_id}: {error}", permanent=True) from error

    def write_case(
        self,
        case: Case,
        *,
        to_set: Collection[WakeUp] = (),
        to_clear: Collection[WakeUp] = (),
        spending: Spending | None = None,
        durable: bool = True,  # noqa: ARG002 - this memory is lost in no power cut
    ) -> bool:
        if not self._set(to_set, spending):
            return False
        with self._step("write"):
            if not self._write(case):
                self._take_back(to_set)
                return False
        self._clear(case, to_clear)
        return True

    def remove(self, case: Case, rows: Collection[WakeUp]) -> bool:
        for row in rows:
            if row.parked:
                self.drop_row(row)
        with self._step("remove"):
            if not self._is_at(case.request.id, case.version):
                return False
            del self.tables.bodies[case.request.id]
        for row in sorted(rows, key=lambda row: row.nonce == LIFE):
            if not row.parked:
                self.drop_row(row)
        return True

    def bucket(self, identity: str) -> CallBudget:
        if identity not in self._remembered:
            with self._step("bucket"):
                self._remembered[identity] = self.tables.buckets.get(identity, CallBudget())
        return self._remembered[identity]

    def close_bucket(self, identity: str, until: float) -> None:
        with self._step("close bucket"):
            self._put_budget(identity, rate_limit.close(self.tables.buckets.get(identity, CallBudget()), until))

    def give_back(self, identity: str, at: float, repository: str = "") -> None:
        with self._step("give back"):
            budget = self.tables.buckets.get(identity, CallBudget())
            self._put_budget(identity, rate_limit.give_back(budget, at, repository))

    def born_at(self) -> float:
        return self.tables.born_at

    def due(self, now: float, limit: int) -> list[WakeUp]:
        with self._step("due"):
            due = [row for row in self._debts() if not row.parked and row.due_at <= now]
            return sorted(due, key=lambda row: (row.since, row.case_id))[:limit]

    def queue(self, group: str, *, untried_until: float = math.inf, limit: int | None = None) -> list[WakeUp]:
        with self._step("queue"):
            rows = [row for row in self._debts() if not row.parked and row.group == group and group]
            counting = [row for row in rows if row not in self._left and (row.tried or row.since <= untried_until)]
            return sorted(counting, key=lambda row: (row.since, row.case_id))[:limit]

    def rows(self) -> list[WakeUp]:
        with self._step("rows"):
            return sorted((row for row in self._debts() if row not in self._left), key=lambda row: row.due_at)

    def expiring_cases(self, now: float, limit: int) -> list[WakeUp]:
        with self._step("expiring cases"):
            lives = [row for row in self.tables.rows if row.nonce == LIFE and row.due_at <= now]
            return sorted(lives, key=lambda row: row.due_at)[:limit]

    def drop_row(self, row: WakeUp) -> None:
        with self._step("drop row"):
            self.tables.rows.pop(row, None)
            self._left.discard(row)

    def released(self, group: str) -> list[Case]:
        with self._step("released"):
            return [case for case in self.tables.cases() if group and codec.release_group(case) == group]

    def add_to_group(self, group: str, rank: Rank) -> None:
        with self._step("add to group"):
            self.tables.pending.setdefault(group, set()).add(rank)

    def take_lead(self, group: str, rank: Rank) -> tuple[Rank, list[Rank]]:
        while True:
            with self._step("read group"):
                head = self.tables.heads.get(group)
                waiting = sorted(self.tables.pending.get(group, ()))
            if head is not None and head >= rank:
                return head, waiting
            with self._step("take lead"):
                if self.tables.heads.get(group) == head:
                    self.tables.heads[group] = rank
                    return rank, waiting

    def note_newest(self, group: str, rank: Rank) -> None:
        with self._step("note newest"):
            head = self.tables.heads.get(group)
            if head is None or head.issued_at <= rank.issued_at:
                self.tables.heads[group] = rank

    def newest(self, group: str) -> Rank | None:
        with self._step("newest"):
            return self.tables.heads.get(group)

    def remove_from_group(self, group: str, rank: Rank) -> None:
        with self._step("remove from group"):
            self.tables.pending.get(group, set()).discard(rank)

    def forget_newest(self, issued_until: float) -> None:
        with self._step("forget newest"):
            old = [group for group, rank in self.tables.heads.items() if rank.issued_at <= issued_until]
            for group in old[:FORGOTTEN]:
                del self.tables.heads[group]

    def cases(self) -> list[Case]:
        with self._step("cases"):
            return self.tables.cases()

    def close(self) -> None:
        self._remembered.clear()

    def _write(self, case: Case) -> bool:
        """Write the case over its `version - 1`. Return False if that is not stored."""
        if not self._is_at(case.request.id, case.version - 1):
            return False
        self.tables.bodies[case.request.id] = codec.encode(case)
        return True

    def _set(self, rows: Collection[WakeUp], spending: Spending | None) -> bool:
        owed = [row for row in rows if not row.parked and row.nonce != LIFE]
        if owed or spending is not None:
            with self._step("set"):
                if spending is not None and not self._spend(spending):
                    return False
                self.tables.rows.update(dict.fromkeys(owed))
        for row in sorted(set(rows).difference(owed), key=str):
            with self._step("set"):
                self.tables.rows[row] = None
        return True

    def _clear(self, case: Case, rows: Collection[WakeUp]) -> None:
        owing = any(debt.status == "owed" for debt in case.debts)
        for row in sorted(rows, key=str):
            if row.parked:
                self.drop_row(row)
            elif row.nonce == LIFE or owing:
                with suppress(Outage):
                    self.drop_row(row)
            else:
                self._left.add(row)

    def _take_back(self, rows: Collection[WakeUp]) -> None:
        """Remove the wake-ups of a commit that has lost."""
        for row in rows:
            if row.nonce != LIFE:  # the commit that won has the same one for its life
                self.tables.rows.pop(row, None)

    def _is_at(self, case_id: str, version: int) -> bool:
        stored = self.tables.case(case_id)
        return version == (stored.version if stored else 0)

    def _spend(self, spending: Spending) -> bool:
        before = self.tables.buckets.get(spending.identity, CallBudget())
        spent = rate_limit.spend(before, spending)
        self._put_budget(spending.identity, spent or before)
        return spent is not None

    def _put_budget(self, identity: str, budget: CallBudget) -> None:
        self.tables.buckets[identity] = self._remembered[identity] = budget

    def _debts(self) -> list[WakeUp]:
        return [row for row in self.tables.rows if row.nonce != LIFE]
