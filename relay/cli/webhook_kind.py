"""The check of RELAY_WEBHOOK_URL for `relay doctor`: its kind, by its address alone. Nothing is posted to it."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlsplit

import click

from relay.chats.table import drawing
from relay.cli.addresses import hostname, is_under
from relay.model.findings import Finding, LeftOut

_WORKFLOWS: Final = (
    'In Teams, open the channel\'s Workflows, add "Send webhook alerts to a channel", and use its address.'
)
_RETIRED: Final = ("webhook.office.com", "outlook.office.com", "outlook.office365.com")
_PAGES: Final = (  # addresses that people copy out of a browser
    ("a link to a channel or a chat", ("teams.microsoft.com", "teams.cloud.microsoft", "app.slack.com", "slack.com")),
    ("the page of a flow", ("make.powerautomate.com", "flow.microsoft.com", "portal.azure.com")),
)


def webhook(url: str) -> Iterator[Finding | LeftOut]:
    """Look at the address of a webhook, which is a secret and is never shown."""
    if not url:
        yield LeftOut("RELAY_WEBHOOK_URL is not set")
        return
    try:
        host = hostname(url)
    except click.BadParameter as error:
        yield Finding("failed", f"RELAY_WEBHOOK_URL {error.message}", "Copy the webhook's address again.")
        return
    page = next((kind for kind, hosts in _PAGES if host in hosts), "")
    chat = next((each for each in drawing().values() if is_under(host, *each.webhook_hosts)), None)
    if is_under(host, *_RETIRED):
        detail = "it is an Office 365 connector, and Microsoft switched those off in May 2026"
        yield Finding("failed", detail, _WORKFLOWS)
    elif page:
        yield Finding("failed", f"it is {page}, and no webhook", _WORKFLOWS)
    elif chat is None:
        detail = f"{host} is no host of a webhook that the relay knows: it gets the card of `relay send --format`"
        yield Finding("warning", detail, "Look whether that host takes this form of card.")
    else:
        parts = urlsplit(url)
        fault = chat.webhook_fault(parts.path, parse_qs(parts.query))
        yield (
            Finding("failed", f"it is no webhook for cards: {fault}", "Copy the webhook's address again.")
            if fault
            else Finding("ok", f"{host} takes cards of the form {chat.card_format}")
        )
