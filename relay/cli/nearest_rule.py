"""The rule that is nearest to a request which no rule matches, and where the two differ."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from relay.approval.globs import matches
from relay.approval.policy import Policy, Rule
from relay.cli.failures import plain


def nearest_rule(policy: Policy, *, repository: str, environment: str, event_type: str) -> str:
    """Return a sentence about the nearest rule, or "" if the policy has no rule for requests."""
    asked = {"repository": repository, "environment": environment, "event type": event_type}
    known = [
        (_differing(rule, asked), number)
        for number, rule in enumerate(policy.rules, 1)
        if not (rule.plain or rule.is_for_gates)
    ]
    if not known:
        return ""
    differing, number = min(known, key=lambda each: (len(each[0]), _distance(each[0], asked)))
    told = (
        f"it takes the {name} {' or '.join(globs)}, and the request has {plain(asked[name]) or 'none'}"
        for name, globs in differing.items()
    )
    return f"The nearest is rule {number} of the file: {'; '.join(told)}."


def _differing(rule: Rule, asked: dict[str, str]) -> dict[str, Sequence[str]]:
    globs = {"repository": (rule.repository,), "environment": (rule.environment,), "event type": rule.event_types}
    return {name: each for name, each in globs.items() if not any(matches(glob, asked[name]) for glob in each)}


def _distance(differing: dict[str, Sequence[str]], asked: dict[str, str]) -> float:
    return sum(
        1 - max(SequenceMatcher(None, glob.lower(), asked[name].lower()).ratio() for glob in globs)
        for name, globs in differing.items()
    )
