"""Webhooks: events as signed CloudEvents, posted to the addresses of RELAY_HOOKS."""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from relay.chats.contract.chat import HasChannels, Setup
from relay.chats.settings_reader import SettingsReader
from relay.net.addresses import check_url

if TYPE_CHECKING:
    from relay.chats.contract.outgoing import Posting, Telling
    from relay.policy_toml.channels import Destination, Named
    from relay.policy_toml.toml_table import Table

PREFIX: Final = "whsec_"
KEY_SIZES: Final = range(24, 65)  # bytes
MAX_NAME: Final = 100  # characters, as of a channel
_QUERY: Final = re.compile(r"[!-\[\]-~]*")
_FORM: Final = "holds an entry that is not NAME:KEY:URL"


@dataclass(frozen=True, slots=True, repr=False)
class Hook:
    """The entry of a channel: its keys, all of which sign, and its address. It has no repr, since it holds secrets."""

    name: str
    keys: tuple[bytes, ...]
    url: str


class Webhook(HasChannels):
    """The channel `webhook`."""

    name = "webhook"
    cure = "add an entry of the channel's name to RELAY_HOOKS, and replay"

    def read_settings(self, read: SettingsReader) -> Mapping[str, Hook]:
        """Read RELAY_HOOKS. Of entries of one name, all keys sign, and the first address is called."""
        hooks: dict[str, Hook] = {}
        for hook in read.many("RELAY_HOOKS", read_hook):
            known = hooks.get(hook.name)
            hooks[hook.name] = replace(known, keys=(*known.keys, *hook.keys)) if known else hook
        return hooks

    def read_channel(self, table: "Table", people: "Named") -> "Destination":  # noqa: ARG002 - an address alone
        """Read a channel. Its address and key are in the settings alone."""
        from relay.policy_toml.channels import Destination  # noqa: PLC0415 - see the contract

        hint = "it belongs under the setting RELAY_HOOKS"
        table.only(("kind",), hints=dict.fromkeys(("url", "place", "key", "secret"), hint))
        return Destination("", takes_cards=False)

    def unset(self, own: Mapping[str, Hook], channels: Sequence[str]) -> Iterator[str]:
        """Yield each channel without an address and a key."""
        yield from (f"RELAY_HOOKS has no entry of the name {name}" for name in channels if name not in own)

    def telling(self, setup: Setup, posting: "Posting | None") -> "Telling":  # noqa: ARG002 - it posts no cards
        """Return the teller of events."""
        from relay.chats.webhook.post import Hooks, Receiver  # noqa: PLC0415 - see the contract

        receivers = {name: Receiver(hook.keys, hook.url) for name, hook in setup.own.items()}
        return Hooks(receivers, setup.client, setup.clock, setup.public_url, self.cure)


def read_hook(text: str) -> Hook:
    """Read `NAME:KEY:URL`. Raises ValueError with the cure, without quoting key or address."""
    name, _, rest = text.partition(":")
    key, _, url = rest.partition(":")
    if not 0 < len(name) <= MAX_NAME or not url:
        raise ValueError(f"{_FORM}; NAME is the channel's in the policy")
    return Hook(name, (_key(key),), _address(url))


def _key(text: str) -> bytes:
    try:
        key = b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(PREFIX) or len(key) not in KEY_SIZES:
        raise ValueError(f"holds a key that is not {PREFIX} and base64 of 24 to 64 bytes")
    return key


def _address(url: str) -> str:
    """Return the address of a receiver as it is called, with its query."""
    base, _, query = url.partition("?")
    try:
        check_url(base)
    except ValueError as error:
        raise ValueError(f"holds an address that {error}") from None
    if not _QUERY.fullmatch(query) or "#" in query:
        raise ValueError("holds an address whose query has blanks, a fragment, or letters beyond ASCII")
    return url


CHAT: Final = Webhook()
