"""`relay lint`: a card against the limits of its platform."""

from typing import Final

import click

from relay.chats import lint as lints
from relay.chats.table import checking_mails
from relay.cli.command import Command
from relay.cli.failures import WrongContent
from relay.cli.inputs import read_bytes
from relay.cli.relay_options import relay_option
from relay.signed import canonical_json

PLATFORMS: Final = lints.names()


@click.command(cls=Command, short_help="Check a card against the limits of its platform.")
@click.argument("file")
@click.option(
    "--platform",
    type=click.Choice(list(PLATFORMS)),
    help="Whose limits: workflows and teams (a bot) are Teams. Default: by the form of what stands in FILE.",
)
@relay_option("The relay's public origin: no button may lead there but its own.", required=False)
def lint(file: str, platform: str | None, relay: str) -> None:
    """Check the card in FILE (- for standard input) against the limits of its platform.

    It knows a MessageCard, an Adaptive Card, and a message that holds one (for a Workflows webhook, or from a bot). It
    also knows a message of Slack by its blocks, and the HTML of an e-mail for Outlook. Prints each problem with what to
    change. An Adaptive Card alone may be meant for several platforms: then it says for each.
    """
    found = _read(file)
    if isinstance(found, str):
        mails = checking_mails()
        if platform not in (None, *mails):
            takers = _and([PLATFORMS[name] for name in mails])
            raise click.UsageError(f"--platform: the HTML of a mail is for {takers} alone; leave it out")
        problems = {name: chat.lint_html(found, relay) for name, chat in mails.items()}
    else:
        problems = {
            name: lints.lint(found, name, relay) for name in ([platform] if platform else lints.platforms(found))
        }
    for name, found_problems in problems.items():
        for problem in found_problems:
            click.echo(problem if len(problems) == 1 else f"{PLATFORMS[name]}: {problem}")
    kept = [PLATFORMS[name] for name, found_problems in problems.items() if not found_problems]
    if not kept:
        total = sum(len(found_problems) for found_problems in problems.values())
        count = "one problem" if total == 1 else f"{total} problems"
        raise WrongContent(f"FILE: the card has {count}, see above")
    click.echo("The card keeps the limits." if len(problems) == 1 else f"The card keeps the limits of {_and(kept)}.")


def _read(file: str) -> object:
    """Return the JSON in a file, or the text of one that holds HTML."""
    content = read_bytes(file, "FILE")
    try:
        content = canonical_json.without_mark(content)
        if content.lstrip().startswith(b"<"):
            return content.decode("utf-8")
        return canonical_json.parse(content)
    except ValueError as error:
        reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise WrongContent(f"FILE: not JSON that the relay reads, nor the HTML of a mail: {reason}") from None


def _and(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if names[1:] else names[0]
