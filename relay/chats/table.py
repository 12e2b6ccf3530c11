"""The table of the chats: one line for each. A chat's module is imported on first use."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeVar

from relay.chats.contract.chat import (
    Chat,
    ChecksMails,
    DrawsForAskers,
    HasChannels,
    HasLimits,
    IsPressedElsewhere,
    TakesCommands,
    TakesPresses,
)

if TYPE_CHECKING:
    from relay.policy_toml.channels import ReadChannel

MODULES: Final = {
    "messagecard": "relay.chats.messagecard.chat",
    "workflows": "relay.chats.workflows.chat",
    "teams": "relay.chats.teams.chat",
    "outlook": "relay.chats.outlook.chat",
    "slack": "relay.chats.slack.chat",
    "webhook": "relay.chats.webhook.chat",
}
BY_DEFAULT: Final = "messagecard"  # the card of an asker who asks for no other
T = TypeVar("T")


class _Chats(Mapping[str, Chat]):
    """The chats by name."""

    def __getitem__(self, name: str) -> Chat:
        chat: Chat = import_module(MODULES[name]).CHAT
        return chat

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


CHATS: Final = _Chats()


class Made(dict[str, T]):
    """The parts of chats by the chat's name, each made on first use: a cold press waits for its own chat alone."""

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> T:
        return self.setdefault(name, self._make(name))


def pressed() -> Mapping[str, TakesPresses]:
    """Return the chats that take presses, by name."""
    return {name: chat for name, chat in CHATS.items() if isinstance(chat, TakesPresses)}


def commanded() -> Mapping[str, TakesCommands]:
    """Return the chats that take commands at an address of their own, by name."""
    return {name: chat for name, chat in CHATS.items() if isinstance(chat, TakesCommands)}


def with_channels() -> Mapping[str, HasChannels]:
    """Return the chats that are kinds of channels, by name."""
    return {name: chat for name, chat in CHATS.items() if isinstance(chat, HasChannels)}


def limited() -> Mapping[str, HasLimits]:
    """Return the chats with limits for cards, by name."""
    return {name: chat for name, chat in CHATS.items() if isinstance(chat, HasLimits)}


def drawing() -> Mapping[str, DrawsForAskers]:
    """Return the chats that draw cards for askers, by name."""
    return {name: chat for name, chat in CHATS.items() if isinstance(chat, DrawsForAskers)}


def checking_mails() -> Mapping[str, ChecksMails]:
    """Return the chats that check mails, by name."""
    return {name: chat for name, chat in CHATS.items() if isinstance(chat, ChecksMails)}


def kinds() -> "Mapping[str, ReadChannel]":
    """Return the kinds of policy.toml's channels: each reads its own table."""
    return {name: chat.read_channel for name, chat in with_channels().items()}


def redraws() -> Mapping[str, Callable[..., dict[str, object]]]:
    """Return the functions that draw a case anew, by the form of card that a press names."""
    return {chat.pressed_format: chat.redraw for chat in CHATS.values() if isinstance(chat, IsPressedElsewhere)}


def card_formats() -> Mapping[str, DrawsForAskers]:
    """Return the chats by the name of their cards in `relay card --format`."""
    return {chat.card_format: chat for chat in drawing().values()}
