"""The chats: one folder each, which reads its platform's clicks and draws its cards."""

from types import MappingProxyType
from typing import Final

from relay.channels.messagecard.clicks import MessageCardChannel

CHANNELS: Final = MappingProxyType({"messagecard": MessageCardChannel})
