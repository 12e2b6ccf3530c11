"""`relay card`: a card on standard output."""

import json
from typing import Any

import click

from relay.cli.drawing import Drawn, draw_notification, draw_offline, draw_registered, read_options, tell
from relay.cli.edges import Edges
from relay.cli.options import read_request, request_options


@click.command(short_help="Print the card of a request.")
@click.option(
    "--format",
    "form_of_card",
    type=click.Choice(["messagecard"]),
    default="messagecard",
    show_default=True,
    help="The form of the card.",
)
@click.option("--register", is_flag=True, help="Register the request with the relay, instead of working offline.")
@request_options
@click.pass_obj
def card(edges: Edges, /, *, form_of_card: str, register: bool, **values: Any) -> None:  # noqa: ARG001 - one form so far
    """Print the card of a request, for whatever posts or mails it.

    The card carries the whole request in its ticket and no relay is called, unless it is registered. Without
    --event-type it is a notification and needs no key.
    """
    form = read_request(values)
    request = read_options(form, edges)
    drawn: Drawn
    if not request.event_type:
        drawn = draw_notification(request)
    elif register:
        drawn = draw_registered(form, request, relay=values["relay"], api_key=values["api_key"], edges=edges)
    else:
        drawn = draw_offline(request, relay=values["relay"], ticket_key=values["ticket_key"], cure="--register")
    click.echo(json.dumps(drawn.card, ensure_ascii=False, indent=2))
    tell(drawn, edges)
