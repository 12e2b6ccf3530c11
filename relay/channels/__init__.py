"""The chats: one folder each, which reads its platform's clicks and draws its cards."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

_KINDS: Final = MappingProxyType(
    {
        "messagecard": "relay.channels.messagecard.clicks:MessageCardChannel",
        "teams": "relay.channels.teams.clicks:TeamsChannel",
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
