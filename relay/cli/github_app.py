"""`relay github-app`: the manifest of the relay's GitHub App, and a link that registers it."""

from typing import Final
from urllib.parse import urlencode

import click

from relay.cli import github_actions
from relay.cli.addresses import read_origin
from relay.cli.app_options import name_option, public_relay_option
from relay.cli.command import Command
from relay.github.permissions import EVENTS, OF_THE_APP

MAX_NAME: Final = 34
WEB: Final = "https://github.com"


def _read_organization(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not (value.isascii() and value.replace("-", "").replace("_", "").isalnum()):
        raise click.BadParameter("is the login of an organization, as in its address")
    return value


@click.command("github-app", cls=Command, short_help="Print the manifest of the GitHub App.")
@public_relay_option("GitHub")
@name_option(MAX_NAME, "The name at GitHub.")
@click.option(
    "--organization", callback=_read_organization, metavar="LOGIN", help="The organization that owns the App."
)
@click.option(
    "--github",
    envvar="RELAY_GITHUB_URL",
    show_envvar=True,
    default=WEB,
    show_default=True,
    callback=read_origin,
    metavar="URL",
    help="GitHub in a browser; on GitHub Enterprise Server https://HOST.",
)
def github_app(*, relay: str, name: str, organization: str | None, github: str) -> None:
    """Print the manifest of the App: its permissions, its events and the address of its webhooks.

    It holds no secret. The link beside it opens GitHub's form, filled in with the same.
    """
    click.echo(github_actions.as_json(manifest(relay, name)))
    owner = f"organizations/{organization}/" if organization else ""
    click.echo(
        f"Register the App: {github}/{owner}settings/apps/new?{urlencode(_query(relay, name))}\n"
        "Under Webhook, enter a secret of 16 characters or more: RELAY_GITHUB_WEBHOOK_SECRET of the relay. "
        "Then make a private key, install the App on the repositories, and set RELAY_GITHUB_APP_CLIENT_ID and "
        "RELAY_GITHUB_APP_PRIVATE_KEY.",
        err=True,
    )


def manifest(relay: str, name: str) -> dict[str, object]:
    """Return the manifest.

    https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
    """
    return {
        "name": name,
        "url": relay,
        "description": "Approvals that release GitHub Actions workflows",
        "hook_attributes": {"url": _webhooks(relay), "active": True},
        "callback_urls": [_callback(relay)],
        "public": False,
        "default_permissions": dict(OF_THE_APP),
        "default_events": list(EVENTS),
    }


def _query(relay: str, name: str) -> list[tuple[str, str]]:
    """Return the fields of GitHub's form.

    https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-using-url-parameters
    """
    fields = [
        ("name", name),
        ("url", relay),
        ("public", "false"),
        ("webhook_active", "true"),
        ("webhook_url", _webhooks(relay)),
        ("callback_urls[]", _callback(relay)),
    ]
    return [*fields, *OF_THE_APP.items(), *(("events[]", event) for event in EVENTS)]


def _webhooks(relay: str) -> str:
    return f"{relay}/api/webhooks/github"


def _callback(relay: str) -> str:
    return f"{relay}/api/sign-in/callback"
