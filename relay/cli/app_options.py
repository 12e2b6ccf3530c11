"""The options of the commands that make an app of a platform: the relay's address, and the name of the app."""

import click

from relay.cli.addresses import read_origin
from relay.cli.relay_options import Decorator


def public_relay_option(caller: str) -> Decorator:
    """Return the option --relay for a platform, the `caller`, that reaches the relay from the internet."""

    def read(ctx: click.Context, param: click.Parameter, value: str) -> str:
        found = read_origin(ctx, param, value)
        if not found.startswith("https://"):
            raise click.BadParameter(f"must begin with https://: {caller} calls the relay from the internet")
        return found

    return click.option(
        "--relay",
        envvar="RELAY_URL",
        show_envvar=True,
        required=True,
        callback=read,
        metavar="URL",
        help="The relay's public origin.",
    )


def name_option(most: int, shown: str) -> Decorator:
    """Return the option --name of at most `most` characters; its help says that it is `shown`."""

    def read(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
        if not 0 < len(value.strip()) == len(value) <= most or not value.isprintable():
            raise click.BadParameter(f"has 1 to {most} characters, without blanks around")
        return value

    return click.option("--name", default="Approval relay", show_default=True, callback=read, help=shown)
