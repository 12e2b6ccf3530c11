"""Warnings of `relay policy check` about `[[notify]]` entries that never send a notice."""

from collections.abc import Iterator, Sequence
from itertools import product

from relay.approval.events import OF_THE_RELAY
from relay.approval.globs import glob_doubt, overlap
from relay.approval.notify import Notify
from relay.approval.policy import Policy, Rule
from relay.model.request import ORIGIN
from relay.policy_toml.toml_positions import Path
from relay.policy_toml.toml_table import quoted

_OF_PLAIN = frozenset({"delivered", "undelivered"})
_NEVER = "the entry can never speak"


def notify_doubts(policy: Policy) -> Iterator[tuple[Path, str, str]]:
    """Yield the path, the message and the hint of each doubt."""
    for number, entry in enumerate(policy.notify):
        path: Path = ("notify", number)
        globs = [("repository", entry.repository), ("environment", entry.environment)]
        globs += [("event_types", glob) for glob in entry.event_types]
        odd = [(key, glob) for key, glob in globs if glob_doubt(glob)]
        for key, glob in odd:
            message = f"{key} {quoted(glob)} probably matches nothing: {glob_doubt(glob)}"
            yield (*path, key), message, "a glob has *, ? and [ab]"
        if not odd and (doubt := _doubt(policy, entry)):
            yield path, f"{_NEVER}: {doubt}", "correct the entry, or take it away"


def _doubt(policy: Policy, entry: Notify) -> str:
    """Return why no request could make the entry speak, or an empty text."""
    if OF_THE_RELAY & {*entry.on}:
        return "" if entry.to != (ORIGIN,) else f"the relay itself has no {ORIGIN}, and it is told to nothing else"
    rules = [rule for rule in policy.rules if _meets(entry, rule)]
    if not rules:
        return "no rule matches its repository, environment and event types"
    if not any(_may_happen(name, rules) for name in entry.on):
        return f"no rule that it is about has {' or '.join(entry.on)}"
    if entry.to == (ORIGIN,) and not any("command" in rule.requests for rule in rules):
        return f"no rule that it is about takes commands, and it is told to {ORIGIN} alone"
    return ""


def _meets(entry: Notify, rule: Rule) -> bool:
    """Tell whether some request may fall under both."""
    return (
        overlap(entry.repository, rule.repository)
        and overlap(entry.environment, rule.environment)
        and any(overlap(one, other) for one, other in product(entry.event_types, _event_types(rule)))
    )


def _event_types(rule: Rule) -> tuple[str, ...]:
    return rule.event_types or ("*",)


def _may_happen(name: str, rules: Sequence[Rule]) -> bool:
    """Tell whether an event may come true under one of the rules."""
    if name == "passed":
        return any(len(rule.stages) > 1 for rule in rules)
    if name == "superseded":
        return any(rule.supersede for rule in rules)
    return name in _OF_PLAIN or any(not rule.plain for rule in rules)
