"""Settings that others need and that are missing: health names each, and what has no effect without it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay import health
from tests.support import example_policy
from tests.support.health import detail, set_up, told

CHANNELS = "".join(f'\n[channels.{name}]\nkind = "slack"\nplace = "C0{name.upper()}"\n' for name in ("qa", "prod"))
SECRET = "RELAY_SLACK_SIGNING_SECRET is empty or not set, so no press and no command in Slack counts"
TOKEN = "RELAY_SLACK_BOT_TOKEN is empty or not set, so nothing is posted to qa and prod in Slack"


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> Iterator[pytest.MonkeyPatch]:
    with set_up(tmp_path, monkeypatch, httpx_mock) as changed_by_tests:
        yield changed_by_tests


@pytest.mark.parametrize(
    ("teams", "secret", "token", "channels", "missing"),
    [
        ("T111", "", "", CHANNELS, f"{SECRET}; {TOKEN}"),
        ("T111", "", "xoxb-1", CHANNELS, SECRET),
        ("T111", "s3cret", "", CHANNELS, TOKEN),
        ("T111", "s3cret", "xoxb-1", CHANNELS, ""),
        ("T111", "s3cret", "", "", ""),  # cards come by an incoming webhook
        ("", "", "xoxb-1", CHANNELS, ""),  # the channels hear notices alone, and nobody presses there
        ("", "", "", "", ""),
    ],
)
def test_a_secret_of_slack_that_is_left_empty_is_degraded_where_something_needs_it(
    environ: pytest.MonkeyPatch, teams: str, secret: str, token: str, channels: str, missing: str
) -> None:
    environ.setenv("RELAY_POLICY", example_policy.POLICY + channels)
    environ.setenv("RELAY_SLACK_TEAMS", teams)
    environ.setenv("RELAY_SLACK_SIGNING_SECRET", secret)
    environ.setenv("RELAY_SLACK_BOT_TOKEN", token)
    reply = health.health()
    assert ("degraded" if missing else "ok", missing) == (told(reply)[2]["settings"], detail(reply, "settings"))
