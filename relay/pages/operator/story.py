"""The story of a request: its rules with the facts that decided, its stages with their reviews, its debts. Pure."""

from collections.abc import Iterator, Sequence

from relay.approval.approvers import allow_review
from relay.approval.gates import GATE
from relay.approval.globs import matches
from relay.approval.judge import ends_at
from relay.approval.policy import Policy, Rule, Stage, rule_of
from relay.errors import Refusal
from relay.journal.messages import Message, shown
from relay.model.case import Case
from relay.model.people import Actor, Review
from relay.model.request import Status
from relay.model.values import iso
from relay.pages.operator.debts import shown_debt
from relay.pages.view import Step, view

_NOT_THERE = "stage-gone"  # the policy has the stage of this review no longer
_REJECTS = "rejects"


def tell(
    case: Case | None, request_id: str, messages: Sequence[Message], policy: Policy, now: float
) -> dict[str, object]:
    """Return the whole story as JSON; `messages` are oldest first. A case that is gone leaves its messages."""
    return {
        "request": _request(case, policy, now) if case else {"id": request_id, "status": None},
        "stages": stages(case, policy, now) if case else [],
        "story": [shown(message) for message in messages],
        "debts": [shown_debt(case, index, now) for index in range(len(case.debts))] if case else [],
    }


def status_at(case: Case, policy: Policy, now: float) -> Status:
    """Return the status of a case. If its time is over it is expired, even before the timer has noted that."""
    over = case.status == "pending" and now >= view(case, case.status, policy, _SOME, now).ends_at
    return "expired" if over else case.status


def rules(case: Case, policy: Policy) -> list[dict[str, object]]:
    """Return the rules in their order up to the one that matches, each with the facts that decided."""
    found: list[dict[str, object]] = []
    chosen = rule_of(policy, case.request) if case.proof != "plain" else None
    for number, rule in enumerate(policy.rules, 1):
        facts = {name: _fact(*both) for name, both in _compared(rule, case).items()}
        found.append({"rule": number, "matches": all(fact["matches"] for fact in facts.values()), "facts": facts})
        if rule is chosen:
            found[-1]["takes_proof"] = case.proof in rule.requests
            break
    return found


def stages(case: Case, policy: Policy, now: float) -> list[dict[str, object]]:
    """Return the stages of the rule, each with its reviews, and whether each of them counts under the policy now."""
    shown_now = view(case, status_at(case, policy, now), policy, _SOME, now)
    rule = rule_of(policy, case.request)
    found = [_stage(step, case, policy, rule) for step in shown_now.steps if rule]
    if shown_now.loose:
        reviews = [_review(review, _NOT_THERE) for review in shown_now.loose]
        found.append({"name": None, "state": "gone", "required": 0, "counted": 0, "approvers": [], "reviews": reviews})
    return found


def _request(case: Case, policy: Policy, now: float) -> dict[str, object]:
    request = case.request
    return {
        "id": request.id,
        "repository": request.repository,
        "environment": request.environment or None,
        "event_type": request.event_type or None,
        "status": status_at(case, policy, now),
        "proof": case.proof,
        "proven": [*case.proven],
        "asked_at": iso(request.issued_at),
        "expires_at": iso(ends_at(case, policy)),
        "decided_at": iso(case.decided_at) if case.decided_at else None,
        "ended_by": case.ended_by or None,
        "superseded_by": case.superseded_by.id if case.superseded_by else None,
        "run": {"status": case.run.status, "at": iso(case.run.at), "by": case.run.by} if case.run else None,
        "rules": rules(case, policy),
    }


def _compared(rule: Rule, case: Case) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return for each fact the globs of a rule, and the value of the request."""
    request = case.request
    form = GATE if rule.is_for_gates else "plain" if rule.plain else "approval"
    found = GATE if case.gate else "plain" if case.proof == "plain" else "approval"
    return {
        "form": ((form,), found),
        "repository": ((rule.repository,), request.repository),
        "environment": ((rule.environment,), request.environment),
        "event_type": (rule.event_types, request.event_type),
    }


def _fact(globs: Sequence[str], value: str) -> dict[str, object]:
    return {"wanted": [*globs], "found": value or None, "matches": any(matches(glob, value) for glob in globs)}


def _stage(step: Step, case: Case, policy: Policy, rule: Rule) -> dict[str, object]:
    return {
        "name": step.stage.name,
        "state": step.state,
        "required": step.stage.required,
        "counted": step.counted,
        "approvers": [*step.stage.approvers],
        "reviews": [_review(review, *_why_not(policy, rule, step.stage, case, review)) for review in step.reviews],
    }


def _review(review: Review, why_not: str = "", check: str = "") -> dict[str, object]:
    return {
        "person": review.by.id,
        "verdict": review.verdict,
        "at": iso(review.at),
        "counts": not why_not,
        "because": why_not or None,
        "check": check or None,
    }


def _why_not(policy: Policy, rule: Rule, stage: Stage, case: Case, review: Review) -> Iterator[str]:
    """Yield code and check of the reason why a review does not count as an approval, or nothing if it does."""
    if review.verdict == "reject":
        yield _REJECTS
        return
    try:
        allow_review(policy, rule, stage, case.request, review.by)
    except Refusal as refusal:
        yield refusal.code
        yield refusal.check


_SOME = Actor("", "")  # the story is no person's own view
