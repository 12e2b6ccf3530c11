"""The channels of policy.toml: the chats where the relay itself posts cards."""

from typing import Final, Literal

from relay.approval.policy import ChatChannel
from relay.policy_toml.toml_table import Table, meant, quoted

_KINDS: Final = ("teams",)
_CARDS: Final = ("adaptive", "messagecard")
MAX_PLACE: Final = 300  # characters


def read_channels(table: Table) -> dict[str, ChatChannel]:
    """Read `[channels.NAME]`."""
    channels: dict[str, ChatChannel] = {}
    for name in table.values:
        own = table.table(name)
        if not 0 < len(name.strip()) == len(name) <= 100 or not name.isprintable():  # noqa: PLR2004 - as a request takes it
            table.report(name, "a channel's name has 1 to 100 characters, without blanks around", "rename it")
        own.only(("kind", "place", "card"))
        place, kind = own.text("place"), _one_of(own, "kind", _KINDS)
        card: Literal["adaptive", "messagecard"] = (
            "messagecard" if _one_of(own, "card", _CARDS, "adaptive") == "messagecard" else "adaptive"
        )
        if kind and ("place" not in own.values or len(place) > MAX_PLACE or " " in place.strip()):
            own.report(
                "place",
                "place is the id of a conversation in the chat",
                'as in "19:...@thread.tacv2"; ask the bot for help in that conversation, and it tells',
            )
        channels[name] = ChatChannel(name, "teams", place.strip(), card)
    return channels


def _one_of(table: Table, key: str, known: tuple[str, ...], default: str = "") -> str:
    value = table.text(key, default)
    if value not in known and (key in table.values or not default):
        what = f"{key} {quoted(value)} is not known" if key in table.values else f"{key} is missing"
        table.report(key, what, meant(value, known) or f"known: {', '.join(known)}")
    return value
