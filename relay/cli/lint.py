"""`relay lint`: a card against the limits of its platform."""

import click

from relay.channels.messagecard import limits
from relay.cli.inputs import read_json


@click.command(short_help="Check a card against the limits of its platform.")
@click.argument("file")
def lint(file: str) -> None:
    """Check the MessageCard in FILE (- for standard input) against the limits of Outlook and Teams.

    Prints each problem with what to change.
    """
    problems = limits.check(read_json(file, "FILE"))
    for problem in problems:
        click.echo(problem)
    if problems:
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise click.UsageError(f"FILE: the card has {count}, see above")
    click.echo("The card keeps the limits.")
