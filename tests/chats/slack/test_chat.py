"""The settings of the Slack app, and what follows where they are missing or wrong."""

from pathlib import Path

import pytest

from relay.app import build, read_all
from relay.chats.slack.chat import CHAT
from relay.model.delivery import Reply
from relay.settings import SettingsError
from tests.support import road

APP = {
    "RELAY_SLACK_SIGNING_SECRET": "one,two",
    "RELAY_SLACK_BOT_TOKEN": "xoxb-1-2-made-up",
    "RELAY_SLACK_TEAMS": "T111,E111",
}


def test_without_an_app_nothing_is_posted(tmp_path: Path) -> None:
    here = build(*read_all(road.environ(tmp_path)))
    assert here.cards.chats["slack"] is None
    here.close()


@pytest.mark.parametrize("name", ["RELAY_SLACK_SIGNING_SECRET", "RELAY_SLACK_BOT_TOKEN"])
def test_with_a_secret_or_a_token_there_is_an_app(tmp_path: Path, name: str) -> None:
    here = build(*read_all(road.environ(tmp_path, **{name: APP[name]})))
    assert here.cards.chats["slack"] is not None
    here.close()


def test_notices_need_a_bot_and_its_token(tmp_path: Path) -> None:
    here = build(*read_all(road.environ(tmp_path, RELAY_SLACK_SIGNING_SECRET=APP["RELAY_SLACK_SIGNING_SECRET"])))
    tellings = here.payer.notices().tellings
    assert [None, None] == [tellings[name] for name in ("slack", "teams")]
    here.close()


def test_the_settings_are_lists_but_for_token_and_address(tmp_path: Path) -> None:
    settings, _ = read_all(road.environ(tmp_path, **APP))
    app = settings.chats["slack"]
    assert (("one", "two"), "xoxb-1-2-made-up", ("T111", "E111"), "https://slack.com/api") == (
        app.signing_secrets,
        app.bot_token,
        app.teams,
        app.api_url,
    )
    assert "xoxb" not in repr(app)
    assert "one" not in repr(app)


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("RELAY_SLACK_BOT_TOKEN", "xoxp-secret", "xoxb-"),
        ("RELAY_SLACK_TEAMS", "T111,t222", "a team's id"),
        ("RELAY_SLACK_TEAMS", "octo.slack.com", "a team's id"),
        ("RELAY_SLACK_API_URL", "http://slack.example/api", "https://"),
    ],
)
def test_a_wrong_form_is_named_and_never_quoted(tmp_path: Path, name: str, value: str, cure: str) -> None:
    with pytest.raises(SettingsError) as wrong:
        read_all(road.environ(tmp_path, **{name: value}))
    assert [name] == list(wrong.value.problems)
    assert cure in wrong.value.problems[name]
    assert value not in wrong.value.problems[name]


def test_a_relay_that_cannot_start_answers_without_words() -> None:
    assert Reply(503, {"Relay-Outcome": "busy"}, b"") == CHAT.refuse("busy")


def test_slack_is_known_by_blocks_and_a_webhook_says_ok() -> None:
    assert CHAT.recognizes({"blocks": []})
    assert not CHAT.recognizes({"type": "message"})
    assert CHAT.breaches({"blocks": []})
    assert type(CHAT.webhook_outcome(200, b"ok")).__name__ == "Delivered"
