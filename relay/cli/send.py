"""`relay send`: a request registered, or made offline, and its card posted."""

from typing import Any

import click

from relay.cli import actions, webhook
from relay.cli.addresses import read_webhook
from relay.cli.drawing import draw_notification, draw_offline, draw_registered, read_options, tell
from relay.cli.edges import Edges
from relay.cli.failures import Failure
from relay.cli.options import read_request, request_options
from relay.core.model import iso


@click.command(short_help="Ask for an approval, or send a notification.")
@click.option("--channel", metavar="NAME", help="The relay's channel that posts the card.")
@click.option(
    "--webhook",
    "webhook_url",
    envvar="RELAY_WEBHOOK_URL",
    show_envvar=True,
    callback=read_webhook,
    metavar="URL",
    help="Post the card to this webhook; better in the environment, since it is a secret.",
)
@click.option("--offline", is_flag=True, help="Call no relay: the request travels in the card's ticket.")
@request_options
@click.pass_obj
def send(edges: Edges, /, *, channel: str | None, webhook_url: str, offline: bool, **values: Any) -> None:
    """Register a request with the relay and post its card, to a channel or a webhook.

    Without --event-type the card is a notification, which a webhook gets without any relay.
    """
    actions.mask(webhook_url)
    if channel and offline:
        raise click.UsageError("--offline: a channel is the relay's, so the relay must be called; use --webhook")
    if not channel and not webhook_url:
        raise click.UsageError("--webhook: say where the card goes, here or in RELAY_WEBHOOK_URL, or by --channel")
    form = read_request(values) | ({"channels": [channel]} if channel else {})
    request = read_options(form, edges)
    relay, api_key = values["relay"], values["api_key"]
    if channel:
        drawn = draw_registered(form, request, relay=relay, api_key=api_key, edges=edges)
    else:
        if not request.event_type:
            drawn = draw_notification(request)
        elif offline:
            drawn = draw_offline(request, relay=relay, ticket_key=values["ticket_key"], cure="--offline")
        else:
            drawn = draw_registered(form, request, relay=relay, api_key=api_key, edges=edges)
        try:
            webhook.post(webhook_url, drawn.card, edges)
        except Failure as failure:
            if offline or not request.event_type:
                raise
            cancel = f"It is registered all the same; `relay cancel {drawn.request.id}` withdraws it."
            raise Failure(f"{failure.message} {cancel}") from None
    tell(drawn, edges)
    click.echo("Sent." if not request.event_type else f"Sent. Request {drawn.request.id}")
    if request.event_type:
        click.echo(f"It waits for approval until {iso(drawn.request.expires_at)}.")
