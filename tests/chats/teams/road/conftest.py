"""A relay with a bot in two channels, by the real parts and a Bot Framework of ours on loopback."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.model.delivery import Reply
from tests.chats.teams.road.bot import MEMBERS, OLD, Bot
from tests.support import command_policy, entra_tokens, example_policy, road, teams_activities
from tests.support.bot_framework import SECRET, BotFramework


@pytest.fixture
def bot(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Bot]:
    with BotFramework(rooms={teams_activities.CHANNEL: MEMBERS, OLD: MEMBERS}) as teams:
        settings = {
            "RELAY_TEAMS_APP_ID": teams_activities.APP.upper(),
            "RELAY_TEAMS_APP_PASSWORD": SECRET,
            "RELAY_TEAMS_TENANT_ID": entra_tokens.TENANT,
            "RELAY_TEAMS_OPENID_URL": teams.openid,
            "RELAY_ENTRA_AUTHORITY": teams.url,
            "RELAY_TEAMS_WEBHOOK_KEYS": b64encode(bytes(range(32))).decode(),
            "RELAY_POLICY": example_policy.POLICY + command_policy.RULES + command_policy.COMMANDS,
        }
        with road.made(tmp_path, httpx_mock, **settings) as made:
            bot = Bot(made, teams)
            for room in (teams_activities.CHANNEL, OLD):
                installed = teams_activities.activity(
                    "conversationUpdate", conversation={"id": room, "tenantId": entra_tokens.TENANT}
                )
                assert Reply(200, {}, b"") == bot.send(bot.by("ada", installed))
            yield bot
