"""Warnings of `relay policy check` about a well-formed policy."""

import tomllib
from collections.abc import Collection, Iterable, Iterator
from itertools import combinations, permutations, product
from typing import Final

from relay.approval.globs import covers, glob_doubt, overlap
from relay.approval.policy import ANYONE, GROUP, PROVEN_IDS, TAKEN_PROOFS, Policy, Rule, Stage, takeable
from relay.policy_toml.command_warnings import command_doubts
from relay.policy_toml.notify_warnings import notify_doubts
from relay.policy_toml.people import platforms_in_use
from relay.policy_toml.token_warnings import token_doubts
from relay.policy_toml.toml_positions import Path, Positions, locate
from relay.policy_toml.toml_table import Problem, quoted

_Doubt = tuple[Path, str, str]
_CONFIRM: Final = (
    "a press on a card that the asker's machine drew counts at once here; confirm_cards has the relay's own card shown "
    "before it counts"
)


def warnings(policy: Policy, text: str) -> tuple[Problem, ...]:
    """Return the doubts about `policy`, with their positions in the `text` it was parsed from, in that order."""
    # Globs are compared on the safe side: a possible overlap is a warning, even if no such name exists.
    positions = locate(text)
    operators = tomllib.loads(text).get("operators", ())  # as written: the policy has a group's people in its place
    doubts = [
        *_people(policy),
        *_groups(policy, operators),
        *_rules(policy, positions),
        *_each_rule(policy),
        *token_doubts(policy),
        *command_doubts(policy),
        *notify_doubts(policy),
    ]
    return tuple(sorted({Problem(*positions.of(path), message, hint) for path, message, hint in doubts}))


def impossible(policy: Policy, text: str) -> tuple[Problem, ...]:
    """Return a problem for each stage that can never pass, since too few of its approvers can press."""
    # The relay takes such a policy, as its other rules hold. Its health tells of it.
    positions, known = locate(text), " or ".join(PROVEN_IDS)
    return tuple(
        Problem(
            *positions.of(("rule", number, "stage", index, "approvers")),
            f"needs {stage.required} of these approvers, and {_able(policy, stage)} can ever press",
            f"a person is proven by {known}; add one to [people.KEY]",
        )
        for number, rule in enumerate(policy.rules)
        for index, stage in enumerate(rule.stages)
        if ANYONE not in stage.approvers and _able(policy, stage) < stage.required
    )


def _able(policy: Policy, stage: Stage) -> int:
    """Return the number of a stage's approvers that can press."""
    return sum(policy.people[key].can_press for key in policy.names(stage.approvers))


def proposals(policy: Policy, text: str) -> tuple[Problem, ...]:
    """Return proposals for keys that a policy could use and does not have. They are no warnings."""
    positions, written = locate(text), tomllib.loads(text).get("rule", ())
    return tuple(
        Problem(*positions.of(("rule", number)), _CONFIRM, "write confirm_cards = true, or false")
        for number, (rule, keys) in enumerate(zip(policy.rules, written, strict=True))
        if not (rule.plain or rule.is_for_gates) and "confirm_cards" not in keys and _is_weighty(rule)
    )


def _is_weighty(rule: Rule) -> bool:
    """Tell whether a rule asks for several approvals, or is for an environment named prod or the like."""
    return sum(stage.required for stage in rule.stages) > 1 or rule.environment.lower().startswith("prod")


def _people(policy: Policy) -> Iterator[_Doubt]:
    grouped = {member for members in policy.groups.values() for member in members}
    used = grouped | policy.names([*_approvers(policy), *_sayers(policy)]) | set(policy.operators)
    judged = policy.names(
        approver
        for rule in policy.rules
        for stage in rule.stages
        for approver in stage.approvers
        if not rule.self_approval
    )
    for key, person in policy.people.items():
        path = ("people", key)
        if key not in used:
            yield (
                path,
                f"{quoted(key)} is in no group, no stage and no command",
                "remove the person, or name them where they approve or ask",
            )
        if not person.can_press:
            hint = "add entra, slack or github_id; a login alone proves nobody, since it can be renamed"
            yield path, f"{quoted(key)} has no id by which a click could be known as theirs", hint
        if key in judged and person.github and not person.github_id:
            hint = f"add github_id, the id in https://api.github.com/users/{person.github}"
            message = f"{quoted(key)} may not approve their own requests, and is known to GitHub by a login only"
            yield (*path, "github"), message, f"{hint}; a renamed login would be a stranger"


def _groups(policy: Policy, operators: Collection[str]) -> Iterator[_Doubt]:
    used = {*_approvers(policy), *_sayers(policy), *operators}
    for name in policy.groups:
        if GROUP + name not in used:
            yield (
                ("groups", name),
                f"nobody uses the group {quoted(name)}",
                f'name it in a stage or a command as "{GROUP}{name}"',
            )


def _rules(policy: Policy, positions: Positions) -> Iterator[_Doubt]:
    if not policy.rules:
        yield (), "there is no rule, so every request is refused", "add [[rule]]"
    for (first, earlier), (second, later) in combinations(enumerate(policy.rules), 2):
        line = positions.of(("rule", first))[0]
        path = ("rule", second)
        if earlier.plain == later.plain and _shadows(earlier, later):
            hint = f"the rule in line {line} matches all it does and comes first; put this one above it, or remove it"
            yield path, "the rule can never match", hint
        elif _may_meet(earlier, later) and _strictness(policy, earlier) != _strictness(policy, later):
            message = (
                f"an event type of this rule also falls under the rule in line {line}, which asks for other approvals"
            )
            hint = (
                "who asks could choose the easier rule by its environment; give each environment event types of its own"
            )
            yield (*path, "event_types"), message, hint
    for (first, rule), (second, other) in permutations(enumerate(policy.rules), 2):
        line = positions.of(("rule", second))[0]
        if rule.plain and not other.plain and _shadows_events(other, rule):
            hint = f"the rule in line {line} has approvers for all it matches; a plain rule never goes around them"
            yield ("rule", first), "the plain rule can never be used", hint
        if (
            _overlap(rule.reject_event_types, other.event_types)
            and overlap(rule.repository, other.repository)
            and not other.is_for_gates
        ):
            message = f"a reject event type may be a releasing one of the rule in line {line}"
            hint = "a rejection could start what that rule guards; give rejections a name of their own"
            yield ("rule", first, "reject_event_types"), message, hint
        for keys, event_type in _announced(rule):
            if (
                not other.plain
                and overlap(rule.repository, other.repository)
                and _overlap([event_type], other.event_types)
            ):
                message = f"{keys[-1]} {quoted(event_type)} is a releasing event type of the rule in line {line}"
                hint = "it goes around that rule's approvers; give it a name of its own"
                yield ("rule", first, *keys), message, hint


def _each_rule(policy: Policy) -> Iterator[_Doubt]:
    for number, rule in enumerate(policy.rules):
        doubts = (*_globs(rule), *_stages(policy, rule))
        yield from ((("rule", number, *path), message, hint) for path, message, hint in doubts)


def _globs(rule: Rule) -> Iterator[_Doubt]:
    """Yield the doubts about the names of one rule, at paths below it."""
    globs = [("repository", rule.repository), ("environment", rule.environment)]
    globs += [("event_types", each) for each in rule.event_types]
    globs += [("reject_event_types", each) for each in rule.reject_event_types]
    for key, glob in globs:
        if glob_doubt(glob):
            message = f"{key} {quoted(glob)} probably matches nothing: {glob_doubt(glob)}"
            yield (key,), message, "a glob has *, ? and [ab]; write each name by itself, or a rule for each"
    for path, event_type in _announced(rule):
        if glob_doubt(event_type) or set(event_type) & set("*?["):
            message = f"{path[-1]} {quoted(event_type)} is sent as it is written, and looks like a slip"
            yield path, message, "it is the name of one event type, and no glob"


def _stages(policy: Policy, rule: Rule) -> Iterator[_Doubt]:
    """Yield the doubts about requests and approvals under one rule, at paths below it."""
    if not rule.plain and not takeable(rule):
        message = f"no route of this version takes {' or '.join(rule.requests)}: nobody can ask"
        yield ("requests",), message, f"add one of {', '.join(sorted(TAKEN_PROOFS - {'github'}))}"
    for index, stage in enumerate(rule.stages):
        able = _able(policy, stage)
        if not rule.self_approval and ANYONE not in stage.approvers and able == stage.required:
            message = f"stage {quoted(stage.name)} has exactly {able} who can approve, and needs as many"
            hint = "a request of one of them could never be approved; name one more"
            yield ("stage", index, "approvers"), message, hint
        if ANYONE in stage.approvers and stage.required > 1 and len(platforms_in_use(policy)) > 1:
            message = f"one person may give two of the {stage.required} approvals of stage {quoted(stage.name)}"
            hint = (
                "with anyone, an account in Slack and one in Entra count as two people; name the people, with both ids"
            )
            yield ("stage", index, "approvers"), message, hint


def _announced(rule: Rule) -> Iterator[tuple[Path, str]]:
    """Yield the path and the event type of each dispatch that a rule makes before the final decision."""
    if rule.on_request:
        yield ("on_request",), rule.on_request
    for index, stage in enumerate(rule.stages):
        if stage.on_pass:
            yield ("stage", index, "on_pass"), stage.on_pass


def _shadows(earlier: Rule, later: Rule) -> bool:
    """Tell whether the earlier rule surely matches everything that the later one could."""
    return _shadows_events(earlier, later) and covers(earlier.environment, later.environment)


def _shadows_events(wide: Rule, narrow: Rule) -> bool:
    if wide.is_for_gates != narrow.is_for_gates:
        return False
    events = all(any(covers(one, other) for one in wide.event_types) for other in narrow.event_types)
    return events and covers(wide.repository, narrow.repository)


def _may_meet(earlier: Rule, later: Rule) -> bool:
    """Tell whether only the environment decides between the two rules, for some event type of some repository."""
    if earlier.plain or later.plain or covers(earlier.environment, later.environment):
        return False
    if earlier.is_for_gates or later.is_for_gates:  # a run does not choose its environment by what it asks for
        return False
    return overlap(earlier.repository, later.repository) and _overlap(earlier.event_types, later.event_types)


def _overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    return any(overlap(one, other) for one, other in product(some, others))


def _strictness(policy: Policy, rule: Rule) -> object:
    """Return the properties that equally strict rules share: self-approval, proofs, tokens, and approvers by stage."""
    stages = tuple((stage.required, ANYONE in stage.approvers, policy.names(stage.approvers)) for stage in rule.stages)
    return rule.self_approval, frozenset(rule.requests), rule.tokens, stages


def _approvers(policy: Policy) -> Iterator[str]:
    return (approver for rule in policy.rules for stage in rule.stages for approver in stage.approvers)


def _sayers(policy: Policy) -> Iterator[str]:
    return (name for command in policy.commands for name in command.who)
