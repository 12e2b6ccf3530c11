"""Checks of the Teams bot: its credential, and the keys that prove deliveries from Teams."""

from collections.abc import Iterator
from typing import Final

from relay.chats.contract.chat import ChatCheck, Setup
from relay.chats.teams.clouds import ENDORSEMENT, cloud_of
from relay.chats.teams.token import NoToken, bot_token
from relay.errors import Outage
from relay.identity.directory import is_guid
from relay.identity.key_sets import KeySets
from relay.model.findings import Finding, LeftOut

CALL_TIME: Final = 6.0  # seconds
_NO_BOT: Final = LeftOut("RELAY_TEAMS_APP_ID is not set")
_SET_UP: Final = "Set up the bot, or take the channel out of the policy."
_ID: Final = (
    "RELAY_TEAMS_APP_PASSWORD has the form of a secret's id: in Entra, under Certificates & secrets, copy the column "
    "Value of a new secret, which is shown once"
)


def credential(setup: Setup, deadline: float) -> Iterator[Finding | LeftOut]:
    """Ask Microsoft Entra for the bot's token, for its tenant."""
    bot = setup.own
    if not bot.app_id:
        unposted = setup.policy.channels_in_use("teams")
        detail = f"RELAY_TEAMS_APP_ID is not set, so nothing is posted to {' and '.join(unposted)} in Teams"
        yield Finding("warning", detail, _SET_UP) if unposted else _NO_BOT
        return
    tenant, token = bot.tenant_id or cloud_of(bot.openid_url).tenant, bot_token(setup)
    try:
        token.token(min(setup.clock() + CALL_TIME, deadline))
    except NoToken as outage:
        if outage.cure:
            yield Finding("failed", outage.what, _ID if is_guid(bot.app_password) else outage.cure)
        else:
            yield Finding("warning", outage.what, "Ask the doctor again later.")
        return
    yield Finding("ok", f"Microsoft Entra takes the bot's credential for {tenant}")


def keys(setup: Setup, deadline: float) -> Iterator[Finding | LeftOut]:
    """Fetch the keys of the Bot Framework."""
    bot = setup.own
    if not bot.app_id:
        yield _NO_BOT
        return
    key_sets = KeySets(setup.client, setup.clock)
    left = min(CALL_TIME, deadline - setup.clock())
    try:
        found = key_sets.keys(f"{bot.openid_url}#{ENDORSEMENT}", "", timeout=max(0.05, left))
    except Outage as outage:
        cure = "Correct RELAY_TEAMS_OPENID_URL, or let the relay call this host."
        yield Finding("failed", f"no press in Teams can be proven: {outage.what}", cure)
        return
    yield Finding("ok", f"the Bot Framework has {len(found)} keys for Teams")


CHECKS: Final = (
    ChatCheck("teams-credential", credential, settings=("RELAY_TEAMS_APP_ID", "RELAY_TEAMS_APP_PASSWORD")),
    ChatCheck("teams-keys", keys, settings=("RELAY_TEAMS_APP_ID", "RELAY_TEAMS_OPENID_URL")),
)
