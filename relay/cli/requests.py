"""`relay status` and `relay cancel`: one request of the relay, by its id."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import click

from relay.approval.gates import DECIDED_ELSEWHERE
from relay.cli import github_actions, relay_api
from relay.cli.command import Command
from relay.cli.context import Context
from relay.cli.failures import plain
from relay.cli.relay_options import api_key_option, relay_option

_ID: Final = re.compile("[A-Za-z0-9_-]{1,100}")


def read_id(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Return the id of a request, which is safe in a path. Raises BadParameter for any other text."""
    if not _ID.fullmatch(value):
        raise click.BadParameter("is not the id of a request: letters, digits, - and _ only")
    return value


def read_optional_id(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """Return the id of a request as `read_id` does, or an empty text where none is given."""
    return read_id(ctx, param, value) if value is not None else ""


def id_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the argument ID, the relay's address and its key to a command."""
    for option in (
        api_key_option(),
        relay_option(),
        click.argument("request_id", metavar="ID", callback=read_id),
    ):
        command = option(command)
    return command


_as_json: Final = click.option("--json", "as_json", is_flag=True, help="Print the relay's answer as JSON.")


@click.command(cls=Command, short_help="Show the state of a request.")
@id_options
@_as_json
@click.pass_obj
def status(context: Context, /, *, request_id: str, relay: str, api_key: str | None, as_json: bool) -> None:
    """Show the request ID: its status, its reviews, and the state of its dispatch."""
    _call("GET", request_id, relay, api_key, context, as_json=as_json)


@click.command(cls=Command, short_help="Withdraw a request that waits for approval.")
@id_options
@_as_json
@click.pass_obj
def cancel(context: Context, /, *, request_id: str, relay: str, api_key: str | None, as_json: bool) -> None:
    """Withdraw the request ID while it waits; its buttons do nothing from then on."""
    _call("POST", f"{request_id}/cancel", relay, api_key, context, as_json=as_json)


def _call(method: str, path: str, relay: str, api_key: str | None, context: Context, *, as_json: bool) -> None:
    """Call a route of one request, and print the request as the relay describes it."""
    found = relay_api.call(method, relay, path, api_key, context)
    if as_json:
        click.echo(github_actions.as_json(found))
        return
    for line in _lines(found):
        click.echo(plain(line))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    stage = f", stage {found['stage']}" if found.get("stage") else ""
    yield f"{found.get('id', 'the request')}: {found.get('status', 'unknown')}{stage}"
    if found.get("cancelled_at"):
        by = found.get("cancelled_by") or "an unknown key"
        yield f"  {by if by == DECIDED_ELSEWHERE else f'cancelled by {by}'}, {found['cancelled_at']}"
    for review in _objects(found.get("reviews")):
        by = review.get("by")
        name = by.get("name") or by.get("id") if isinstance(by, dict) else "an unknown person"
        yield f"  {review.get('verdict')} by {name}, stage {review.get('stage')}, {review.get('at')}"
    for dispatch in _objects([found.get("dispatch")]):
        attempts = dispatch.get("attempts")
        tried = f", attempts: {attempts}" if attempts else ""
        error = f", last error: {dispatch['last_error']}" if dispatch.get("last_error") else ""
        yield f"  dispatch {dispatch.get('status')}{tried}{error}"
        if dispatch.get("run_url"):
            yield f"  {dispatch['run_url']}"
    for run in _objects([found.get("run")]):
        said = f": {' '.join(run['text'].split())}" if isinstance(run.get("text"), str) and run["text"] else ""
        yield f"  run {run.get('status')}, {run.get('at')}{said}"
        if run.get("url"):
            yield f"  {run['url']}"


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
