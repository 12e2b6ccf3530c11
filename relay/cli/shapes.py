"""The options that say in which form a card is drawn."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import click

from relay.chats.adaptive.body import Mention
from relay.chats.messagecard.card import ORIGINATOR
from relay.cli.inputs import read_pairs

Form = Literal["messagecard", "adaptive", "outlook-email"]
FORMS: Final[tuple[Form, ...]] = ("messagecard", "adaptive", "outlook-email")
_MAX_MENTIONS: Final = 20
_PERSON: Final = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,100}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_OPTIONS: Final = (
    click.option(
        "--mention",
        "mentions",
        multiple=True,
        metavar="NAME=ID",
        help="Somebody whom Teams tells of an adaptive card, by their user principal name or Entra object id. "
        "Repeatable.",
    ),
    click.option(
        "--outlook-card",
        type=click.Choice(["adaptive", "messagecard"]),
        default="adaptive",
        show_default=True,
        help="The card within an outlook-email: Outlook on phones draws no MessageCard.",
    ),
    click.option(
        "--originator",
        envvar="RELAY_ORIGINATOR",
        show_envvar=True,
        metavar="GUID",
        help="The id of the provider that Outlook asks for in a mail to anybody but yourself.",
    ),
)


@dataclass(frozen=True, slots=True)
class CardFormat:
    """In which form a card is drawn, and what only some forms have."""

    form: Form = "messagecard"
    mentions: tuple[Mention, ...] = ()
    outlook_card: Literal["adaptive", "messagecard"] = "adaptive"
    originator: str = ""


def shape_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a card's form to a command; `--format` is the command's own."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_shape(values: Mapping[str, Any], form: Form) -> CardFormat:
    """Return what the options of `shape_options` say. UsageError, naming the option, for what does not fit the form."""
    mentions = tuple(Mention(name, id_) for name, id_ in read_pairs(values["mentions"], "--mention"))
    if mentions and form != "adaptive":
        raise click.UsageError("--mention: only an Adaptive Card of Teams mentions people: use --format adaptive")
    if len(mentions) > _MAX_MENTIONS:
        raise click.UsageError(f"--mention: takes at most {_MAX_MENTIONS} people")
    if not all(_PERSON.fullmatch(mention.id) for mention in mentions):
        raise click.UsageError(
            '--mention: write NAME=ID, as in "Ada Lovelace=ada@contoso.com", or with their Entra object id'
        )
    originator = values["originator"] or ""
    if originator and not ORIGINATOR.fullmatch(originator):
        raise click.UsageError("--originator: must be the provider's id, a GUID of the Actionable Email dashboard")
    return CardFormat(form, mentions, values["outlook_card"], originator if form == "outlook-email" else "")
