"""Rules about the asking workflow: its events, refs, workflow files, owner, and repositories that ask for others."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from relay.approval.policy import TokenRule
from relay.errors import Refusal, malformed
from relay.identity.github_oidc import OWN_EVENTS, WorkflowToken
from relay.model.request import ApprovalRequest


def allow_event(rule: TokenRule, token: WorkflowToken) -> None:
    """Refuse (not-allowed) a workflow that was started by an event of which the rule takes no requests."""
    if token.event_name not in (rule.events or OWN_EVENTS):
        cure = f'The operator allows it with events = ["{token.event_name}"] in the rule'
        raise Refusal(
            "not-allowed",
            "the event of the token",
            message=f"A workflow started by {token.event_name} may not ask here. {cure}, beside the others it needs.",
        )


def allow_token(rule: TokenRule, token: WorkflowToken, request: ApprovalRequest) -> None:
    """Refuse a workflow for which a key of the rule does not hold: not-allowed, or malformed for its repository."""
    if is_for_another(token, request) and not _any(rule.askers, token.repository.lower(), lower=True):
        raise malformed("repository", "differs from the token's own, which the policy does not list in askers for it")
    allow_event(rule, token)
    if rule.owner_id and token.repository_owner_id != rule.owner_id:
        # A name can be given up and taken by another owner. The owner's id cannot.
        raise _not_allowed("owner_id", "The owner of the workflow's repository is not the one whom the policy names.")
    if rule.workflows and not _any(rule.workflows, token.job_workflow_ref):
        raise _not_allowed("workflows", "The policy lists other workflow files (workflows) for requests like this.")
    if rule.refs and not (_any(rule.refs, token.ref) and _any(rule.refs, request.ref)):
        raise _not_allowed("refs", "The policy takes requests like this from other branches or tags (refs).")


def is_for_another(token: WorkflowToken, request: ApprovalRequest) -> bool:
    """Tell whether a workflow asks for another repository than its own."""
    return token.repository.lower() != request.repository.lower()


def _any(globs: Iterable[str], name: str, *, lower: bool = False) -> bool:
    # Git tells main from Main, so case counts in refs and files. GitHub ignores it in names of repositories.
    return any(fnmatchcase(name, glob.lower() if lower else glob) for glob in globs)


def _not_allowed(key: str, message: str) -> Refusal:
    return Refusal("not-allowed", f"the rule's {key}", message=message)
