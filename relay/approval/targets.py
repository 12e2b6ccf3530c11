"""Targets of a rule: the way in which its approvals reach GitHub, and the requests that each way can take."""

from fnmatch import fnmatchcase
from typing import Final

from relay.approval.policy import Rule
from relay.approval.requests import payload_room
from relay.errors import Refusal, malformed
from relay.model.request import ApprovalRequest
from relay.signed import canonical_json
from relay.signed.fields import MAX_DISPATCH_KEYS, is_branch_or_tag

OTHER_REFS: Final = "the rule's refs"


def allow_target(rule: Rule, request: ApprovalRequest) -> None:
    """Refuse a request that could never reach GitHub under its rule: malformed, or not-allowed for its ref."""
    if not rule.workflow:
        _check_keys(request, "a dispatch")
        room = payload_room(rule)
        if canonical_json.size(request.client_payload) > room:
            raise malformed("client_payload", f"takes at most {room} bytes of JSON beside all reviews of this rule")
        return
    if not is_branch_or_tag(request.ref):
        # A branch and a tag may have one name, and GitHub would choose. A commit starts no workflow.
        raise malformed(
            "ref", "must be a full branch or tag, such as refs/heads/main: the rule starts a workflow there"
        )
    if rule.tokens.refs and not any(fnmatchcase(request.ref, glob) for glob in rule.tokens.refs):
        message = "The policy takes requests like this from other branches or tags (refs)."
        raise Refusal("not-allowed", OTHER_REFS, message=message, field="ref")
    if request.reject_event_type or rule.on_request or any(stage.on_pass for stage in rule.stages):
        _check_keys(request, "the event that this rule sends beside its workflow")
    from relay.signed import workflow_inputs  # noqa: PLC0415 - only for rules that start a workflow by its name

    room = workflow_inputs.inputs_room(sum(stage.required for stage in rule.stages))
    if workflow_inputs.size(workflow_inputs.inputs_of(request.client_payload)) > room:
        raise malformed("client_payload", f"takes at most {room} characters as inputs, beside all reviews of this rule")


def _check_keys(request: ApprovalRequest, by: str) -> None:
    if len(request.client_payload) > MAX_DISPATCH_KEYS:
        raise malformed(
            "client_payload",
            f"takes at most {MAX_DISPATCH_KEYS} top-level keys in {by}; nest the others in one object",
        )
