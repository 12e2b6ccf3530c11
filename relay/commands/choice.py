"""The choice of a command: the first format of the policy that a person may say and that matches. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from relay.approval.commands import Command
from relay.approval.policy import ANYONE, Policy
from relay.formats.grammar import MAX_VALUE, Format, Word
from relay.formats.match import match
from relay.formats.words import Words
from relay.model.people import Actor

MAX_TEXT: Final = 2_000  # characters
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
)  # line breaks, controls, halves of characters
_LOOKED_AT: Final = 40  # characters of a word, and words of a text, that are compared for likeness


@dataclass(frozen=True, slots=True)
class Chosen:
    """The command that a text means, with the values of its names."""

    command: Command
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BadValue:
    """A value that the matched format does not take, and the list of those that it takes, if it has one."""

    name: str
    choices: tuple[str, ...] = ()


def sayable(policy: Policy, actor: Actor) -> tuple[Command, ...]:
    """Return the commands that a proven person may say."""
    person = policy.person(actor)
    return tuple(
        command
        for command in policy.commands
        if ANYONE in command.who or (person is not None and person.key in policy.names(command.who))
    )


def choose(commands: Sequence[Command], words: Words) -> Chosen | BadValue | None:
    """Return the first command that matches with its values in their lists. Else the first bad value, or None."""
    bad: BadValue | None = None
    for command, form in _formats(commands):
        values = match(form, words, command.extra)
        if values is None:
            continue
        taken = _taken(command, values)
        if isinstance(taken, Chosen):
            return taken
        bad = bad or taken
    return bad


def nearest(commands: Sequence[Command], words: Words | None, text: str) -> Format:
    """Return the format of one of the commands that is most like a text; `words` are None if a quote is not closed."""
    said = [token.value for token in words.tokens] if words else text.split()
    folded = [word[:_LOOKED_AT].casefold() for word in said[:_LOOKED_AT]]
    return max((form for _, form in _formats(commands)), key=lambda form: _likeness(form, folded))


def _formats(commands: Sequence[Command]) -> Iterator[tuple[Command, Format]]:
    return ((command, form) for command in commands for form in command.formats)


def _taken(command: Command, values: Mapping[str, str]) -> Chosen | BadValue:
    found: dict[str, str] = {}
    for name, value in values.items():
        choices = command.values.get(name)
        if choices is None:
            if not (0 < len(value.strip()) <= len(value) <= MAX_VALUE) or _UNWANTED.search(value):
                return BadValue(name)
            found[name] = value
            continue
        spelt = next((choice for choice in choices if choice.casefold() == value.casefold()), None)
        if spelt is None:
            return BadValue(name, choices)
        found[name] = spelt
    return Chosen(command, {**found, **command.fixed})


def _likeness(form: Format, said: Sequence[str]) -> tuple[float, int]:
    """Return the likeness of the first words, from 0 to 1, and the number of the format's words that were said."""
    own = [item.folded for item in form.items if isinstance(item, Word)]
    first = _ratio(own[0][:_LOOKED_AT], said[0]) if said else 0.0
    return first, len({*own} & {*said})


@lru_cache(maxsize=1024)
def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
