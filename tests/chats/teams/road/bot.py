"""The bot's whole road, and what people do in its channels."""

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.model.case import Case
from relay.model.delivery import Reply
from tests.support import example_policy, road, teams_activities
from tests.support.bot_framework import BotFramework

OLD = "19:old@thread.tacv2"
FORM = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production", "title": "Deploy api"}
MEMBERS = {oid: f"29:{name}" for name, oid in example_policy.PEOPLE.items()}
ONLY_GITHUB = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")


@dataclass
class Bot:
    """A relay with a bot in two channels, and what people do there."""

    road: road.Road
    teams: BotFramework

    def send(self, made: object, **claims: Any) -> Reply:
        """Deliver an activity with a token that is genuine but for `claims`."""
        bearer = teams_activities.token(int(time.time()), serviceurl=self.teams.service, **claims)
        return self.deliver(made, bearer)

    def deliver(self, made: object, bearer: str) -> Reply:
        channel = self.road.world.channels["teams"]
        return self.road.presses().answer(channel, teams_activities.delivery(made, bearer, now=time.time()))

    def by(self, person: str, made: dict[str, Any], **changes: Any) -> dict[str, Any]:
        """Return an activity as a person causes it here."""
        who = {
            "id": f"29:{person}",
            "name": example_policy.NAMES.get(person),
            "aadObjectId": example_policy.PEOPLE.get(person),
        }
        return {**made, "serviceUrl": self.teams.service, "from": who, **changes}

    def press(self, person: str, verb: str, ticket: str, trigger: str = "manual", **data: Any) -> Reply:
        return self.send(self.by(person, teams_activities.pressed(verb, trigger, ticket=ticket, **data)))

    def ask(self, *channels: str, **fields: Any) -> str:
        """Ask for an approval in channels, and return its id."""
        reply = self.road.ask({**FORM, "channels": list(channels), **fields})
        assert 201 == reply.status, reply.body
        self.road.round()
        return str(road.said(reply)["id"])

    def ticket(self, room: str = teams_activities.CHANNEL) -> str:
        """Return the ticket that the adaptive card of a conversation carries."""
        return str(self.teams.shown(room)["refresh"]["action"]["data"]["ticket"])

    def case(self, name: str) -> Case:
        return self.road.case(name)


def github(httpx_mock: HTTPXMock, status: int = 204) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, status_code=status, is_reusable=True)


def card(reply: Reply) -> dict[str, Any]:
    """Return the card of an answer to a press."""
    said = json.loads(reply.body)
    assert (200, 200, "application/vnd.microsoft.card.adaptive") == (reply.status, said["statusCode"], said["type"])
    value: dict[str, Any] = said["value"]
    return value


def text(made: dict[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False)
