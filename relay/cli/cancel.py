"""`relay cancel`: a request withdrawn."""

import click

from relay.cli import relay_api
from relay.cli.context import Context
from relay.cli.request_id import id_options
from relay.cli.requests import show


@click.command(short_help="Withdraw a request that waits for approval.")
@id_options
@click.pass_obj
def cancel(context: Context, /, *, request_id: str, relay: str, api_key: str | None, as_json: bool) -> None:
    """Withdraw the request ID while it waits; its buttons do nothing from then on."""
    relay_api.need_key(api_key)
    found = relay_api.call("POST", relay, f"{request_id}/cancel", str(api_key), context)
    show(found, as_json=as_json)
