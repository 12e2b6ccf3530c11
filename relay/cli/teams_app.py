"""`relay teams-app`: the app package of the Teams bot, ready to upload."""

import re
import zipfile
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from relay.cli import github_actions
from relay.cli.app_options import name_option, public_relay_option
from relay.cli.command import Command
from relay.identity.directory import is_guid

SCHEMA: Final = "1.29"
"""The manifest's version: https://learn.microsoft.com/microsoft-365/extensibility/schema"""
MAX_NAME: Final = 30
_VERSION: Final = re.compile(r"(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})")
_SCOPES: Final = ["team", "groupChat", "personal"]
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest of a zip: the same options make the same file
_DEVELOPER: Final = "Approval relay"
_COLOR: Final = "#0969DA"  # the background of color.png
_ICONS: Final = Path(__file__).parent / "teams_icons"
"""https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package#app-icons"""


def _read_guid(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not is_guid(value):
        raise click.BadParameter("is not a GUID; copy the Application (client) ID from the app's page in Entra")
    return value.lower()


def _read_version(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not _VERSION.fullmatch(value):
        raise click.BadParameter("is three numbers, as in 1.0.1")
    return value


@click.command("teams-app", cls=Command, short_help="Write the package of the Teams bot.")
@click.option(
    "--app-id",
    envvar="RELAY_TEAMS_APP_ID",
    show_envvar=True,
    required=True,
    callback=_read_guid,
    metavar="GUID",
    help="The bot's app id: the Application (client) ID of its app in Entra.",
)
@public_relay_option("Teams")
@name_option(MAX_NAME, "The name in Teams.")
@click.option(
    "--app-version",
    default="1.0.0",
    show_default=True,
    callback=_read_version,
    help="The version of the package. Teams takes a changed one only under a higher version.",
)
@click.option(
    "--output",
    default="approval-relay-teams.zip",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where to write it.",
)
def teams_app(*, app_id: str, relay: str, name: str, app_version: str, output: Path) -> None:
    """Write the app package of the bot: its manifest and icons, to upload in the Teams admin center.

    It holds no secret.
    """
    files = {"manifest.json": github_actions.as_json(_manifest(app_id, relay, name, app_version)).encode()}
    files |= {icon: (_ICONS / icon).read_bytes() for icon in ("color.png", "outline.png")}
    try:
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as package:
            for path, content in files.items():
                package.writestr(zipfile.ZipInfo(path, _EPOCH), content, zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise click.UsageError(f"--output: cannot be written ({type(error).__name__})") from None
    click.echo(f"{output} is written. Upload it in the Teams admin center: Teams apps, Manage apps, Upload new app.")
    click.echo(f"The messaging endpoint of the Azure Bot is {relay}/api/interactions/teams", err=True)


def _manifest(app_id: str, relay: str, name: str, version: str) -> dict[str, object]:
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": version,
        "id": app_id,
        "developer": {"name": _DEVELOPER, "websiteUrl": relay, "privacyUrl": relay, "termsOfUseUrl": relay},
        "name": {"short": name, "full": name},
        "description": {
            "short": "Approvals that release GitHub Actions workflows",
            "full": "Posts requests for approval and takes Approve and Reject, in place, from the people in the policy "
            "of your organization. An approval releases a workflow on GitHub Actions. Other messages are not read.",
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": _COLOR,
        "bots": [
            {
                "botId": app_id,
                "scopes": _SCOPES,
                "supportsFiles": False,
                "isNotificationOnly": False,
                "commandLists": [
                    {
                        "scopes": _SCOPES,
                        "commands": [
                            {"title": "help", "description": "How the bot works, and how to get cards posted here"}
                        ],
                    }
                ],
            }
        ],
        "validDomains": [urlsplit(relay).netloc],
        "defaultInstallScope": "team",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
    }
