"""`relay audit`: the audit trail, exported as signed lines, and the proof that they are unchanged."""

from pathlib import Path
from typing import Final

import click

from relay.api.audit import KIND, read_time
from relay.cli import relay_api
from relay.cli.command import Group
from relay.cli.context import Context
from relay.cli.failures import NotApproved, plain
from relay.cli.relay_options import api_key_option, relay_option
from relay.errors import Refusal
from relay.signed.audit_chain import verify as verify_chain

_relay = relay_option()
LARGEST: Final = 1024 * 1024 * 1024  # bytes of an export


@click.group(cls=Group, short_help="Export the audit trail, and prove it.")
def audit() -> None:
    """Export the audit trail as signed lines, and prove later that none was changed."""


def _read_date(_ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    try:
        read_time(str(param.name), value or "", 0.0, last=False)
    except Refusal as refusal:
        raise click.BadParameter(refusal.message.partition(": ")[2]) from None
    return value or ""


@audit.command()
@click.option("--since", required=True, callback=_read_date, metavar="DATE", help="First day, or time, in UTC.")
@click.option("--until", callback=_read_date, metavar="DATE", help="Last day, or time, in UTC. Default: now.")
@_relay
@api_key_option("A key of the scope operator; better in the environment.", required=True)
@click.pass_obj
def export(context: Context, /, *, since: str, until: str, relay: str, api_key: str) -> None:
    """Print a line for each request that ended in this time, with its reviewers and its outcome.

    The lines are JSON. Each has the SHA-256 of the line before, and the last one is signed by the relay.
    """
    if until and read_time("until", until, 0.0, last=True) < read_time("since", since, 0.0, last=False):
        raise click.UsageError("--until: is before --since")
    query = {"since": since} | ({"until": until} if until else {})
    click.echo(relay_api.export(relay, api_key, "audit", query, KIND, context, LARGEST), nl=False)


@audit.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_relay
@click.pass_obj
def verify(context: Context, /, *, file: Path, relay: str) -> None:
    """Prove that FILE is an export of this relay, whole and unchanged.

    It needs nothing but the public keys of the relay, at /api/keys. Ends with 3 if a line was changed, dropped,
    swapped, cut off or added, and with 1 if the relay cannot be reached.
    """
    text = file.read_bytes().decode("utf-8", "replace")
    keys = relay_api.fetch_keys(relay, context)
    try:
        claims = verify_chain(text, keys, issuer=relay)
    except Refusal as refusal:
        raise NotApproved(f"Not genuine. {refusal.message}") from None
    count = claims["count"]
    lines = "one line" if count == 1 else f"{count} lines"
    click.echo(plain(f"Genuine: {lines} from {claims.get('since')} to {claims.get('until')}, signed by {relay}."))
