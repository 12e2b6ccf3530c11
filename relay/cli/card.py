"""`relay card`: a card on standard output."""

from typing import Any

import click

from relay.cli import github_actions
from relay.cli.command import Command
from relay.cli.context import Context
from relay.cli.formats import DEFAULT, FORMATS, format_options, read_format
from relay.cli.options import need_event_type, read_request, request_options
from relay.cli.request_card import Drawn, draw_notification, draw_offline, draw_registered, read_options, report


@click.command(cls=Command, short_help="Print the card of a request.")
@click.option(
    "--format",
    "form_of_card",
    type=click.Choice(FORMATS),
    default=DEFAULT,
    show_default=True,
    help="The form of the card: adaptive is the message for a Workflows webhook, outlook-email the HTML of a mail.",
)
@click.option("--register", is_flag=True, help="Register the request with the relay, instead of working offline.")
@format_options
@request_options
@click.pass_obj
def card(context: Context, /, *, form_of_card: str, register: bool, **values: Any) -> None:
    """Print the card of a request, ready to be posted or mailed.

    The card carries the whole request in its ticket, and no relay is called unless --register is given. Without
    --event-type it is a notification and needs no key.
    """
    card_format = read_format(values, form_of_card)
    form = read_request(values)
    need_event_type(form, {"--register": register})
    request = read_options(form, context, values["relay"])
    relay = values["relay"]
    drawn: Drawn
    if not request.event_type:
        drawn = draw_notification(request, card_format)
    elif register:
        drawn = draw_registered(form, request, card_format, relay=relay, api_key=values["api_key"], context=context)
    else:
        drawn = draw_offline(request, card_format, relay=relay, ticket_key=values["ticket_key"], cure="--register")
    drawn_card = drawn.card
    click.echo(drawn_card.letter.html if drawn_card.letter else github_actions.as_json(drawn_card.card))
    report(drawn, context)
