"""A relay with a bot in two channels, by the real parts and a Bot Framework of ours on loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.core.model import Reply
from tests import bots, genuine, road
from tests.bot_framework import SECRET, BotFramework
from tests.bot_road.bot import MEMBERS, OLD, Bot


@pytest.fixture
def bot(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Bot]:
    with BotFramework(rooms={bots.CHANNEL: MEMBERS, OLD: MEMBERS}) as teams:
        settings = {
            "RELAY_TEAMS_APP_ID": bots.APP.upper(),
            "RELAY_TEAMS_APP_PASSWORD": SECRET,
            "RELAY_TEAMS_TENANT_ID": genuine.TENANT,
            "RELAY_TEAMS_OPENID_URL": teams.openid,
            "RELAY_ENTRA_AUTHORITY": teams.url,
        }
        with road.made(tmp_path, httpx_mock, **settings) as made:
            bot = Bot(made, teams)
            for room in (bots.CHANNEL, OLD):
                installed = bots.activity("conversationUpdate", conversation={"id": room, "tenantId": genuine.TENANT})
                assert Reply(200, {}, b"") == bot.send(bot.by("ada", installed))
            yield bot
