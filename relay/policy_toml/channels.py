"""The channels of policy.toml: the chats where the relay itself posts cards."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from relay.approval.policy import GROUP, ChatChannel, Person
from relay.model.request import ORIGIN
from relay.policy_toml.people import check_approver
from relay.policy_toml.toml_table import Table, meant, quoted


class Destination(NamedTuple):
    """The rest of a channel: its place or its people, its form of card, and whether it takes cards."""

    place: str
    card: str = ""
    people: tuple[Person, ...] = ()
    takes_cards: bool = True


class Named(NamedTuple):
    """The people of the policy, for a list that names them and their groups."""

    people: Mapping[str, Person]
    groups: Mapping[str, tuple[str, ...]]

    def read(self, table: Table, key: str) -> tuple[Person, ...]:
        """Return the people of a list, each once; report every name that is neither a person nor a group."""
        found: dict[str, None] = {}
        for name in table.texts(key):
            check_approver(table, key, name, self.people, self.groups)
            members = self.groups.get(name.removeprefix(GROUP), ()) if name.startswith(GROUP) else (name,)
            found.update(dict.fromkeys(members))
        return tuple(self.people[name] for name in found if name in self.people)


ReadChannel = Callable[[Table, Named], Destination]


def read_channels(table: Table, kinds: Mapping[str, ReadChannel], people: Named) -> dict[str, ChatChannel]:
    """Read each `[channels.NAME]`; its kind is one of `kinds`, which reads the rest."""
    channels: dict[str, ChatChannel] = {}
    for name in table.values:
        own = table.table(name)
        if not 0 < len(name.strip()) == len(name) <= 100 or not name.isprintable():  # noqa: PLR2004 - as a request takes it
            table.report(name, "a channel's name has 1 to 100 characters, without blanks around", "rename it")
        if name == ORIGIN:
            table.report(name, f"{ORIGIN} is the conversation where a command was said", "rename the channel")
        kind = one_of(own, "kind", kinds)
        if kind in kinds:
            place, card, members, takes_cards = kinds[kind](own, people)
            keys = tuple(person.key for person in members)
            channels[name] = ChatChannel(name, kind, place, card, keys, takes_cards)
    return channels


def check_channels(table: Table, channels: Collection[str], known: Mapping[str, ChatChannel | None]) -> None:
    """Report each of a table's `channels` that the policy does not have, or that takes no cards."""
    for name in channels:
        channel = known.get(name)
        if name not in known:
            table.report("channels", f"no channel {quoted(name)}", meant(name, known) or "add [channels.NAME]")
        elif channel is not None and not channel.takes_cards:
            cure = "name it in [[notify]]"
            table.report("channels", f"the channel {quoted(name)} is a {channel.kind}: it gets events, no cards", cure)


def one_of(table: Table, key: str, known: Collection[str], default: str = "") -> str:
    """Return one of the known texts, or the default where the key is missing; report anything else."""
    value = table.text(key, default)
    if value in known or (key not in table.values and default):
        return value
    problem = f"{key} {quoted(value)} is not known" if key in table.values else f"{key} is missing"
    table.report(key, problem, meant(value, known) or f"known: {', '.join(known)}")
    return default
