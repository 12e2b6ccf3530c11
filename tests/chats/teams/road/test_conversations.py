"""Whoever writes to the bot is answered, and no other click pays for the bot."""

import subprocess
import sys

import pytest

from relay.model.delivery import Reply
from tests.chats.teams.road.bot import ONLY_GITHUB, Bot
from tests.support import road, teams_activities
from tests.support.logged import logged

pytestmark = ONLY_GITHUB


def test_whoever_writes_to_the_bot_is_answered_and_the_place_is_known(bot: Bot) -> None:
    asked = teams_activities.activity("message", text="help")
    assert Reply(200, {"Relay-Outcome": "help"}, b"") == bot.send(bot.by("ada", asked))
    ((thread, _), said), *others = bot.teams.messages.items()
    assert (asked["conversation"]["id"], []) == (thread, others)
    assert f'place = "{teams_activities.CHANNEL}"' in said["text"]


@pytest.mark.parametrize("status", [403, 503])
def test_a_help_that_cannot_be_posted_is_logged_and_not_owed(
    bot: Bot, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    bot.teams.next_answers = [(status, {}, {"error": {"code": "x", "message": "secret"}})]
    assert Reply(200, {"Relay-Outcome": "help"}, b"") == bot.send(
        bot.by("ada", teams_activities.activity("message", text="help"))
    )
    assert ("notified", "teams", "not posted") == tuple(
        logged(caplog)[-1][each] for each in ("event", "channel", "outcome")
    )
    assert {} == bot.teams.messages
    assert "secret" not in caplog.text
    assert 0 == bot.road.recorded()["due"]


def test_a_cold_click_on_another_chat_does_not_import_the_bot() -> None:
    code = (
        "import sys, relay.azure_functions.chats, relay.chats.table as table\n"
        "table.pressed()['messagecard'].refuse('busy')\n"
        "found = {'relay.chats.teams.clicks', 'relay.chats.teams.card', 'relay.chats.teams.post'}\n"
        "sys.exit(bool(found & set(sys.modules)))\n"
    )
    assert 0 == subprocess.run([sys.executable, "-c", code], cwd=road.ROOT, check=False, timeout=60).returncode
