"""Gates: a run of GitHub that waits at an environment becomes a request for approval.

https://docs.github.com/webhooks/webhook-events-and-payloads#deployment_protection_rule
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, NamedTuple

from relay.approval import debts, gates, wording
from relay.approval.approvable import check_approvable
from relay.approval.approvers import progress
from relay.approval.gates import DECIDED_ELSEWHERE, GATE, MAX_TEXT
from relay.approval.policy import Rule
from relay.approval.requests import allow_request, expires_at
from relay.errors import Refusal
from relay.github.protection_rules import WaitingRun, read_waiting
from relay.journal.calls import note_case
from relay.model.case import Case
from relay.model.request import ApprovalRequest, Origin, Proven
from relay.model.runs import Gate
from relay.model.values import Json
from relay.outbox.commit import write
from relay.outbox.kinds.dispatch import ATTEMPT_TIME
from relay.outbox.new_case import NewCases
from relay.signed.request import MAX_LIFETIME, read_form

BUDGET: Final = 8.0  # seconds in which cards and reports are tried before the answer; GitHub waits ten
MAX_TITLE: Final = 200
KEPT: Final = 40 * 86_400  # seconds; a run ends after 35 days at the latest
GITHUB: Final = "github"


class _Slot(NamedTuple):
    """The stored mark of one gate: its request can be made again from it, should the first commit have been lost."""

    environment: str
    attempt: int
    id: str
    issued_at: int
    nonce: str


@dataclass(frozen=True, slots=True)
class Gates:
    """Requests of runs that wait. `new_cases` makes them. `nonce` returns a new random word.

    `public_url` is the relay's origin, `github_url` and `api_url` are those of GitHub, for people and for programs.
    """

    new_cases: NewCases
    public_url: str
    github_url: str
    api_url: str
    nonce: Callable[[], str]

    def take(self, event: Json) -> bool:
        """Make the request of a `deployment_protection_rule` event, once for each run, attempt and environment.

        Return False if no rule takes it or nobody could approve it; the page of the run then says so. Raises Refusal
        malformed for an event that is not of GitHub's form, and Outage.
        """
        if event.get("action") != "requested":
            return False
        waiting, here = read_waiting(event, self.api_url), self.new_cases
        deadline = here.clock() + BUDGET
        form = self._form(waiting, int(here.clock()), self.nonce())
        try:
            rule = allow_request(here.policy, form, "github")
            check_approvable(here.policy, rule, form)
        except Refusal as refusal:
            self._report(waiting, refusal, deadline)
            self._end_earlier(waiting, deadline)
            return False
        issued_at = here.supersession.date(form) if here.supersession.applies(form) else form.issued_at
        mine = _Slot(waiting.environment, self._attempt(waiting, deadline), form.id, issued_at, form.nonce)
        numbers = count()
        while not self._settle(waiting, rule, mine, next(numbers), deadline):
            pass  # this number of the run is of another environment or attempt
        return True

    def _settle(self, waiting: WaitingRun, rule: Rule, mine: _Slot, number: int, deadline: float) -> bool:
        """Make the request, or join the one that holds this number. Return False if another gate holds it."""
        slot = self._slot(waiting, number, mine)
        if slot == mine:
            self._commit(waiting, rule, mine, deadline)
            return True
        if self._ended_earlier(slot, mine.attempt):
            return False
        return slot.environment.lower() == mine.environment.lower() and self._joins(
            slot, waiting, rule, mine.attempt, deadline
        )

    def _attempt(self, waiting: WaitingRun, deadline: float) -> int:
        until = min(deadline, self.new_cases.clock() + ATTEMPT_TIME)
        return self.new_cases.payer.dispatches.attempt_of(waiting.repository, waiting.run_id, deadline=until)

    def _end_earlier(self, waiting: WaitingRun, deadline: float) -> None:
        """End the open requests of earlier attempts of a run that is asked for no more."""
        known = [*self._slots(waiting.repository_id, waiting.run_id)]
        attempt = self._attempt(waiting, deadline) if known else 0
        for slot in known:
            self._ended_earlier(slot, attempt)

    def _ended_earlier(self, slot: _Slot, attempt: int) -> bool:
        """End the request of a gate if it is of an earlier attempt. Return whether it is."""
        # GitHub's verdict names run and environment alone: an open request of an attempt that is over would let the
        # present one go on, and its requester may be another.
        is_earlier = 0 < slot.attempt < attempt
        if is_earlier:
            self._end(slot.id, slot.attempt)
        return is_earlier

    def hear(self, event: Json) -> bool:
        """Cancel every pending request of a run that a `workflow_run` event reports as completed.

        It was decided on GitHub. Return whether a request was pending. A form that is not GitHub's is no such event.
        """
        run, repository = event.get("workflow_run"), event.get("repository")
        if event.get("action") != "completed" or not isinstance(run, Mapping) or not isinstance(repository, Mapping):
            return False
        attempt, numbers = run.get("run_attempt"), (repository.get("id"), run.get("id"))
        if any(type(number) is not int for number in numbers):
            return False
        found = [*self._slots(*map(str, numbers))]
        return any([self._end(slot.id, attempt if type(attempt) is int else 1) for slot in found])  # noqa: C419 - all

    def _end(self, case_id: str, attempt: int) -> bool:
        store, clock = self.new_cases.store, self.new_cases.clock
        while True:
            case, now = store.load(case_id), clock()
            if case is None or case.status != "pending" or case.gate is None or case.gate.attempt > attempt:
                return False
            after = gates.decided_elsewhere(case, now)
            ended = write(store, self.new_cases.policy, case, after, nonce=self.nonce(), now=now, by=GITHUB)
            if ended is not None:
                note_case(ended)
                self.new_cases.payer.update_cards(ended, deadline=now + BUDGET)
                return True

    def _form(self, waiting: WaitingRun, issued_at: int, nonce: str) -> ApprovalRequest:
        form: dict[str, object] = {
            "repository": waiting.repository,
            "event_type": GATE,
            "environment": waiting.environment,
            "ref": waiting.ref,
            "sha": waiting.sha,
            "run_url": f"{self.github_url}/{waiting.repository}/actions/runs/{waiting.run_id}",
            "requested_by": waiting.asker,
            "requested_by_id": waiting.asker_id,
            "title": f"Deploy {waiting.ref} to {waiting.environment}"[:MAX_TITLE],
        }
        return read_form(form, issued_at=issued_at, nonce=nonce, lifetime=MAX_LIFETIME)

    def _commit(self, waiting: WaitingRun, rule: Rule, slot: _Slot, deadline: float) -> None:
        here, request = self.new_cases, self._form(waiting, slot.issued_at, slot.nonce)
        request = replace(request, expires_at=expires_at(rule, request))
        proven: Proven = ("repository", "ref", "sha", "run", "environment")
        proven = (*proven, "requester") if waiting.is_person else proven
        origin = Origin(waiting.repository_id, proven)
        ranked = here.supersession.applies(request)
        case = Case(request, "github", ranked=ranked, origin=origin, gate=Gate(waiting.run_id, slot.attempt))
        current = progress(here.policy, rule, request, ())
        needs = wording.needs(current.stage.name, current.missing)
        report = gates.asked(f"{self.public_url}/api/review/{request.id}", needs)
        case = gates.owe_report(case, report, here.clock())
        here.make(case, deadline=deadline, github_until=deadline, by=f"{GITHUB}:{waiting.asker}")

    def _joins(self, slot: _Slot, waiting: WaitingRun, rule: Rule, attempt: int, deadline: float) -> bool:
        """Join an earlier request of the same gate. Return False if this is another attempt of the run."""
        here = self.new_cases
        case = here.store.load(slot.id)
        is_known = bool(attempt and slot.attempt)
        if is_known and attempt != slot.attempt:
            return False
        if case is None:
            self._commit(waiting, rule, slot, deadline)
            return True
        if case.status == "pending":
            note_case(case)
            return True
        if case.ended_by == DECIDED_ELSEWHERE or not is_known:
            return False
        note_case(case)
        self._say_again(case, deadline)
        return True

    def _say_again(self, case: Case, deadline: float) -> None:
        """Owe the verdict of a decided case once more: another job of the same attempt waits for it."""
        here = self.new_cases
        for index, debt in enumerate(case.debts):
            if debt is wording.deciding(case.debts) and debt.status == "delivered":
                again = debts.replay(case, index, now=here.clock(), nonce=self.nonce(), last=True)
                committed = here.payer.commit(case, again, deadline=deadline)
                if committed is not None:
                    here.payer.pay_leased(committed, deadline=deadline)

    def _report(self, waiting: WaitingRun, refusal: Refusal, deadline: float) -> None:
        """Put the reason on the run's page if no approval is asked for. This report is not a debt."""
        text = f"The relay asks nobody: {refusal.message or wording.refusal(refusal.code)}"
        runs = self.new_cases.payer.dispatches
        runs.review(waiting.repository, waiting.run_id, waiting.environment, "", text[:MAX_TEXT], deadline=deadline)

    def _slots(self, repository_id: str, run_id: str) -> Iterator[_Slot]:
        numbers, now = count(), self.new_cases.clock()
        while found := self.new_cases.store.get(_key(repository_id, run_id, next(numbers)), now=now):
            yield _Slot(*json.loads(found))

    def _slot(self, waiting: WaitingRun, number: int, mine: _Slot) -> _Slot:
        """Return the gate that has this number of its run: this one, if none has it yet."""
        key, now = _key(waiting.repository_id, waiting.run_id, number), self.new_cases.clock()
        return _Slot(*json.loads(self.new_cases.store.put_if_absent(key, json.dumps(mine), now=now, until=now + KEPT)))


def _key(repository_id: str, run_id: str, number: int) -> str:
    return f"gate {repository_id} {run_id} {number}"
