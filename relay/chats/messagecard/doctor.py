"""The check of the audience that the tokens of Outlook's presses must name.

https://learn.microsoft.com/outlook/actionable-messages/enable-entra-token-for-actionable-messages
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from relay.chats.contract.chat import ChatCheck, Setup
from relay.identity.directory import is_guid
from relay.identity.entra_errors import FAULTS, code_of
from relay.model.findings import Finding, LeftOut
from relay.net import client as http_client
from relay.net.call import CallError

CALL_TIME: Final = 6.0  # seconds
MOST: Final = 3  # tenants that are asked
_APP_ID_URI: Final = re.compile(r"(?:api|https)://[^\s/]+(?:/\S*)?")
_COPY: Final = "Copy the AppIdUri of the provider and the client id of the app, separated by a comma."


def audience(setup: Setup, deadline: float) -> Iterator[Finding | LeftOut]:
    """Look at each audience: its form, and whether Microsoft Entra knows the app of a client id."""
    if not setup.own.audience:
        yield LeftOut("RELAY_CARD_AUDIENCE is not set")
        return
    troubles = [trouble for each in setup.own.audience for trouble in _looked_at(setup, each, deadline)]
    yield from troubles
    if not troubles:
        yield Finding("ok", f"presses of Outlook may name {' or '.join(setup.own.audience)}")


def _looked_at(setup: Setup, entry: str, deadline: float) -> Iterator[Finding]:
    if entry.lower() in {each.lower() for each in setup.own.caller}:
        detail = f"RELAY_CARD_AUDIENCE has {entry}, the client that brings the presses, which is no audience"
        yield Finding("failed", detail, _COPY)
    elif is_guid(entry):
        faults = [_fault(setup, tenant, entry, deadline) for tenant in setup.entra.tenants[:MOST]]
        if faults and {*faults} == {"app"}:
            detail = f"RELAY_CARD_AUDIENCE has {entry}, and Microsoft Entra knows no such app in the tenant"
            yield Finding("failed", detail, _COPY)
    elif not _APP_ID_URI.fullmatch(entry):
        yield Finding("warning", f"RELAY_CARD_AUDIENCE has {entry}, which no token names", _COPY)


def _fault(setup: Setup, tenant: str, client: str, deadline: float) -> str:
    """Return the fault that Entra's sign-in page shows for a client, or "" if it shows none or cannot be reached."""
    query = urlencode({"client_id": client, "response_type": "code", "scope": "openid", "prompt": "none"})
    try:
        shown = http_client.ask(
            setup.client(),
            "GET",
            f"{setup.entra.authority}/{tenant}/oauth2/v2.0/authorize?{query}",
            headers={"Accept": "text/html"},
            content=None,
            deadline=min(setup.clock() + CALL_TIME, deadline),
            clock=setup.clock,
        )
    except CallError:
        return ""  # entra-keys tells it
    return FAULTS.get(code_of(shown.body.decode("utf-8", "replace")), "")


CHECKS: Final = (ChatCheck("card-audience", audience, settings=("RELAY_CARD_AUDIENCE", "RELAY_ENTRA_TENANTS")),)
