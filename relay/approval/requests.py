"""The requests that the policy allows, and the limits that their rule sets."""

from relay.approval.globs import matches
from relay.approval.policy import Policy, Rule, rule_of
from relay.errors import Refusal
from relay.model.request import ApprovalRequest, Proof
from relay.signed.fields import MAX_PAYLOAD


def allow_request(policy: Policy, request: ApprovalRequest, proof: Proof) -> Rule:
    """Return the rule under which `request` may be made and judged. Raises Refusal no-rule if there is none."""
    rule = rule_of(policy, request)
    if rule is None or not request.event_type:
        raise Refusal("no-rule", "no rule matches repository, environment and event type")
    if proof not in rule.requests:
        raise Refusal("no-rule", f"the rule does not take requests proven by {proof}")
    if request.reject_event_type:
        allow_reject_event(rule, request.reject_event_type)
    return rule


def allow_reject_event(rule: Rule, event_type: str) -> None:
    """Raise Refusal for a reject event that the rule does not list, or that could release something under the rule."""
    if not any(matches(glob, event_type) for glob in rule.reject_event_types):
        raise Refusal("no-rule", "the rule does not list the reject event type", field="reject_event_type")
    if any(matches(glob, event_type) for glob in rule.event_types):
        raise Refusal("no-rule", "the reject event type is a releasing one", field="reject_event_type")


def allow_plain(policy: Policy, repository: str, event_type: str) -> Rule:
    """Return the plain rule for an unproven dispatch. Raises Refusal no-rule if another rule guards the same event."""
    covering = [rule for rule in policy.rules if rule.covers(repository, event_type)]
    if not covering or not all(rule.plain for rule in covering):
        raise Refusal("no-rule", "no plain rule, or a rule with approvers guards the same event")
    return covering[0]


def expires_at(rule: Rule, request: ApprovalRequest) -> int:
    """Return the time at which the request expires: its own end, or the rule's if that is sooner."""
    return min(request.expires_at, request.issued_at + rule.expires_in)


def payload_room(rule: Rule) -> int:
    """Return the bytes of JSON that a requester's payload may have under the rule."""
    # GitHub takes 65,535 characters in all. Each review takes some 1,100 of them, in the payload and in the receipt.
    return min(MAX_PAYLOAD, 57_000 - 1_100 * sum(stage.required for stage in rule.stages))
