"""The command `relay`. Each subcommand is imported when it is called, so that `relay --help` stays fast."""

from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

import click
from click.exceptions import NoSuchCommand

from relay import __version__
from relay.cli import github_actions
from relay.cli.command import HELP_OPTIONS
from relay.cli.context import Context
from relay.cli.failures import Failure
from relay.cli.misspelt import warn_of_misspelt_names


@dataclass(frozen=True, slots=True)
class _Entry:
    module: str
    about: str


COMMANDS: Final = MappingProxyType(
    {
        "dev": _Entry("relay.dev.command", "Serve the functions on this machine, with a simulator."),
        "init": _Entry("relay.cli.init.command", "Write the policy, settings and workflows of a first approval."),
        "serve": _Entry("relay.cli.serve", "Serve the relay on this machine, behind a proxy."),
        "card": _Entry("relay.cli.card", "Print the card of a request."),
        "send": _Entry("relay.cli.send", "Ask for an approval, or send a notification."),
        "wait": _Entry("relay.cli.wait", "Wait for the decision of a request."),
        "status": _Entry("relay.cli.requests", "Show the state of a request."),
        "cancel": _Entry("relay.cli.requests", "Withdraw a request that waits for approval."),
        "verify": _Entry("relay.cli.verify", "Prove the approval in the released workflow."),
        "report": _Entry("relay.cli.report", "Tell what became of a release."),
        "policy": _Entry("relay.cli.policy", "Check, explain and test a policy."),
        "messages": _Entry("relay.cli.messages", "Show what came in and what went out."),
        "outbox": _Entry("relay.cli.outbox", "Show, replay and drop debts: work that the relay still owes."),
        "audit": _Entry("relay.cli.audit", "Export the audit trail, and prove it."),
        "doctor": _Entry("relay.cli.doctor", "Find out why the relay cannot do its work."),
        "lint": _Entry("relay.cli.lint", "Check a card against the limits of its platform."),
        "keys": _Entry("relay.cli.keys", "Make keys for the settings."),
        "teams-app": _Entry("relay.cli.teams_app", "Write the package of the Teams bot."),
        "github-app": _Entry("relay.cli.github_app", "Print the manifest of the GitHub App."),
        "slack-app": _Entry("relay.cli.slack_app", "Print the manifest of the Slack app."),
    }
)
_SERVER: Final = frozenset({"azure", "waitress"})


class LazyGroup(click.Group):
    """A group of commands, each a module that is imported on its first call."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import a command."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(import_module(entry.module), cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or raise NoSuchCommand with the names that are near. Tell of misspelt variables."""
        try:
            found = super().resolve_command(ctx, args)
        except NoSuchCommand as error:
            raise NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None
        if found[0] != "serve":  # its log tells them, and each of its lines is a JSON object
            warn_of_misspelt_names()
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - the same
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.about) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and show its failure in GitHub Actions too."""
        try:
            return self._invoke(ctx)
        except click.ClickException as failure:
            github_actions.error(failure.format_message())
            raise

    def _invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _SERVER:
                raise
            raise Failure(
                "The packages of the server are not installed, since most uses of this command do not need them. "
                'Install them in the folder of the relay: pip install ".[dev-server]", or with the path of the '
                "wheel in place of the dot."
            ) from None


@click.group(cls=LazyGroup, context_settings={"help_option_names": HELP_OPTIONS, "max_content_width": 100})
@click.version_option(__version__, prog_name="relay")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Approvals in chat that release GitHub Actions workflows.

    Exit codes: 0 done; 1 the outside refused or failed; 2 wrong usage or a limit broken; 3 not approved, not
    genuine, or no rule. The last is an answer of verify, wait, send --wait and policy explain.
    """
    ctx.ensure_object(Context)
