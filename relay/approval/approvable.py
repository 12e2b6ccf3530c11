"""A check of new requests: each stage needs as many possible approvers as it requires."""

from dataclasses import replace

from relay.approval.policy import ANYONE, GROUP, Policy, Rule, Stage
from relay.approval.requesters import is_asker
from relay.errors import malformed
from relay.model.request import ApprovalRequest


def check_approvable(policy: Policy, rule: Rule, request: ApprovalRequest) -> None:
    """Raise Refusal malformed if a stage has fewer possible approvers than it requires. It names field and stage."""
    trouble = _check_narrowing(policy, rule, request)
    if trouble:
        raise malformed("approvers", trouble)
    if rule.self_approval:
        return
    for stage in rule.stages:
        left = _left_in(policy, stage, request)
        able = None if left is None else {key for key in left if not is_asker(policy, policy.people[key], request)}
        if able is not None and len(able) < stage.required:
            field = "approvers" if request.approvers else "requested_by"
            field = "requested_by_also" if _fails_by_the_rerun_alone(policy, stage, request) else field
            raise malformed(
                field,
                f"leaves {len(able)} of {stage.required} required approvers in stage {stage.name}, since a "
                "requester may not approve; ask as another person, or let the operator add an approver",
            )


def _fails_by_the_rerun_alone(policy: Policy, stage: Stage, request: ApprovalRequest) -> bool:
    """Tell whether the stage would have enough approvers if `requested_by_also` were empty."""
    left = _left_in(policy, stage, request) or frozenset()
    alone = replace(request, requested_by_also="")
    return sum(not is_asker(policy, policy.people[key], alone) for key in left) >= stage.required


def _left_in(policy: Policy, stage: Stage, request: ApprovalRequest) -> frozenset[str] | None:
    """Return the keys of a stage's approvers as the request narrows them, or None if it is open to anyone."""
    if not request.approvers or ANYONE in request.approvers:
        return None if ANYONE in stage.approvers else policy.names(stage.approvers)
    wanted = policy.names(request.approvers)
    return wanted if ANYONE in stage.approvers else wanted & policy.names(stage.approvers)


def _check_narrowing(policy: Policy, rule: Rule, request: ApprovalRequest) -> str:
    """Return the reason why a request's `approvers` can never be satisfied, or an empty string."""
    for approver in request.approvers:
        if approver.startswith(GROUP) and approver.removeprefix(GROUP) not in policy.groups:
            return "names a group that the policy does not have"
        if not approver.startswith(GROUP) and approver != ANYONE and approver not in policy.people:
            return "names a person that the policy does not have"
    if not request.approvers or ANYONE in request.approvers:
        return ""
    for stage in rule.stages:
        left = _left_in(policy, stage, request) or frozenset()
        if len(left) < stage.required:
            return f"leaves {len(left)} of {stage.required} required approvers in stage {stage.name}"
    return ""
