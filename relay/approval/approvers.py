"""The approvers: the reviews that the policy allows, and the progress of a request under it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from relay.approval.policy import ANYONE, GITHUB_ID, Policy, Rule, Stage, rule_of
from relay.approval.requesters import is_requester
from relay.errors import Refusal
from relay.model.case import Case
from relay.model.people import Actor, Review
from relay.model.request import ApprovalRequest


class Progress(NamedTuple):
    """The progress of a request: its current stage, the reviews that count there, and the number of missing approvals.

    When every stage has passed, `stage` is the last one and `missing` is 0.
    """

    stage: Stage
    counted: tuple[Review, ...]
    missing: int
    passed: tuple[str, ...]
    next_stage: str


def stage_of(policy: Policy, case: Case) -> str:
    """Return the name of a case's stage, of a pending one the stage that waits under the present policy.

    Without a rule it is the last that was known, or an empty text.
    """
    request = case.request
    rule = rule_of(policy, request) if request.event_type and (case.status == "pending" or not case.stage) else None
    return progress(policy, rule, request, case.reviews).stage.name if rule and rule.stages else case.stage


def allow_review(policy: Policy, rule: Rule, stage: Stage, request: ApprovalRequest, actor: Actor) -> None:
    """Raise Refusal (not-allowed, own-request) if the actor may not approve in `stage`."""
    _allow_in(policy, stage, (_approvers(stage, actor), request.approvers or (ANYONE,)), actor)
    if not rule.self_approval and is_requester(policy, request, actor):
        raise Refusal("own-request", "the requester may not approve")


def allow_rejection(policy: Policy, rule: Rule, stage: Stage, case: Case, actor: Actor) -> None:
    """Raise Refusal (not-allowed, own-request) if the actor may not reject in `stage`."""
    # The asker takes a veto away neither by `approvers` nor by a requester that is only stated.
    _allow_in(policy, stage, (_approvers(stage, actor),), actor)
    request = replace(case.request, requested_by_also="")
    if case.is_requester_proven and not rule.self_approval and is_requester(policy, request, actor):
        raise Refusal("own-request", "the requester cancels, and does not reject")


def _approvers(stage: Stage, actor: Actor) -> tuple[str, ...]:
    """Return the approvers of a stage that can mean the actor."""
    # Anybody has an account at GitHub, while tenants and teams are listed: there only a named person approves.
    return tuple(each for each in stage.approvers if each != ANYONE or not actor.id.startswith(GITHUB_ID))


def _allow_in(policy: Policy, stage: Stage, lists: Iterable[tuple[str, ...]], actor: Actor) -> None:
    """Raise Refusal not-allowed unless each of the lists of approvers has the actor."""
    for approvers in lists:
        person = policy.person(actor)
        if ANYONE not in approvers and (person is None or person.key not in policy.names(approvers)):
            raise Refusal("not-allowed", f"not an approver of stage {stage.name}")


def counts(policy: Policy, rule: Rule, stage: Stage, request: ApprovalRequest, review: Review) -> bool:
    """Tell whether a stored review counts in `stage` under the policy in force now."""
    if review.stage != stage.name or review.verdict != "approve":
        return False
    try:
        allow_review(policy, rule, stage, request, review.by)
    except Refusal:
        return False
    return True


def identity(policy: Policy, actor: Actor) -> str:
    """Return the key of a person, or else their immutable id without its team. Each identity counts once."""
    person = policy.person(actor)
    if person:
        return person.key
    platform, _, identifier = actor.id.partition(":")
    return f"{platform}:{identifier.rpartition('/')[2]}"


def progress(policy: Policy, rule: Rule, request: ApprovalRequest, reviews: Sequence[Review]) -> Progress:
    """Return the progress of a request: all reviews are judged again, stage by stage, under the policy in force."""
    passed: list[str] = []
    for stage in rule.stages:
        counted = {
            identity(policy, review.by): review for review in reviews if counts(policy, rule, stage, request, review)
        }
        missing = max(0, stage.required - len(counted))
        following = rule.stages[len(passed) + 1 :]
        current = Progress(
            stage=stage,
            counted=tuple(counted.values()),
            missing=missing,
            passed=tuple(passed),
            next_stage=following[0].name if following else "",
        )
        if missing:
            break
        passed.append(stage.name)
    return current
