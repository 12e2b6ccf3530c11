"""Activities of Teams as the channel of the tests proves and reads them, and how to spoil one."""

import json
from typing import Any

import pytest

from relay.chats.contract.commands import TypedCommand
from relay.chats.teams.card import TeamsCards
from relay.chats.teams.clicks import TeamsClicks
from relay.errors import Refusal
from relay.model.delivery import ChatSignal, Interaction, Refresh, Verified
from relay.model.people import Actor
from relay.policy_toml import parse
from tests.support import teams_activities
from tests.support.entra_tokens import KID, NOW, OBJECT, PUBLIC, TENANT
from tests.support.teams_activities import delivery

CARDS = TeamsCards(parse.parse(""), "https://relay.example")
CHANNEL = TeamsClicks(teams_activities.APP, teams_activities.OPENID, frozenset({TENANT}), CARDS)
ADA = Actor(f"entra:{TENANT}/{OBJECT}", "Ada Lovelace")
KEYS = {KID: PUBLIC}


def proven(made: object, bearer: str | None = None, channel: TeamsClicks = CHANNEL) -> Verified:
    return channel.verify(delivery(made, bearer), KEYS, NOW)


def read(made: object) -> Interaction | Refresh | ChatSignal | TypedCommand:
    return CHANNEL.read(proven(made))


def why(made: object, bearer: str | None = None, channel: TeamsClicks = CHANNEL) -> str:
    with pytest.raises(Refusal) as refused:
        channel.read(proven(made, bearer, channel))
    return f"{refused.value.code}: {refused.value.check}"


def without(made: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return an activity without the member at a path."""
    return changed(made, None, *path)


def changed(made: dict[str, Any], value: object, *path: str) -> dict[str, Any]:
    """Return an activity with another value at a path; None takes the member away."""
    copied: dict[str, Any] = json.loads(json.dumps(made))
    inner = copied
    for name in path[:-1]:
        inner = inner[name]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copied
