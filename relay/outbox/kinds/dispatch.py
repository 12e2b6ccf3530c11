"""Dispatches to GitHub: each waits for its turn in its group, and takes one call of the budget."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from relay.approval.debts import OVERTAKEN
from relay.approval.gates import DECIDED_ELSEWHERE, verdict
from relay.approval.policy import Policy
from relay.approval.releases import Release, overtakes, release_of
from relay.errors import Outage
from relay.model.case import Case
from relay.model.debts import Debt, Delivered, Outcome, Refused, RetryAfter
from relay.model.runs import Gate
from relay.model.values import Json
from relay.outbox.commit import is_unapproved
from relay.outbox.kinds.contract import Attempt
from relay.signed.dispatch_payload import dispatch_payload
from relay.signed.receipt_keys import ReceiptKey
from relay.store.contract import Store

BEHIND: Final = "an earlier approval of the same is sent first"
AT_ONCE: Final = 5.0  # seconds after a decision in which its verdict is sent without a look at the run
ATTEMPT_TIME: Final = 3.0  # seconds for the question which attempt of a run waits
LONGEST_RUN: Final = 36 * 86_400  # seconds; GitHub ends a run after 35 days


class Dispatches(Protocol):
    """GitHub's dispatches."""

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:
        """Send one event, once, by `deadline`, and return its outcome."""

    def start(self, repository: str, workflow: str, ref: str, inputs: Mapping[str, str], *, deadline: float) -> Outcome:
        """Start one workflow, once, by `deadline`, and return the outcome."""

    def review(
        self, repository: str, run_id: str, environment: str, state: str, comment: str, *, deadline: float
    ) -> Outcome:
        """Give a waiting run its verdict, or a report if `state` is empty. Return the outcome."""

    def attempt_of(self, repository: str, run_id: str, *, deadline: float) -> int:
        """Return the number of a run's present attempt, or 0 if GitHub does not tell it by `deadline`."""

    def identity(self, repository: str) -> str:
        """Return the name of the credential for this repository. GitHub counts calls by it."""


@dataclass(frozen=True, slots=True)
class DispatchKind:
    """Dispatches. `wait_for_turn(case, index, deadline)` returns the seconds until the turn of a debt, or 0."""

    store: Store
    dispatches: Dispatches
    policy: Policy
    receipt_key: ReceiptKey
    issuer: str
    clock: Callable[[], float]
    wait_for_turn: Callable[[Case, int, float], float]

    def send(self, case: Case, index: int, deadline: float) -> Attempt:
        """Send a dispatch once its turn has come. Raises Outage if the store does not tell the turn."""
        wait = self.wait_for_turn(case, index, deadline)
        if wait:
            return Attempt(RetryAfter(BEHIND, wait, tried=False))
        debt = case.debts[index]
        if case.gate:
            return Attempt(self._review(case, case.gate, debt, deadline))
        release = release_of(self.policy, case, debt)
        if release and self._is_overtaken(case, debt, release):
            return Attempt(Refused(OVERTAKEN, "", overtaken=True))
        if debt.workflow:
            return Attempt(self._start(case, debt, deadline, supersede=release is not None and release.supersede))
        payload = dispatch_payload(
            case,
            debt,
            self.receipt_key,
            issuer=self.issuer,
            policy_sha256=self.policy.sha256,
            now=self.clock(),
            supersede=release.supersede if release else None,
        )
        return Attempt(self.dispatches.send(case.request.repository, debt.event_type, payload, deadline=deadline))

    def _start(self, case: Case, debt: Debt, deadline: float, *, supersede: bool) -> Outcome:
        from relay.signed.workflow_inputs import workflow_inputs  # noqa: PLC0415 - only rules of this target need it

        inputs = workflow_inputs(
            case,
            debt,
            self.receipt_key,
            issuer=self.issuer,
            policy_sha256=self.policy.sha256,
            now=self.clock(),
            supersede=supersede,
        )
        request = case.request
        return self.dispatches.start(request.repository, debt.workflow, request.ref, inputs, deadline=deadline)

    def _is_overtaken(self, case: Case, debt: Debt, release: Release) -> bool:
        """Tell whether GitHub took a newer approval since somebody pressed Run again, which had waited before it."""
        # What the operator replays later is sent all the same.
        is_as_pressed = debt.run > 1 and debt.created_at == case.reruns[debt.run - 2].at
        return is_as_pressed and overtakes(self.store.newest(release.group), release.rank)

    def _review(self, case: Case, gate: Gate, debt: Debt, deadline: float) -> Outcome:
        # The address is built from the run's id. The one that came with the webhook is never called.
        request = case.request
        state, comment = ("", debt.report) if debt.report else verdict(case)
        if state and self.clock() - case.decided_at > AT_ONCE and self._is_over(case, gate, deadline):
            return Refused(DECIDED_ELSEWHERE, "", elsewhere=True)
        return self.dispatches.review(
            request.repository, gate.run_id, request.environment, state, comment, deadline=deadline
        )

    def _is_over(self, case: Case, gate: Gate, deadline: float) -> bool:
        """Tell whether the run was started again since, so that a verdict would let another attempt go on."""
        until = min(deadline, self.clock() + ATTEMPT_TIME)
        present = self.dispatches.attempt_of(case.request.repository, gate.run_id, deadline=until)
        return 0 < gate.attempt < present

    def before_record(self, case: Case, index: int, outcome: Outcome) -> None:
        """Close the call budget if GitHub asks for it. Note a delivered release as the newest of its group.

        Note the run that GitHub has named, so that its webhooks find the case.
        """
        if isinstance(outcome, RetryAfter) and outcome.limited:
            self.store.close_bucket(self._identity(case), self.clock() + outcome.seconds)
        release = release_of(self.policy, case, case.debts[index])
        if release and isinstance(outcome, Delivered):  # so that an older release no longer passes `relay verify`
            self.store.note_newest(release.group, release.rank)
        if isinstance(outcome, Delivered) and outcome.run:
            self.store.put(run_key(outcome.run.id), case.request.id, until=self.clock() + LONGEST_RUN)

    def after_record(self, case: Case, index: int, outcome: Outcome) -> None:
        """Give back to the budget a call that was not made. An old call is not given back; a failure is ignored."""
        debt, now = case.debts[index], self.clock()
        if isinstance(outcome, RetryAfter) and not outcome.tried and now <= debt.due_at:
            with suppress(Outage):
                unapproved = case.request.repository if is_unapproved(case, debt) else ""
                self.store.give_back(self._identity(case), now, unapproved)

    def _identity(self, case: Case) -> str:
        return self.dispatches.identity(case.request.repository)


def run_key(run_id: str) -> str:
    """Return the key under which the store has the request of a run that GitHub has named."""
    return f"run {run_id}"
