"""A debt, from owed to paid; and the timer's round, which pays what clicks left behind."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from relay.core import debts, wording
from relay.core.debts import DueRow
from relay.core.errors import Outage, Refusal
from relay.core.model import Case, Json, Outcome, Refused, RetryAfter
from relay.core.receipts import ReceiptKey, client_payload
from relay.pipeline import Cases

log = logging.getLogger("relay")

ROUND_BUDGET: Final = 10.0  # seconds for one payment of the timer: GitHub ends a request after ten
ROUND_LIMIT: Final = 100
ROUND_TIME: Final = 60.0  # seconds after which a round leaves the rest to the next, well inside the host's limit
STALE_ROW: Final = 3_600.0  # a row whose case owes nothing may be of a commit under way; not after an hour


class Outbox(Cases, Protocol):
    """The store, seen by who pays."""

    def due(self, now: float, limit: int) -> Sequence[DueRow]:
        """Return rows due by now, oldest first."""

    def rows(self) -> Iterable[DueRow]:
        """Return every row, due, waiting or parked."""

    def drop_row(self, row: DueRow) -> None:
        """Remove a row that stands for nothing."""

    def mark_round(self, at: float) -> None:
        """Remember that the timer ran, and forget claims that have ended."""


class Dispatches(Protocol):
    """GitHub's repository dispatches."""

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:
        """Send one event, once, by `deadline`, and return what became of it."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Pays debts: `jitter` is random in [0, 1), `nonce` a new random word."""

    outbox: Outbox
    dispatches: Dispatches
    receipt_key: ReceiptKey
    issuer: str
    policy_sha256: str
    clock: Callable[[], float]
    jitter: Callable[[], float]
    nonce: Callable[[], str]

    def pay(self, case: Case, index: int, *, deadline: float) -> tuple[Case, Outcome]:
        """Send a debt whose lease the caller holds, and record the outcome by compare-and-swap.

        When the outcome cannot be recorded the row stays, and the debt is paid again: at least once.
        """
        debt = case.debts[index]
        payload = client_payload(
            case, debt, self.receipt_key, issuer=self.issuer, policy_sha256=self.policy_sha256, now=self.clock()
        )
        repository = case.request.repository
        outcome = self.dispatches.send(repository, debt.event_type, payload, deadline=deadline)
        match outcome:
            case Refused(phrase=phrase, cure=cure):
                log.error("request %s: GitHub refused the dispatch: %s. Cure: %s", case.request.id, phrase, cure)
            case RetryAfter(phrase=phrase):
                log.warning("request %s: dispatch put off: %s", case.request.id, phrase)
            case _:
                log.info("request %s: dispatch delivered %s", case.request.id, outcome.note)
        try:
            return self._record(case, index, outcome), outcome
        except Outage as outage:
            log.error("request %s: outcome not recorded, will be paid again: %s", case.request.id, outage.what)  # noqa: TRY400 - it is no bug
            return case, outcome

    def round(self) -> int:
        """Pay what is due, oldest first, and return how many debts were tried. Raises Outage."""
        tried, ends_at = 0, self.clock() + ROUND_TIME
        self.outbox.mark_round(self.clock())
        for row in self.outbox.due(self.clock(), ROUND_LIMIT):
            try:
                tried += self._visit(row)
            except Outage as outage:
                log.error("case %s: not paid in this round: %s", row.case_id, outage.what)  # noqa: TRY400 - it is no bug
            if self.clock() > ends_at:
                break
        return tried

    def owed(self) -> list[tuple[Case, int]]:
        """Return every debt that is owed, refused or dead and still in the outbox, with its place in its case."""
        ids = dict.fromkeys(row.case_id for row in self.outbox.rows())
        cases = [case for case in map(self.outbox.load, ids) if case is not None]
        return [(case, index) for case in cases for index, debt in enumerate(case.debts) if debt.status != "delivered"]

    def replay(self, case_id: str) -> Case:
        """Make what a case failed to pay owed anew, due now. Refusal unknown-request, being-paid."""
        return self._rewrite(case_id, lambda case, index: debts.replay(case, index, now=self.clock()))

    def drop(self, case_id: str) -> Case:
        """Give up what a case owes, for good. Refusal unknown-request, being-paid."""
        return self._rewrite(case_id, debts.drop)

    def _visit(self, row: DueRow) -> int:
        case = self.outbox.load(row.case_id)
        if case is not None and any(debt.status == "owed" for debt in case.debts):
            return self._collect(case, row)
        if row.due_at < self.clock() - STALE_ROW:
            self.outbox.drop_row(row)
        return 0

    def _collect(self, case: Case, row: DueRow) -> int:
        """Win the lease of every due debt of the case, take over the row, and pay."""
        holder, until = self.nonce(), self.clock() + ROUND_BUDGET + debts.LEASE_SLACK
        due = [index for index, debt in enumerate(case.debts) if debts.is_due(debt, self.clock())]
        leased = replace(case, version=case.version + 1, commit_id=holder)
        for index in due:
            leased = debts.lease(leased, index, holder=holder, until=until)
        if not due or not self.outbox.commit(leased, arm=[DueRow(until, case.request.id, holder)], disarm=[row]):
            return 0
        for index in due:
            leased, _ = self.pay(leased, index, deadline=self.clock() + ROUND_BUDGET)
        return len(due)

    def _record(self, case: Case, index: int, outcome: Outcome) -> Case:
        holder, until = case.debts[index].lease, case.debts[index].due_at
        jitter = self.jitter()
        while True:
            settled = debts.settle(case, index, holder, outcome, now=self.clock(), jitter=jitter)
            if settled is None:
                return case
            nonce = self.nonce()
            settled = replace(settled, version=case.version + 1, commit_id=nonce)
            still_leased = any(debt.lease == holder for debt in settled.debts)
            disarm = [] if still_leased else [DueRow(until, case.request.id, holder)]
            if self.outbox.commit(settled, arm=_rows(settled, index, nonce), disarm=disarm):
                return settled
            case = self.outbox.load(case.request.id) or case

    def _rewrite(self, case_id: str, change: Callable[[Case, int], Case]) -> Case:
        while True:
            case = self.outbox.load(case_id)
            stuck = [index for index, debt in enumerate(case.debts) if debt.status != "delivered"] if case else []
            rows = [row for row in self.outbox.rows() if row.case_id == case_id]
            if case is None or not stuck or not rows:
                raise Refusal("unknown-request", "nothing in the outbox", message="The outbox has nothing of this id.")
            if any(debt.lease and not debts.is_due(debt, self.clock()) for debt in case.debts):
                raise Refusal("being-paid", "its lease runs", message=wording.refusal("being-paid"))
            nonce = self.nonce()
            changed = replace(case, version=case.version + 1, commit_id=nonce)
            for index in stuck:
                changed = change(changed, index)
            arm = [
                row for index in stuck if changed.debts[index].status == "owed" for row in _rows(changed, index, nonce)
            ]
            if self.outbox.commit(changed, arm=arm, disarm=rows):
                return changed


def _rows(case: Case, index: int, nonce: str) -> list[DueRow]:
    """Return the row that keeps a debt in sight: due, or parked for the operator; none once it is paid."""
    debt = case.debts[index]
    if debt.status == "delivered":
        return []
    return [DueRow(debt.due_at, case.request.id, nonce, parked=debt.status != "owed")]
