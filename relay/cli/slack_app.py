"""`relay slack-app`: the manifest of the Slack app, ready to paste."""

from typing import Final

import click

from relay.cli import github_actions
from relay.cli.addresses import read_origin
from relay.cli.command import Command

MAX_NAME: Final = 35
_SCOPES: Final = ("chat:write", "chat:write.public")  # posting, and posting in public channels without an invitation
_COLOR: Final = "#1f3a5f"
_DEFAULT: Final = "Approval relay"


def _read_public(ctx: click.Context, param: click.Parameter, value: str) -> str:
    found = read_origin(ctx, param, value)
    if not found.startswith("https://"):
        raise click.BadParameter("must begin with https://: Slack calls the relay from the internet")
    return found


def _read_name(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not 0 < len(value.strip()) == len(value) <= MAX_NAME or not value.isprintable():
        raise click.BadParameter(f"has 1 to {MAX_NAME} characters, without blanks around")
    return value


@click.command("slack-app", cls=Command, short_help="Print the manifest of the Slack app.")
@click.option(
    "--relay",
    envvar="RELAY_URL",
    show_envvar=True,
    required=True,
    callback=_read_public,
    metavar="URL",
    help="The relay's public origin.",
)
@click.option("--name", default=_DEFAULT, show_default=True, callback=_read_name, help="The name in Slack.")
def slack_app(*, relay: str, name: str) -> None:
    """Print the manifest of the app, to paste at https://api.slack.com/apps: Create New App, From a manifest.

    It holds no secret.
    """
    click.echo(github_actions.as_json(manifest(relay, name)))
    settings = "RELAY_SLACK_SIGNING_SECRET, RELAY_SLACK_BOT_TOKEN and RELAY_SLACK_TEAMS"
    click.echo(f"Install the app to the workspace, then set {settings} of the relay.", err=True)


def manifest(relay: str, name: str) -> dict[str, object]:
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
        },
        "oauth_config": {"scopes": {"bot": list(_SCOPES)}},
        "settings": {
            "interactivity": {"is_enabled": True, "request_url": f"{relay}/api/interactions/slack"},
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }
