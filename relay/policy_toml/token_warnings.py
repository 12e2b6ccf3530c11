"""Warnings of `relay policy check` about rules for workflows' tokens."""

from collections.abc import Iterator

from relay.approval.policy import Policy, Rule
from relay.policy_toml.toml_positions import Path
from relay.policy_toml.toml_table import quoted

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
    if not takes_tokens and (judging or tokens.askers):
        key = [*judging, "askers"][0]
        yield (key,), f"{key} judges tokens, and the rule takes none", 'add "oidc" to requests, or remove it'
    others = [proof for proof in rule.requests if proof != "oidc"]
    if takes_tokens and judging and others:
        message = f"{judging[0]} judges tokens only, and the rule takes {' and '.join(others)} besides"
        yield (judging[0],), message, 'write requests = ["oidc"], or who has a key is not judged by it'
    for workflow in tokens.workflows:
        if not tokens.refs and _GLOB & set(workflow.partition("@")[2] or "*"):
            message = f"the ref of {quoted(workflow)} is a glob, so any branch could hold a changed workflow"
            yield ("workflows",), message, 'write FILE@refs/heads/main, or add refs = ["refs/heads/main"]'
