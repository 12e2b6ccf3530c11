"""The table of the chats: one line a chat. A chat's module is imported on first use."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeVar

from relay.chats.contract import Chat

if TYPE_CHECKING:
    from relay.policy_toml.channels import ReadChannel

MODULES: Final = {
    "messagecard": "relay.chats.messagecard.chat",
    "workflows": "relay.chats.workflows.chat",
    "teams": "relay.chats.teams.chat",
    "outlook": "relay.chats.outlook.chat",
    "slack": "relay.chats.slack.chat",
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


def kinds() -> "Mapping[str, ReadChannel]":
    """Return the kinds of policy.toml's channels: each reads its own table."""
    return {name: chat.read_channel for name, chat in CHATS.items() if chat.posts}


def redraws() -> Mapping[str, Callable[..., dict[str, object]]]:
    """Return the functions that draw a case anew, by the form of card that a press names."""
    return {chat.pressed_format: chat.redraw for chat in CHATS.values() if chat.pressed_format}


def card_formats() -> Mapping[str, Chat]:
    """Return the chats by the name of their cards in `relay card --format`."""
    return {chat.card_format: chat for chat in CHATS.values() if chat.card_format}
