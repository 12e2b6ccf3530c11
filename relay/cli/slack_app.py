"""`relay slack-app`: the manifest of the Slack app, ready to paste."""

import re
from typing import Final

import click

from relay.cli import github_actions
from relay.cli.app_options import name_option, public_relay_option
from relay.cli.command import Command

MAX_NAME: Final = 35
_SCOPES: Final = ("chat:write", "chat:write.public", "commands")  # posting, in public channels without an invitation
_COLOR: Final = "#1f3a5f"
_COMMAND: Final = re.compile(r"/[a-z0-9_-]{1,31}")  # https://docs.slack.dev/interactivity/implementing-slash-commands
_DEFAULT: Final = "Approval relay"


def _read_command(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not _COMMAND.fullmatch(value):
        raise click.BadParameter("is a slash and 1 to 31 lower-case letters, digits, hyphens or underscores")
    return value


@click.command("slack-app", cls=Command, short_help="Print the manifest of the Slack app.")
@public_relay_option("Slack")
@name_option(MAX_NAME, "The name in Slack.")
@click.option("--command", default="/relay", show_default=True, callback=_read_command, help="The slash command.")
def slack_app(*, relay: str, name: str, command: str) -> None:
    """Print the manifest of the app, to paste at https://api.slack.com/apps: Create New App, From a manifest.

    It holds no secret.
    """
    click.echo(github_actions.as_json(manifest(relay, name, command)))
    settings = "RELAY_SLACK_SIGNING_SECRET, RELAY_SLACK_BOT_TOKEN and RELAY_SLACK_TEAMS"
    click.echo(f"Install the app to the workspace, then set {settings} of the relay.", err=True)


def manifest(relay: str, name: str, command: str) -> dict[str, object]:
    """Return the manifest: https://github.com/slackapi/manifest-schema, versions 1 and 2."""
    return {
        "_metadata": {"major_version": 1},
        "display_information": {
            "name": name,
            "description": "Approvals that release GitHub Actions workflows",
            "background_color": _COLOR,
        },
        "features": {
            # Without the messages tab people get no direct messages: messages_tab_disabled.
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "relay" if name == _DEFAULT else name, "always_online": True},
            "slash_commands": [
                {
                    "command": command,
                    "url": f"{relay}/api/commands/slack",
                    "description": "Ask for a release; help lists what you may say",
                    "usage_hint": "help",
                    "should_escape": False,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(_SCOPES)}},
        "settings": {
            "interactivity": {"is_enabled": True, "request_url": f"{relay}/api/interactions/slack"},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }
