"""A request drawn in the format that an asker wants, and the options for it."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import click

from relay.chats import lint
from relay.chats.adaptive.body import Mention
from relay.chats.adaptive.sender import left_out
from relay.chats.drawn import CardFormat, DrawnCard, Links
from relay.chats.shared.message_card import ORIGINATOR
from relay.chats.table import BY_DEFAULT, card_formats, drawing
from relay.cli.inputs import read_pairs
from relay.model.request import ApprovalRequest

FORMATS: Final = tuple(card_formats())
DEFAULT: Final = drawing()[BY_DEFAULT].card_format
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


def format_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a card's form to a command; `--format` is the command's own."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_format(values: Mapping[str, Any], form: str) -> CardFormat:
    """Return the values of `format_options`. UsageError, naming the option, for one that does not fit the format."""
    mentions = tuple(Mention(name, id_) for name, id_ in read_pairs(values["mentions"], "--mention", "NAME=ID"))
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


def draw(request: ApprovalRequest, links: Links, wanted: CardFormat) -> DrawnCard:
    """Draw a request. UsageError, naming the option, if the card breaks a limit of its platform."""
    chat = card_formats()[wanted.form]
    drawn = chat.draw_for_asker(request, links, wanted)
    for problem in chat.breaches(drawn.card):
        raise click.UsageError(f"{_option(problem)}: the card breaks a limit: {problem}")
    return drawn


def warnings(request: ApprovalRequest, drawn: DrawnCard) -> list[str]:
    """Return the warnings about a card that can be sent: parts that are left out of it, or look wrong."""
    if "@type" in drawn.card:
        return []
    return [*left_out(request), *lint.advice(drawn.card)]


def _option(problem: str) -> str:
    for part, option in (("potentialAction", "--actions"), ("sections", "--sections")):
        if problem.startswith(part):
            return option
    return "--text"
