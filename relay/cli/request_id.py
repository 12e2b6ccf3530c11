"""The argument and options that `status` and `cancel` share."""

import re
from collections.abc import Callable
from typing import Final

import click

from relay.cli.addresses import read_origin

_ID: Final = re.compile("[A-Za-z0-9_-]{1,100}")


def id_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the argument ID, and where and as whom to ask for it."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the relay's answer as JSON."),
        click.option(
            "--api-key",
            envvar="RELAY_API_KEY",
            show_envvar=True,
            metavar="KEY",
            help="A key of the relay's API; better in the environment.",
        ),
        click.option(
            "--relay",
            envvar="RELAY_URL",
            show_envvar=True,
            required=True,
            callback=read_origin,
            metavar="URL",
            help="The relay's public origin.",
        ),
        click.argument("request_id", metavar="ID", callback=read_id),
    ):
        command = option(command)
    return command


def read_id(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Return the id of a request, which is safe in a path."""
    if not _ID.fullmatch(value):
        raise click.BadParameter("is not the id of a request: letters, digits, - and _ only")
    return value
