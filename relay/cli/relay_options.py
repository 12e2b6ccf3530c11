"""The options of the commands that call a relay: its address, and a key of its API."""

from collections.abc import Callable
from typing import Any

import click

from relay.cli.addresses import read_origin

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def relay_option(words: str = "The relay's public origin.", *, required: bool = True) -> Decorator:
    """Return the option --relay. `words` are its help."""
    return click.option(
        "--relay",
        envvar="RELAY_URL",
        show_envvar=True,
        required=required,
        callback=read_origin,
        metavar="URL",
        help=words,
    )


def api_key_option(
    words: str = "A key of the relay's API; better in the environment. Default: the token of this job.",
    *,
    required: bool = False,
) -> Decorator:
    """Return the option --api-key. `words` are its help."""
    return click.option(
        "--api-key", envvar="RELAY_API_KEY", show_envvar=True, required=required, metavar="KEY", help=words
    )
