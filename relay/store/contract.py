"""Contract of a store: every method that the relay calls."""

import math
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from relay.approval.groups import Rank
from relay.approval.wake_ups import WakeUp
from relay.github.rate_limit import CallBudget, Spending
from relay.journal.messages import Message
from relay.model.case import Case

if TYPE_CHECKING:
    from relay.journal.audit import AuditLine
    from relay.journal.search import Search


class Store(Protocol):
    """Cases under optimistic concurrency, and all that must outlive a process beside them.

    Several processes share a store. Every method raises Outage when the store cannot be reached, or when it is not
    known whether a write was done. A permanent Outage needs the operator.
    """

    def born_at(self) -> float:
        """Return when this store was made, Unix seconds. Its first use makes it."""

    def close(self) -> None:
        """Close files and connections. The next call opens them again."""

    # Cases

    def load(self, case_id: str) -> Case | None:
        """Return the case as last committed, or None if there is none of this id."""

    def write_case(
        self,
        case: Case,
        *,
        to_set: Collection[WakeUp] = (),
        to_clear: Collection[WakeUp] = (),
        spending: Spending | None = None,
        durable: bool = True,
    ) -> bool:
        """Write the case over its `version - 1`, or create its version 1, and take `spending` from its call budget.

        Return False, without writing the case, if another commit came first or the budget has no room. Wake-ups
        `to_set` and the budget are durable no later than the case; wake-ups `to_clear` are removed no earlier. A write
        that is not `durable` survives the end of the process, but not a power cut.
        """

    def remove(self, case: Case, rows: Collection[WakeUp]) -> bool:
        """Remove the case as it was read, with its wake-ups. Return False if it has changed since."""

    def released(self, group: str) -> Sequence[Case]:
        """Return the approved cases with a release in a group. The search may take long."""

    # Wake-ups

    def due(self, now: float, limit: int) -> Sequence[WakeUp]:
        """Return wake-ups of debts that are due, ordered by when they came to be owed."""

    def queue(self, group: str, *, untried_until: float = math.inf, limit: int | None = None) -> Sequence[WakeUp]:
        """Return the wake-ups of a group that are not parked, ordered by when their debts came to be owed.

        An untried debt is left out if it came to be owed later than `untried_until`.
        """

    def rows(self) -> Sequence[WakeUp]:
        """Return every wake-up of a debt, due, waiting or parked, ordered by its time."""

    def expiring_cases(self, now: float, limit: int) -> Sequence[WakeUp]:
        """Return the wake-ups of cases to be expired or removed by now, oldest first."""

    def drop_row(self, row: WakeUp) -> None:
        """Remove exactly this wake-up, if it is there."""

    # Calls to GitHub

    def bucket(self, identity: str) -> CallBudget:
        """Return the calls that an identity has spent at GitHub. The answer may be a little old."""

    def close_bucket(self, identity: str, until: float) -> None:
        """Let no process spend calls of this identity until then."""

    def give_back(self, identity: str, at: float, repository: str = "") -> None:
        """Give back one call that was spent for time `at` and never made. It may be lost, never given back twice.

        `repository` is given if nobody approved the call.
        """

    # Groups in which the newest request counts

    def add_to_group(self, group: str, rank: Rank) -> None:
        """Note that a request waits in its group."""

    def take_lead(self, group: str, rank: Rank) -> tuple[Rank, list[Rank]]:
        """Make `rank` the newest of its group unless a newer one leads. Return the newest, and all that wait."""

    def note_newest(self, group: str, rank: Rank) -> None:
        """Make `rank` the newest of its group unless one of a later second leads. Its id does not count."""

    def newest(self, group: str) -> Rank | None:
        """Return the newest request of a group, or None if none is known."""

    def remove_from_group(self, group: str, rank: Rank) -> None:
        """Note that a request no longer waits."""

    def forget_newest(self, issued_until: float) -> None:
        """Forget the newest request of some groups, if it was issued by then."""

    # Values that end, by key

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        """Store `value` under `key` until then, unless a value is there. Return the stored value."""

    def put(self, key: str, value: str, *, until: float) -> None:
        """Store `value` under `key` until then, in place of any value there."""

    def get(self, key: str, *, now: float) -> str | None:
        """Return the value under `key`, or None if there is none or it has ended."""

    # Timer runs

    def mark_round(self, at: float) -> None:
        """Note the time of a timer run, and forget some values that have ended."""

    def last_round(self) -> float:
        """Return when the timer last ran, or 0 if it never did."""

    # Messages

    def add_messages(self, messages: Sequence[Message]) -> None:
        """Keep messages under their keys: under their day, and again under their request if they have one.

        A power cut may lose some of them.
        """

    def messages(self, search: "Search", limit: int) -> Sequence[Message]:
        """Return the wanted messages, newest first, at most `limit`."""

    def forget_messages(self, until: float) -> bool:
        """Remove some messages from before `until`, the oldest day first. Return whether more may be left."""

    # Audit

    def add_audit(self, line: "AuditLine") -> None:
        """Keep the line of a case that is about to be removed. Keeping it twice changes nothing."""

    def audit(self, since: float, until: float) -> "Sequence[AuditLine]":
        """Return the lines of removed cases that ended from `since` to `until`, ordered by their end."""

    def forget_audit(self, until: float) -> bool:
        """Remove some lines of cases that ended before `until`. Return whether more may be left."""

    def cases(self) -> Iterable[Case]:
        """Return every case. The search may take long."""
