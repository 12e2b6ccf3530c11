"""A relay that tells, under the policy of the test's mark `entries`."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.chats.teams.road.bot import Bot
from tests.outbox.notices.telling import Telling, entry, policy
from tests.support import entra_tokens, road, teams_activities
from tests.support.bot_framework import SECRET, BotFramework
from tests.support.github_server import GitHubServer
from tests.support.hook_server import KEY, OTHER_KEY, HookServer
from tests.support.slack_server import SlackServer


@contextmanager
def told(tmp_path: Path, httpx_mock: HTTPXMock, entries: Iterable[str], **changes: str) -> Iterator[Telling]:
    """Yield a relay that tells."""
    with SlackServer() as slack, HookServer() as hooks, GitHubServer() as github:
        hook = [
            f"events:{KEY}:{hooks.url}/events",
            f"audit:{KEY}:{hooks.url}/audit?of=relay",
            f"changing:{OTHER_KEY}:{hooks.url}/first",
            f"changing:{KEY}:{hooks.url}/second",
        ]
        settings = {
            "RELAY_SIGN_IN": "app-service",
            "RELAY_SLACK_SIGNING_SECRET": slack.slack.secret,
            "RELAY_SLACK_BOT_TOKEN": slack.slack.token,
            "RELAY_SLACK_TEAMS": "T111",
            "RELAY_SLACK_API_URL": slack.slack.api_url,
            "RELAY_GITHUB_API_URL": github.url,
            "RELAY_HOOKS": ",".join(hook),
            "RELAY_POLICY": policy(*entries),
        }
        with road.made(tmp_path, httpx_mock, **settings, **changes) as made:
            yield Telling(made, slack, hooks, github)


@pytest.fixture
def here(request: pytest.FixtureRequest, tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Telling]:
    """Yield a relay whose entries are the parameter, by default all events to a webhook."""
    with told(tmp_path, httpx_mock, getattr(request, "param", (entry("events"),))) as made:
        yield made


@pytest.fixture
def bot(request: pytest.FixtureRequest, tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[tuple[Telling, Bot]]:
    """Yield a relay as `here` does, with a bot in a channel of Teams."""
    rooms: dict[str, dict[str, str]] = {teams_activities.CHANNEL: {}}
    with BotFramework(rooms) as teams:
        settings = {
            "RELAY_TEAMS_APP_ID": teams_activities.APP,
            "RELAY_TEAMS_APP_PASSWORD": SECRET,
            "RELAY_TEAMS_TENANT_ID": entra_tokens.TENANT,
            "RELAY_TEAMS_OPENID_URL": teams.openid,
            "RELAY_ENTRA_AUTHORITY": teams.url,
        }
        entries = getattr(request, "param", (entry("events"),))
        with told(tmp_path, httpx_mock, entries, **settings) as made:
            bot = Bot(made.road, teams)
            conversation = {"id": teams_activities.CHANNEL, "tenantId": entra_tokens.TENANT}
            added = teams_activities.activity("conversationUpdate", conversation=conversation)
            assert 200 == bot.send(bot.by("ada", added)).status
            yield made, bot
