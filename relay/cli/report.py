"""`relay report`: a released workflow reports its success or failure to the relay, and every card shows it."""

import os
import re
from typing import Final

import click

from relay.cli import relay_api
from relay.cli.command import Command
from relay.cli.context import Context
from relay.cli.failures import plain
from relay.cli.inputs import read_json
from relay.cli.relay_options import api_key_option, relay_option
from relay.cli.requests import read_id
from relay.signed.fields import MAX_REPORT, is_web_address, without_controls
from relay.signed.released_event import approval_id

_NO_ID: Final = (
    "ID: is not given, and the event that started this workflow carries no approval. Give the id of the request, as "
    "in relay report ID --state success"
)
_COLOUR: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_NO_TEXT: Final = re.compile("[\ud800-\udfff]+")  # bytes of an argument that are not UTF-8


def _read_id(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    return "" if value is None else read_id(ctx, param, value)


def _read_text(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    # The output of a tool, cut anywhere: colours and half characters must not keep a failure from being told.
    value = without_controls(_COLOUR.sub("", _NO_TEXT.sub("\ufffd", value)))
    if len(value) > MAX_REPORT:
        raise click.BadParameter(f"takes at most {MAX_REPORT} characters, and has {len(value)}")
    return value


def _read_url(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not is_web_address(value):
        raise click.BadParameter("is no http or https address with a host in ASCII")
    return value


@click.command(cls=Command, short_help="Tell what became of a release.")
@click.argument("request_id", metavar="[ID]", required=False, callback=_read_id)
@click.option(
    "--state",
    type=click.Choice(["started", "success", "failure"]),
    required=True,
    help="The state of the release.",
)
@click.option(
    "--text",
    default="",
    callback=_read_text,
    metavar="TEXT",
    help="Words for the cards, such as the reason of a failure; at most 1,000 characters.",
)
@click.option("--url", callback=_read_url, metavar="URL", help="The address to look at. Default: this run.")
@relay_option()
@api_key_option()
@click.option(
    "--event",
    "event_file",
    envvar="GITHUB_EVENT_PATH",
    show_envvar=True,
    metavar="FILE",
    help="The event that started the workflow, for the ID in it.",
)
@click.pass_obj
def report(  # noqa: PLR0913 - each is an option
    context: Context,
    /,
    *,
    request_id: str,
    state: str,
    text: str,
    url: str | None,
    relay: str,
    api_key: str | None,
    event_file: str | None,
) -> None:
    """Report the state of the release that the request ID started. Every card of the request shows it.

    The ID is taken from the event of the released workflow if it is not given. It decides nothing. A request takes
    20 reports; the same report twice in a row is one.
    """
    case_id = request_id or (approval_id(read_json(event_file, "--event")) if event_file else "")
    if not case_id:
        raise click.UsageError(_NO_ID)
    body = {"state": state, "text": text} | ({"url": where} if (where := url or _this_run()) else {})
    found = relay_api.call("POST", relay, f"{case_id}/report", api_key, context, body=body)
    run = found.get("run")
    status = run.get("status") if isinstance(run, dict) else None
    click.echo(plain(f"{found.get('id', 'the request')}: run {status or 'unknown'}"))


def _this_run() -> str:
    """Return the address of the run of this job, with its attempt from the second on, or "" outside of a workflow."""
    server, repository, run = (
        os.environ.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    )
    if not (server and repository and run):
        return ""
    attempt = os.environ.get("GITHUB_RUN_ATTEMPT") or "1"
    return f"{server}/{repository}/actions/runs/{run}" + (f"/attempts/{attempt}" if attempt != "1" else "")
