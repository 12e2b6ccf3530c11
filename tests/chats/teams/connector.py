"""A connector of Teams, what it talks to, and the time of both."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from relay.chats.teams.clouds import Cloud, cloud_of
from relay.chats.teams.post import TeamsConnector
from relay.chats.teams.token import BotToken
from relay.model.debts import Outcome, Refused
from relay.model.delivery import Conversation
from relay.net.client import Client
from tests.support import entra_tokens, teams_activities
from tests.support.bot_framework import SECRET, BotFramework
from tests.support.clock import Clock

START = 1_790_000_000.0
TEXT = {"type": "message", "text": "hello"}
ROOM = teams_activities.CHANNEL


@dataclass
class Known:
    """The places that were made known."""

    places: dict[str, Conversation] = field(default_factory=dict)

    def place(self, kind: str, id: str) -> Conversation | None:  # noqa: A002 - the field's name
        assert "teams" == kind
        return self.places.get(id)


@dataclass
class Here:
    """A connector, what it talks to, and the time of both."""

    teams: BotFramework
    client: Client
    clock: Clock = field(default_factory=lambda: Clock(START))
    known: Known = field(default_factory=Known)
    password: str = SECRET
    cloud: Cloud | None = None

    def __post_init__(self) -> None:
        self.known.places[ROOM] = Conversation("teams", ROOM, self.teams.service, entra_tokens.TENANT, "Operations")
        self.connector = self.connect()

    def connect(self, token_url: str = "") -> TeamsConnector:
        cloud = self.cloud or cloud_of(self.teams.openid)
        token = BotToken(
            lambda: self.client,
            self.clock,
            url=token_url or self.teams.token_url,
            app_id=teams_activities.APP,
            password=self.password,
            scope=cloud.scope,
        )
        return TeamsConnector(lambda: self.client, self.clock, cloud=cloud, token=token, conversations=self.known)

    def post(self, message: dict[str, Any] | None = None, room: str = ROOM, within: float = 5.0) -> tuple[str, Outcome]:
        posted, outcome = self.connector.post(room, message or TEXT, deadline=self.clock() + within)
        assert posted is None or room == posted.place
        return (posted.message if posted else ""), outcome

    def attempts(self) -> list[Callable[[], Outcome]]:
        """Return what posts a message, and what changes one."""
        return [lambda: self.post()[1], lambda: self.update("1")]

    def update(self, name: str, message: dict[str, Any] | None = None, within: float = 5.0) -> Outcome:
        return self.connector.update(ROOM, name, message or TEXT, deadline=self.clock() + within)


def card(*users: str) -> dict[str, Any]:
    refresh = {"action": {"type": "Action.Execute", "verb": "refresh"}, "userIds": list(users)}
    content = {"type": "AdaptiveCard", "version": "1.4", "body": [], "refresh": refresh}
    return {
        "type": "message",
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}],
    }


def users(here: Here) -> list[str] | None:
    found: list[str] | None = here.teams.shown()["refresh"].get("userIds")
    return found


def asked(here: Here) -> int:
    """Return how often the members were asked for."""
    return len(here.teams.called("GET", "pagedmembers"))


def refused(outcome: Outcome) -> Refused:
    assert isinstance(outcome, Refused)
    return outcome
