"""The chats of the settings: who reads their clicks, and who posts in them. Each is made when it is first needed."""

import time
from collections.abc import Callable, Mapping

from relay.adapters import http_client
from relay.cards import Chat, Drawing
from relay.channels.messagecard.clicks import MessageCardChannel
from relay.core.policy import Policy
from relay.core.token_profiles import entra_profiles, legacy_profiles
from relay.pipeline import Channel
from relay.places import Places
from relay.settings import Settings


class Channels(dict[str, Channel]):
    """The channels by name, each made when it is first asked for: a cold click pays for its own chat."""

    def __init__(self, settings: Settings, policy: Policy) -> None:
        super().__init__()
        self._make: dict[str, Callable[[], Channel]] = {
            "messagecard": lambda: _messagecard(settings),
            "teams": lambda: _teams(settings, policy),
        }

    def __missing__(self, name: str) -> Channel:
        return self.setdefault(name, self._make[name]())


def posting(
    settings: Settings, policy: Policy, places: Places, client: Callable[[], http_client.Client]
) -> Mapping[str, tuple[Drawing, Chat]]:
    """Return who draws and who posts for each kind of channel that the settings allow."""
    if not settings.teams_app_id:
        return {}
    from relay.adapters.teams_connector import TeamsConnector  # noqa: PLC0415 - only for those who have a bot
    from relay.adapters.teams_token import BotToken  # noqa: PLC0415 - as above
    from relay.channels.teams.card import TeamsCards  # noqa: PLC0415 - as above
    from relay.core.bot_clouds import cloud_of  # noqa: PLC0415 - as above

    cloud = cloud_of(settings.teams_openid_url)
    token = BotToken(
        client,
        time.time,
        url=f"{settings.entra_authority}/{settings.teams_tenant_id or cloud.tenant}/oauth2/v2.0/token",
        app_id=settings.teams_app_id,
        password=settings.teams_app_password,
        scope=cloud.scope,
    )
    connector = TeamsConnector(client, time.time, cloud=cloud, token=token, places=places)
    return {"teams": (TeamsCards(policy, settings.public_url), connector)}


def _messagecard(settings: Settings) -> MessageCardChannel:
    entra = entra_profiles(
        tenants=settings.entra_tenants,
        authority=settings.entra_authority,
        v1_issuer=settings.entra_v1_issuer,
        audiences=settings.card_audience,
        callers=settings.card_caller,
    )
    legacy = legacy_profiles(
        issuer=settings.card_legacy_issuer,
        jwks_url=settings.card_legacy_jwks_url,
        tenants=settings.entra_tenants,
        audiences=settings.card_audience,
        public_origin=settings.public_url,
        callers=settings.card_caller,
    )
    return MessageCardChannel((*entra, *legacy), f"{settings.public_url}/api/interactions/messagecard")


def _teams(settings: Settings, policy: Policy) -> Channel:
    from relay.channels.teams.card import TeamsCards  # noqa: PLC0415 - a cold click on another chat does without
    from relay.channels.teams.clicks import TeamsChannel  # noqa: PLC0415 - as above

    return TeamsChannel(
        app_id=settings.teams_app_id,
        openid_url=settings.teams_openid_url,
        tenants=frozenset(settings.entra_tenants),
        cards=TeamsCards(policy, settings.public_url),
    )
