"""The option --timeout of the commands that wait."""

from typing import Final

import click

from relay.signed.durations import parse_duration


def _read(_ctx: click.Context, _param: click.Parameter, value: str) -> int:
    try:
        return parse_duration(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


timeout_option: Final = click.option(
    "--timeout",
    default="1h",
    show_default=True,
    callback=_read,
    metavar="DURATION",
    help="Stop waiting after this time: 90s, 45m, 6h. The request goes on until it expires.",
)
