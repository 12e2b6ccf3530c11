"""The chats of the settings: who reads their clicks, and who posts in them. Each is made when it is first needed."""

import time
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from relay.approval.policy import Policy
from relay.chats.conversations import Conversations
from relay.chats.messagecard.clicks import MessageCardChannel
from relay.chats.posting import Chat, Drawing
from relay.identity.token_claims import entra_profiles
from relay.net import client as http_client
from relay.press import Channel
from relay.settings import Settings

_KINDS: Final = MappingProxyType(
    {
        "messagecard": "relay.chats.messagecard.clicks:MessageCardChannel",
        "teams": "relay.chats.teams.clicks:TeamsChannel",
    }
)


class _Channels(Mapping[str, type[Any]]):
    """The classes of the channels by name, each imported when it is asked for: a cold click pays for its own chat."""

    def __getitem__(self, name: str) -> type[Any]:
        module, _, kind = _KINDS[name].partition(":")
        found: type[Any] = getattr(import_module(module), kind)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_KINDS)

    def __len__(self) -> int:
        return len(_KINDS)


CHANNELS: Final = _Channels()


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
    settings: Settings, policy: Policy, conversations: Conversations, client: Callable[[], http_client.Client]
) -> Mapping[str, tuple[Drawing, Chat]]:
    """Return who draws and who posts for each kind of channel that the settings allow."""
    if not settings.teams_app_id:
        return {}
    from relay.chats.teams.card import TeamsCards  # noqa: PLC0415 - as above
    from relay.chats.teams.clouds import cloud_of  # noqa: PLC0415 - as above
    from relay.chats.teams.post import TeamsConnector  # noqa: PLC0415 - only for those who have a bot
    from relay.chats.teams.token import BotToken  # noqa: PLC0415 - as above

    cloud = cloud_of(settings.teams_openid_url)
    token = BotToken(
        client,
        time.time,
        url=f"{settings.entra_authority}/{settings.teams_tenant_id or cloud.tenant}/oauth2/v2.0/token",
        app_id=settings.teams_app_id,
        password=settings.teams_app_password,
        scope=cloud.scope,
    )
    connector = TeamsConnector(client, time.time, cloud=cloud, token=token, conversations=conversations)
    return {"teams": (TeamsCards(policy, settings.public_url), connector)}


def _messagecard(settings: Settings) -> MessageCardChannel:
    entra = entra_profiles(
        tenants=settings.entra_tenants,
        authority=settings.entra_authority,
        v1_issuer=settings.entra_v1_issuer,
        audiences=settings.card_audience,
        callers=settings.card_caller,
    )
    return MessageCardChannel(entra, f"{settings.public_url}/api/interactions/messagecard")


def _teams(settings: Settings, policy: Policy) -> Channel:
    from relay.chats.teams.card import TeamsCards  # noqa: PLC0415 - a cold click on another chat does without
    from relay.chats.teams.clicks import TeamsChannel  # noqa: PLC0415 - as above

    return TeamsChannel(
        app_id=settings.teams_app_id,
        openid_url=settings.teams_openid_url,
        tenants=frozenset(settings.entra_tenants),
        cards=TeamsCards(policy, settings.public_url),
    )
