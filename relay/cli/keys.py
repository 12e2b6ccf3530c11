"""`relay keys`: keys for the settings, and the ticket key of one repository's workflows."""

import os

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.cli import github_actions
from relay.cli.command import Group
from relay.cli.context import Context
from relay.errors import Refusal
from relay.settings import read_api_key
from relay.signed import receipt_keys, tickets
from relay.signed.canonical_json import base64url
from relay.signed.fields import READERS
from relay.signed.tickets import TicketKey


@click.group(cls=Group, short_help="Make keys for the settings.")
def keys() -> None:
    """Make keys for the settings."""


@keys.command()
@click.option(
    "--api",
    nargs=2,
    metavar="NAME SCOPE",
    help="Print one entry of RELAY_API_KEYS alone; SCOPE is OWNER/REPO, a glob such as OWNER/*, or operator.",
)
@click.pass_obj
def new(context: Context, /, *, api: tuple[str, str] | None) -> None:
    """Print new keys as NAME=VALUE lines, for the settings of a relay. They are stored nowhere else.

    To replace a ticket or receipt key, put the new one before the old one, separated by a comma. The first key
    signs, and all keys verify, so pending requests stay valid.
    """
    if api is not None:
        _show_api_entry(*api, base64url(context.random(32)))
        return
    ticket = tickets.format_key(TicketKey(f"k{context.random(4).hex()}", context.random(32)))
    receipt = receipt_keys.format_key(Ed25519PrivateKey.from_private_bytes(context.random(32)))
    operator = base64url(context.random(32))
    github_actions.mask(ticket, receipt, operator)
    click.echo(f"RELAY_TICKET_KEYS={ticket}")
    click.echo(f"RELAY_RECEIPT_KEYS={receipt}")
    click.echo(f"RELAY_API_KEYS=operator:{operator}:operator")
    click.echo(
        "A workflow's API key is an entry of the same list, scoped to it, as in ci:KEY:OWNER/REPO; "
        "`relay keys new --api NAME SCOPE` makes one.",
        err=True,
    )


def _show_api_entry(name: str, scope: str, key: str) -> None:
    entry = f"{name}:{key}:{scope}"
    try:
        if "," in entry or ":" in name + scope or not entry.isprintable() or name != name.strip():
            raise ValueError("takes a NAME and a SCOPE without commas and colons")
        read_api_key(entry)
    except ValueError as error:
        raise click.UsageError(f"--api: {error}") from None
    github_actions.mask(key)
    click.echo(entry)
    click.echo("Add it to RELAY_API_KEYS, after a comma; the workflow keeps the part between the colons.", err=True)


@keys.command()
@click.argument("repository", metavar="OWNER/REPO")
@click.option(
    "--key",
    "key_text",
    envvar="RELAY_TICKET_KEY",
    show_envvar=True,
    metavar="KID:KEY",
    help="One of the relay's own ticket keys. Default also: the first of RELAY_TICKET_KEYS.",
)
def derive(repository: str, key_text: str | None) -> None:
    """Print the ticket key for the workflows of one repository. It signs for no other repository."""
    text = key_text or os.environ.get("RELAY_TICKET_KEYS", "").partition(",")[0]
    if not text:
        raise click.UsageError("--key: is required: one of the relay's own ticket keys; or set RELAY_TICKET_KEYS")
    try:
        READERS["repository"]("repository", repository)
        derived = tickets.format_key(tickets.derive(tickets.parse_key(text), repository))
    except Refusal as refusal:
        raise click.UsageError(f"OWNER/REPO: {refusal.message.removeprefix('repository: ')}") from None
    except ValueError as error:
        raise click.UsageError(f"--key: {error}") from None
    github_actions.mask(derived)
    click.echo(derived)
