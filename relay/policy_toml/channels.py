"""The channels of policy.toml: the chats where the relay itself posts cards."""

from collections.abc import Callable, Collection, Mapping

from relay.approval.policy import ChatChannel
from relay.policy_toml.toml_table import Table, meant, quoted

ReadChannel = Callable[[Table], tuple[str, str]]  # the rest of a channel of one kind: its place, its form of card


def read_channels(table: Table, kinds: Mapping[str, ReadChannel]) -> dict[str, ChatChannel]:
    """Read each `[channels.NAME]`; its kind is one of `kinds`, which reads the rest."""
    channels: dict[str, ChatChannel] = {}
    for name in table.values:
        own = table.table(name)
        if not 0 < len(name.strip()) == len(name) <= 100 or not name.isprintable():  # noqa: PLR2004 - as a request takes it
            table.report(name, "a channel's name has 1 to 100 characters, without blanks around", "rename it")
        kind = one_of(own, "kind", kinds)
        if kind in kinds:
            place, card = kinds[kind](own)
            channels[name] = ChatChannel(name, kind, place, card)
    return channels


def one_of(table: Table, key: str, known: Collection[str], default: str = "") -> str:
    """Return one of the known texts, or the default where the key is missing; report anything else."""
    value = table.text(key, default)
    if value in known or (key not in table.values and default):
        return value
    problem = f"{key} {quoted(value)} is not known" if key in table.values else f"{key} is missing"
    table.report(key, problem, meant(value, known) or f"known: {', '.join(known)}")
    return default
