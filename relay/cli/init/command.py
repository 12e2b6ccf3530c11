"""`relay init`: policy, settings and workflows of a first approval, and the list of the steps that are left."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from relay.chats.table import kinds
from relay.cli.addresses import read_origin
from relay.cli.command import Command
from relay.cli.context import Context
from relay.cli.documentation import where
from relay.cli.failures import Failure
from relay.cli.init import files, next_steps
from relay.cli.init.action import Action, find_action, read_action
from relay.cli.init.choices import Approver, Choices, check_proofs, read_approver
from relay.cli.init.ways import HOSTS, NAMES, WAYS, Way, way_of
from relay.errors import Refusal
from relay.net.addresses import origin
from relay.policy_toml.parse import PolicyError, parse
from relay.signed.fields import READERS

LOCAL: Final = "http://127.0.0.1:8080"  # where `relay serve` listens
_NEEDED: Final = ("chat", "host", "repository", "approver")
_PRIVATE: Final = 0o600
_STAYS: Final = "is there already, and stays as it is"
T = TypeVar("T")


def _repository(text: str) -> str:
    try:
        READERS["repository"]("repository", text)
    except Refusal as refusal:
        raise ValueError(refusal.message.removeprefix("repository: ")) from None
    return text


def _reader(read: Callable[[str], T]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """Return a callback that reads a value, or each of several, and tells a ValueError with the option's name."""

    def callback(_ctx: click.Context, _param: click.Parameter, value: Any) -> Any:
        try:
            return tuple(map(read, value)) if isinstance(value, tuple) else read(value) if value else value
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return callback


@click.command(cls=Command, short_help="Write the policy, settings and workflows of a first approval.")
@click.option("--chat", type=click.Choice(NAMES), help="The chat, and the way into it.")
@click.option("--host", type=click.Choice(HOSTS), help="The place where the relay runs.")
@click.option(
    "--repository", metavar="OWNER/REPO", callback=_reader(_repository), help="The repository that asks and deploys."
)
@click.option(
    "--approver",
    "approvers",
    multiple=True,
    metavar="NAME=ID",
    callback=_reader(read_approver),
    help="A person who may approve. ID is entra:TENANT/OBJECT, slack:TEAM/USER or github:NUMBER, several joined by +. "
    "Repeatable.",
)
@click.option(
    "--relay",
    envvar="RELAY_URL",
    show_envvar=True,
    callback=read_origin,
    metavar="URL",
    help=f"The relay's public origin. Default {LOCAL}, which only this machine reaches.",
)
@click.option(
    "--place",
    metavar="ID",
    help="The id of the channel for the cards, with --chat slack or teams-bot. Default in Slack: a direct message to "
    "each approver.",
)
@click.option(
    "--action",
    metavar="OWNER/REPO@COMMIT",
    callback=_reader(read_action),
    help="The relay's repository for the workflows. Default: where this command was installed from.",
)
@click.option("--yes", is_flag=True, help="Ask nothing, and write.")
@click.pass_obj
def init(context: Context, /, *, yes: bool, **given: Any) -> None:
    """Write policy.toml, local.settings.json, and the workflows ask.yml and release.yml, in this folder.

    A file that is there already stays as it is. Options that are missing are asked for on a terminal. At the end the
    command lists the steps that are left, in order.
    """
    if yes or not context.terminal():
        _need_all(given)
    else:
        given = _ask(given)
    choices = _choices(given)
    texts = _texts(choices, context)
    if context.terminal() and not yes:
        click.confirm(f"Write {', '.join(texts)} into {Path.cwd()}?", default=True, abort=True)
    stays = False
    for path, text in texts.items():
        done = _write(Path(path), text)
        stays = stays or done == _STAYS
        click.echo(f"{path}: {done}")
    if stays:
        click.echo("\nThe steps are for the options given now. Files that stay may have been written for others.")
    click.echo("\nLeft to do, in order:\n")
    for number, step in enumerate(next_steps.steps(choices), 1):
        click.echo(click.wrap_text(f"{number}. {step.text}.", 100, subsequent_indent="   "))
        for command in step.commands:
            click.echo(f"     {command}")
    click.echo(f"\n{where(choices.action)}")


def _need_all(given: Mapping[str, Any]) -> None:
    missing = [name for name in _NEEDED if not given["approvers" if name == "approver" else name]]
    if missing:
        named = ", ".join(f"--{name}" for name in missing)
        raise click.UsageError(f"{named}: missing, and there is no terminal to ask on or --yes is given")


def _ask(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options, and the answers for each that is missing."""
    found = dict(given)
    if not found["chat"]:
        click.echo("\n".join(f"  {way.name}: {way.about}" for way in WAYS))
        found["chat"] = click.prompt("Chat", type=click.Choice(NAMES), default=NAMES[0])
    if not found["host"]:
        found["host"] = click.prompt("The relay runs on", type=click.Choice(HOSTS), default=HOSTS[0])
    if not found["repository"]:
        found["repository"] = click.prompt("Repository that asks, OWNER/REPO", value_proc=_asked(_repository))
    if not found["approvers"]:
        found["approvers"] = _ask_approvers(way_of(found["chat"]))
    if not found["relay"] and found["host"] == HOSTS[0]:
        found["relay"] = click.prompt("Address of the relay, https://...", default=LOCAL, value_proc=_asked(origin))
    return found


def _ask_approvers(way: Way) -> tuple[Approver, ...]:
    def read(text: str) -> Approver:
        approver = read_approver(text)
        check_proofs(way, (approver,))
        return approver

    form = f"NAME={way.proofs[0]}:..., and +github:NUMBER if known"
    approvers: list[Approver] = [click.prompt(f"Approver, {form}", value_proc=_asked(read))]
    other = _asked(lambda text: read(text) if text else None)
    while found := click.prompt("Another approver, or Enter", default="", show_default=False, value_proc=other):
        approvers.append(found)
    return tuple(approvers)


def _asked(read: Callable[[str], T]) -> Callable[[str], T]:
    def answer(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return answer


def _choices(given: Mapping[str, Any]) -> Choices:
    way, approvers = way_of(given["chat"]), given["approvers"]
    try:
        check_proofs(way, approvers)
    except ValueError as error:
        raise click.UsageError(f"--approver: {error}") from None
    keys = [each.key for each in approvers]
    if len(set(keys)) < len(keys):
        raise click.UsageError("--approver: a NAME is given twice; join its ids by +")
    if given["place"] and not way.kind:
        raise click.UsageError(f"--place: with {way.name} the workflow posts the card, and needs no channel")
    action: Action = given["action"] or find_action()
    return Choices(
        way, given["host"], given["repository"], approvers, given["relay"] or LOCAL, given["place"] or "", action
    )


def _texts(choices: Choices, context: Context) -> dict[str, str]:
    """Return the text of each file. Raises UsageError where the policy would not be taken."""
    policy = files.policy_text(choices)
    try:
        parse(policy, kinds())
    except PolicyError as error:
        raise click.UsageError(f"--approver or --place: {error.problems[0].message}") from None
    return {
        files.POLICY: policy,
        files.SETTINGS: files.settings_text(choices, context),
        files.ASK: files.ask_text(choices),
        files.RELEASE: files.release_text(choices),
    }


def _write(path: Path, text: str) -> str:
    """Write a file that is not there, readable by its owner alone if it holds keys. Return a word for the person."""
    private = path.name == files.SETTINGS
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE if private else 0o666)
    except FileExistsError:
        return _STAYS
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}. Run this in a folder of your own.") from None
    with os.fdopen(opened, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return "written, with keys: keep it out of git" if private else "written"
