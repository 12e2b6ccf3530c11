"""One request in Slack and in Teams: pressed in one, changed in the other."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.chats.slack.road.workspace import POLICY, Workspace, outcome
from tests.chats.teams.road.bot import MEMBERS, Bot, text
from tests.support import entra_tokens, road, teams_activities
from tests.support.bot_framework import SECRET, BotFramework
from tests.support.github_server import GitHubServer
from tests.support.slack_server import SlackServer

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")


@pytest.fixture
def both(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[tuple[Workspace, Bot]]:
    rooms = {teams_activities.CHANNEL: MEMBERS}
    with SlackServer() as server, GitHubServer() as github, BotFramework(rooms=rooms) as teams:
        settings = {
            "RELAY_SLACK_SIGNING_SECRET": server.slack.secret,
            "RELAY_SLACK_BOT_TOKEN": server.slack.token,
            "RELAY_SLACK_TEAMS": "T111",
            "RELAY_SLACK_API_URL": server.slack.api_url,
            "RELAY_GITHUB_API_URL": github.url,
            "RELAY_POLICY": POLICY,
            "RELAY_TEAMS_APP_ID": teams_activities.APP.upper(),
            "RELAY_TEAMS_APP_PASSWORD": SECRET,
            "RELAY_TEAMS_TENANT_ID": entra_tokens.TENANT,
            "RELAY_TEAMS_OPENID_URL": teams.openid,
            "RELAY_ENTRA_AUTHORITY": teams.url,
        }
        with road.made(tmp_path, httpx_mock, **settings) as made:
            bot = Bot(made, teams)
            installed = teams_activities.activity(
                "conversationUpdate",
                conversation={"id": teams_activities.CHANNEL, "tenantId": entra_tokens.TENANT},
            )
            bot.send(bot.by("ada", installed))
            yield Workspace(made, server, github), bot


def test_a_press_in_slack_changes_the_card_in_teams(both: tuple[Workspace, Bot]) -> None:
    slack, bot = both
    slack.ask("releases", "ops")
    assert "released" == outcome(slack.press("ada", comment="from Slack"))
    assert "from Slack" in text(bot.teams.shown())
    assert "Action.Execute" not in text(bot.teams.shown())
    assert [] == slack.buttons()


def test_a_press_in_teams_changes_the_card_in_slack(both: tuple[Workspace, Bot]) -> None:
    slack, bot = both
    slack.ask("releases", "ops")
    assert "released" == outcome(bot.press("grace", "approve", bot.ticket(), comment="from Teams"))
    assert "“from Teams”" in slack.text()
    assert [] == slack.buttons()
    assert 1 == len(slack.github.dispatched)


def test_a_slack_that_is_down_holds_up_neither_teams_nor_the_dispatch(both: tuple[Workspace, Bot]) -> None:
    slack, bot = both
    slack.ask("releases", "ops")
    slack.server.slack.mode = "down"
    slack.server.delay = 0.3
    begun = time.monotonic()
    assert "released" == outcome(bot.press("grace", "approve", bot.ticket()))
    assert time.monotonic() - begun < 4
    assert "Grace" in text(bot.teams.shown())
    slack.server.slack.mode, slack.server.delay = "up", 0.0
    slack.road.ahead = 60
    slack.road.round()
    assert "*Approved*" in slack.text()
