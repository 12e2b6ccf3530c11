"""`relay status`: how far a request has come."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from relay.cli import github_actions, relay_api
from relay.cli.context import Context
from relay.cli.failures import plain
from relay.cli.request_id import id_options


@click.command(short_help="Show how far a request has come.")
@id_options
@click.pass_obj
def status(context: Context, /, *, request_id: str, relay: str, api_key: str | None, as_json: bool) -> None:
    """Show how far the request ID has come: its status, its reviews, and what became of its dispatch."""
    relay_api.need_key(api_key)
    found = relay_api.call("GET", relay, request_id, str(api_key), context)
    show(found, as_json=as_json)


def show(found: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the relay's account of a request."""
    if as_json:
        click.echo(github_actions.as_json(found))
        return
    for line in _lines(found):
        click.echo(plain(line))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    stage = f", stage {found['stage']}" if found.get("stage") else ""
    yield f"{found.get('id', 'the request')}: {found.get('status', 'unknown')}{stage}"
    for review in _objects(found.get("reviews")):
        by = review.get("by")
        who = by.get("name") or by.get("id") if isinstance(by, dict) else "somebody"
        yield f"  {review.get('verdict')} by {who}, stage {review.get('stage')}, {review.get('at')}"
    for dispatch in _objects([found.get("dispatch")]):
        attempts = dispatch.get("attempts")
        tried = f", attempts: {attempts}" if attempts else ""
        error = f", last error: {dispatch['last_error']}" if dispatch.get("last_error") else ""
        yield f"  dispatch {dispatch.get('status')}{tried}{error}"
        if dispatch.get("run_url"):
            yield f"  {dispatch['run_url']}"


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
