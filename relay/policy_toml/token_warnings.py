"""Warnings of `relay policy check` about rules for workflows' tokens."""

from collections.abc import Iterator

from relay.approval.policy import Policy, Rule
from relay.policy_toml.token_rules import EVENTS
from relay.policy_toml.toml_positions import Path
from relay.policy_toml.toml_table import meant, quoted

_Doubt = tuple[Path, str, str]
_JUDGING = ("events", "refs", "workflows", "owner_id")
_GLOB = frozenset("*?[")


def token_doubts(policy: Policy) -> Iterator[_Doubt]:
    """Yield the doubts about the rules that take tokens, or have keys that judge them."""
    for index, rule in enumerate(policy.rules):
        if not rule.plain:
            yield from ((("rule", index, *path), message, hint) for path, message, hint in _of(rule))


def _of(rule: Rule) -> Iterator[_Doubt]:
    tokens, takes_tokens = rule.tokens, "oidc" in rule.requests
    judging = [key for key in _JUDGING if getattr(tokens, key)]
    if takes_tokens and not tokens.owner_id:
        message = "the rule takes oidc without owner_id: a name that was given up can be taken by another owner"
        yield (), message, "add owner_id, the id in https://api.github.com/users/OWNER, or take oidc out of requests"
    unused = [
        key for key in (*judging, *(["askers"] if tokens.askers else [])) if not (rule.workflow and key == "refs")
    ]
    if not takes_tokens and unused:
        key = unused[0]
        yield (key,), f"{key} judges tokens, and the rule takes none", 'add "oidc" to requests, or remove it'
    others = [proof for proof in rule.requests if proof != "oidc"]
    # The ref of a request is where its workflow starts, however the request was proven.
    of_tokens = [key for key in judging if not (rule.workflow and key == "refs")]
    if takes_tokens and of_tokens and others:
        message = f"{of_tokens[0]} judges tokens only, and the rule takes {' and '.join(others)} besides"
        yield (of_tokens[0],), message, 'write requests = ["oidc"], or who has a key is not judged by it'
    if rule.workflow and not tokens.refs:
        message = "a request chooses the ref at which the workflow starts, and any branch could hold a changed one"
        yield ("target",), message, 'add refs = ["refs/heads/main"]'
    for event in tokens.events:
        if event not in EVENTS:
            hint = meant(event, EVENTS) or "a workflow that another one calls has the event of that one"
            yield ("events",), f"GitHub starts no workflow by {quoted(event)}, so no token ever names it", hint
    for workflow in tokens.workflows:
        if not tokens.refs and _GLOB & set(workflow.partition("@")[2] or "*"):
            message = f"the ref of {quoted(workflow)} is a glob, so any branch could hold a changed workflow"
            yield ("workflows",), message, 'write FILE@refs/heads/main, or add refs = ["refs/heads/main"]'
