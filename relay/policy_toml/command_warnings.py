"""Warnings of `relay policy check` about commands: hidden formats, requests without a rule, rules without a command."""

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Final

from relay.approval.commands import Command
from relay.approval.globs import overlap
from relay.approval.policy import ANYONE, Policy, Rule
from relay.formats.grammar import Format, Part, Word
from relay.formats.match import match
from relay.formats.template import fill, names_in
from relay.formats.words import split
from relay.policy_toml.people import platforms_in_use
from relay.policy_toml.toml_positions import Path
from relay.policy_toml.toml_table import quoted

_MAX_SAMPLES: Final = 200  # texts by which two formats are compared
_OTHER: Final = ("vjx", "vjx vjx")  # values that no list and no word of a format has


def command_doubts(policy: Policy) -> Iterator[tuple[Path, str, str]]:
    """Yield the doubts about commands, each with its path, message and hint."""
    for number, rule in enumerate(policy.rules):
        if set(rule.requests) == {"command"} and not any(_may_take(rule, each) for each in policy.commands):
            message = "the rule takes commands alone, and no command asks for what it is about: nobody can ask"
            yield ("rule", number, "requests"), message, "add [[command]], compare the names, or add another proof"
    for number, command in enumerate(policy.commands):
        rules = [rule for rule in policy.rules if _may_take(rule, command)]
        if not rules:
            message = f"no rule takes what the command {quoted(command.name)} asks for"
            hint = 'add requests = ["command"] to the rule that is meant, and compare the names'
            yield ("command", number), message, hint
        elif all(rule.workflow for rule in rules):
            message = f"the command {quoted(command.name)} is always refused: its rule starts a workflow at a ref"
            yield ("command", number), message, 'a command gives no ref: leave target = "workflow_dispatch" out'
        elif command.approve and not any(rule.self_approval for rule in rules):
            message = "approve never counts: no rule that takes the command has self_approval"
            yield (
                ("command", number, "approve"),
                message,
                "write self_approval = true in the rule, or take approve away",
            )
        for platform, unknown in _unrecognized(policy, command, rules):
            message = (
                f"anyone may ask by {quoted(command.name)}, and may approve it as {unknown} if they are that person"
            )
            hint = f"the policy lacks their {platform} id, by which the relay would know who asked: add it, or name who"
            yield ("command", number, "who"), message, hint
        for index, form in enumerate(command.formats):
            if _is_hidden(policy, number, index):
                message = f"the format {quoted(form.text)} is never reached: earlier ones take all that it matches"
                yield ("command", number, "formats"), message, "put it above them, or take it away"


def _may_take(rule: Rule, command: Command) -> bool:
    """Tell whether a rule could take some request of a command."""
    return (
        not rule.plain
        and "command" in rule.requests
        and overlap(rule.repository, _glob(command.repository))
        and overlap(rule.environment, _glob(command.environment))
        and any(overlap(event_type, _glob(command.event_type)) for event_type in rule.event_types)
    )


def _unrecognized(policy: Policy, command: Command, rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """Yield each platform where anyone may ask, with the approvers who would not be known there as requesters."""
    if ANYONE not in command.who:
        return
    strict = [stage for rule in rules if not rule.self_approval for stage in rule.stages]
    approvers = sorted({key for stage in strict for key in policy.names(stage.approvers)})
    for platform in platforms_in_use(policy):
        unknown = [quoted(key) for key in approvers if not getattr(policy.people[key], platform)]
        if unknown:
            yield platform, ", ".join(unknown)


def _glob(template: str) -> str:
    """Return a glob of all that a template can make."""
    return fill(template, dict.fromkeys(names_in(template), "*"))


def _is_hidden(policy: Policy, number: int, index: int) -> bool:
    """Tell whether earlier formats that the same people may say match all samples of a format."""
    command = policy.commands[number]
    above = [
        (each, form) for each in policy.commands[:number] if _covers(policy, each, command) for form in each.formats
    ]
    above += [(command, form) for form in command.formats[:index]]
    return bool(above) and all(_matches(above, text) for text in _samples(command, command.formats[index]))


def _covers(policy: Policy, wide: Command, narrow: Command) -> bool:
    return ANYONE in wide.who or (ANYONE not in narrow.who and policy.names(wide.who) >= policy.names(narrow.who))


def _matches(forms: Sequence[tuple[Command, Format]], text: str) -> bool:
    words = split(text)
    for command, form in forms:
        values = match(form, words, command.extra) if words else None
        if values is not None and all(_is_listed(command, name, value) for name, value in values.items()):
            return True
    return False


def _is_listed(command: Command, name: str, value: str) -> bool:
    known = command.values.get(name)
    return known is None or value.casefold() in {each.casefold() for each in known}


def _samples(command: Command, form: Format) -> Iterator[str]:
    """Yield texts that a format matches: with and without each part and default, and with each value of a list."""
    choices: list[tuple[str, ...]] = []
    for item in form.items:
        if isinstance(item, Word):
            choices.append((item.folded,))
        elif isinstance(item, Part):
            choices.append(("[", ""))
        else:
            listed = tuple(f'"{each}"' for each in command.values.get(item.name, ()))
            left_out = () if item.default is None else ("",)
            choices.append((listed or _OTHER[: 2 if item.rest else 1]) + left_out)
    for chosen in islice(product(*choices), _MAX_SAMPLES):
        yield " ".join(_said(form, chosen))


def _said(form: Format, chosen: Sequence[str]) -> Iterator[str]:
    index = 0
    while index < len(chosen):
        item = form.items[index]
        if isinstance(item, Part):
            index = index + 1 if chosen[index] else item.end
            continue
        if chosen[index]:
            yield chosen[index]
        index += 1
