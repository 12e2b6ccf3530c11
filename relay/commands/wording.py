"""The sentences that answer a command: lines of plain text, which each chat writes in its own form. Pure."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Final

from relay.approval.commands import Command
from relay.approval.policy import Person
from relay.commands.choice import MAX_TEXT, BadValue
from relay.errors import Refusal
from relay.formats.grammar import MAX_VALUE, Format
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import Actor
from relay.model.request import ORIGIN

MAX_HELP: Final = 6_000  # characters; Slack cuts a message soon after, and nobody reads more
_NOTATION: Final = (
    "{{name}} is one word, or several in quotes. {{name=x}} and what stands in [ ] may be left out. {{name...}} is all "
    "words that follow. Names can be given at the end too, as in name=x."
)
_REFUSALS: Final = MappingProxyType(
    {
        "malformed": "Not asked: {reason}.",
        "no-rule": "Not asked: no rule of the operator's policy takes this from a command. The operator adds "
        'requests = ["command"] to the rule that is meant.',
        "not-allowed": "You may not ask for anything by a command here. Say help to see the id under which the "
        "operator can add you.",
        "busy": "The relay is busy and this may not have been asked. Say it again in a moment.",
    }
)


def refusal(refusal: Refusal) -> str:
    """Return the sentence of a refusal; the reason of a malformed one names the field."""
    return _REFUSALS[refusal.code].format(reason=(refusal.message or "it is not of the form").rstrip("."))


def busy() -> str:
    """Return the sentence of an outage."""
    return _REFUSALS["busy"]


def too_long() -> str:
    """Return the sentence for a text that is too long to be a command."""
    return f"Not asked: a command has at most {MAX_TEXT:,} characters."


def bad_value(bad: BadValue) -> str:
    """Return the sentence for a value that a format does not take."""
    if bad.choices:
        return f"Not asked: {bad.name} is one of {', '.join(bad.choices)}."
    return f"Not asked: {bad.name} takes 1 to {MAX_VALUE} characters on one line."


def unknown(form: Format, *, closed: bool) -> Iterator[str]:
    """Yield the lines for a text that no format matches; not `closed` if one of its quotes does not end."""
    yield (
        "This is no command that you may say." if closed else "A quote does not end before a blank, so nothing matched."
    )
    yield f"The nearest is: {form.text}"
    yield "Say help to see all."


def known_as(person: Person | None, actor: Actor) -> str:
    """Return the sentence about a person's own name and id at the relay."""
    if person is not None:
        return f"You are {person.name}, {actor.id}."
    return f"You are {actor.name}, {actor.id}. The policy has no person of this id."


def help_lines(commands: Sequence[Command]) -> Iterator[str]:
    """Yield the formats that a person may say, with the closed lists of their values."""
    if not commands:
        yield "There is no command that you may say."
        return
    yield "You may say:"
    room = MAX_HELP
    for command in commands:
        about = f" ({command.description})" if command.description else ""
        lines = [f"• {form.text}{about}" for form in command.formats]
        lines += [f"    {name}: {', '.join(choices)}" for name, choices in command.values.items()]
        if command.extra:
            lines.append(f"    at the end, as in NAME=VALUE: {', '.join(command.extra)}")
        room -= sum(map(len, lines))
        if room < 0:
            yield "And more: say the first word, and the nearest is named."
            return
        yield from lines
    yield _NOTATION


def asked(title: str) -> str:
    """Return the sentence for a request that was made."""
    return f"Asked for an approval: {title}"


def decided(title: str, sentence: str) -> str:
    """Return the sentence for a request with its own requester's review, or one that has ended already."""
    return f"{title}: {sentence}"


def cards(case: Case) -> Iterator[str]:
    """Yield where the cards of a case are, or why they are not there."""
    debts = [debt for debt in case.debts if debt.card is not None]
    if not debts:
        yield "No conversation got a card of it."
    there, coming = (_places(debts, *statuses) for statuses in (("delivered",), ("owed",)))
    if there:
        yield f"Its card is {there}."
    if coming:
        yield f"Its card is on its way: {coming}."
    for debt in debts:
        if debt.status in ("delivered", "owed"):
            continue
        if debt.event_type == ORIGIN:
            yield f"Its card could not be posted here: {debt.last_error}. If the app is not in here, invite it."
        else:
            yield f"Its card could not be posted to {debt.event_type}: {debt.last_error}."


def _places(debts: Sequence[Debt], *statuses: str) -> str:
    names = dict.fromkeys(debt.event_type for debt in debts if debt.status in statuses)
    return " and ".join("here" if name == ORIGIN else f"in {name}" for name in names)
