"""Status of a registered request, and its cancellation, for keys of its repository."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from relay.api.api_keys import Asker
from relay.api.json_replies import answered, json_reply
from relay.api.proofs import Proofs, TokenAsker
from relay.approval import wording
from relay.approval.approvers import stage_of
from relay.approval.endings import cancel
from relay.approval.judge import ends_at
from relay.approval.policy import ANY_TOKEN, Policy, rule_of
from relay.approval.token_rules import allow_event
from relay.errors import Refusal
from relay.journal.calls import note_case
from relay.model.case import Case
from relay.model.delivery import Delivery, Reply
from relay.model.values import iso
from relay.outbox.pay import Payer
from relay.signed.dispatch_payload import review_entry
from relay.store.contract import Store

RELEASED_BY: Final = frozenset({"repository_dispatch", "workflow_dispatch"})  # the events that a release starts with
BUDGET: Final = 8.0  # seconds in which the cards of a cancelled request are updated before the answer


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """The registered requests; `clock` returns Unix seconds."""

    store: Store
    payer: Payer
    policy: Policy
    proofs: Proofs
    clock: Callable[[], float]

    def show(self, delivery: Delivery, case_id: str) -> Reply:
        """GET /api/requests/{id}: return the status of a request."""
        return answered(lambda: json_reply(200, self.describe(self.load(self.proofs.prove(delivery), case_id))))

    def cancel(self, delivery: Delivery, case_id: str) -> Reply:
        """POST /api/requests/{id}/cancel: cancel a pending request, or answer 409 if it is decided."""
        return answered(lambda: json_reply(200, self.describe(self._cancel(delivery, case_id))))

    def load(self, asker: Asker | TokenAsker, case_id: str, *, cancels: bool = False, reports: bool = False) -> Case:
        """Return a case. Raises Refusal unknown-request, or not-allowed where the asker may only read."""
        case = self.store.load(case_id) if case_id.isascii() else None
        if case is None or not asker.may_see(case):
            raise Refusal("unknown-request", "no case of this id for this asker")
        note_case(case)
        if reports and isinstance(asker, Asker) and not asker.may_ask_for(case.request.repository):
            raise Refusal("not-allowed", "the key's scope", message="An operator's key reports nothing.")
        released = reports and isinstance(asker, TokenAsker) and asker.token.event_name in RELEASED_BY
        if (cancels or reports) and isinstance(asker, TokenAsker) and not released:
            # A pull request's workflow may look, and end nothing. What was dispatched reports under any rule.
            rule = rule_of(self.policy, case.request)
            allow_event(rule.tokens if rule else ANY_TOKEN, asker.token)
        return case

    def _cancel(self, delivery: Delivery, case_id: str) -> Case:
        asker = self.proofs.prove(delivery)
        while True:
            case = self.load(asker, case_id, cancels=True)
            step = cancel(case, self.policy, self.clock())
            if step.decision.code == "cancelled" and not step.changed:
                return case
            if not step.changed:
                raise Refusal("already-decided", f"the case is {step.decision.code}")
            deadline = self.clock() + BUDGET
            ended = replace(step.case, ended_by=f"{asker.proof}:{asker.name}")
            committed = self.payer.commit(case, ended, deadline=deadline, by=ended.ended_by)
            if committed is not None:
                committed, _ = self.payer.pay_leased(committed, deadline=deadline)  # the verdict of a run that waits
                return self.payer.update_cards(committed, deadline=deadline)[0]

    def describe(self, case: Case) -> dict[str, object]:
        """Return the answer of GET /api/requests/{id}."""
        return summary(case, self.policy, self.clock()) | {
            "proven": [*case.proven],
            "stage": stage_of(self.policy, case),
            "reviews": [review_entry(review) for review in case.reviews],
            "dispatch": _dispatch(case),
            **_runs(case),
            **_cancelled(case),
        }


def summary(case: Case, policy: Policy, now: float) -> dict[str, object]:
    """Return the fields of every answer about a request: id, status, and the cards that the relay posts."""
    expired = case.status == "pending" and now >= ends_at(case, policy)
    cards = [
        {"channel": debt.event_type, "status": debt.status, "error": debt.last_error or None}
        for debt in case.debts
        if debt.card
    ]
    fields: dict[str, object] = {"id": case.request.id, "status": "expired" if expired else case.status}
    return fields | {"cards": cards} if cards else fields


def _runs(case: Case) -> dict[str, object]:
    """Describe the run of the last dispatch, and the presses that ran a failed release again, if there are any."""
    fields: dict[str, object] = {}
    if case.run:
        run = case.run
        known = {"id": run.id} if run.id and run.by == "github" else {}  # a report has no more than its own shape
        fields_of_run = {"status": run.status, "text": run.text, "url": run.url, "at": iso(run.at), "by": run.by}
        fields["run"] = fields_of_run | known
    if case.reruns:
        fields["reruns"] = [
            {"by": {"id": each.by.id, "name": each.by.name}, "at": iso(each.at)} for each in case.reruns
        ]
    return fields


def _cancelled(case: Case) -> dict[str, object]:
    """Return the key that cancelled a request, and when."""
    if case.status != "cancelled":
        return {}
    return {"cancelled_by": case.ended_by or None, "cancelled_at": iso(case.decided_at)}


def _dispatch(case: Case) -> dict[str, object]:
    """Describe the dispatch of the final decision. Announcements before it do not count."""
    debt = wording.deciding(case.debts)
    if debt is None:
        return {"status": "none", "attempts": 0, "last_error": None, "run_url": None}
    status = "dead" if debt.status == "cancelled" else debt.status
    return {
        "status": status,
        "attempts": debt.attempts,
        "last_error": debt.last_error or None,
        "run_url": debt.run_url or None,
    }
