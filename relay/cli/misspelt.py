"""Variables that are no setting and nearly one."""

import os

import click

from relay.net.setting_names import misspelt


def warn_of_misspelt_names() -> None:
    """Tell of each variable that is no setting and nearly one: an option that it was meant for would stay unset."""
    for name, nearest in misspelt(os.environ):
        if nearest:
            click.echo(f"{name} is no setting: did you mean {nearest}?", err=True)
