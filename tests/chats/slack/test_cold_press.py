"""A press that meets a cold start waits for what it needs, and for nothing of another chat."""

import json
import subprocess
import sys
import time
from pathlib import Path

from tests.chats.slack.genuine import ENVIRON, genuine
from tests.support import entra_tokens, road, teams_activities

TEAMS = {
    "RELAY_TEAMS_APP_ID": teams_activities.APP,
    "RELAY_TEAMS_APP_PASSWORD": "a made-up password",
    "RELAY_TEAMS_TENANT_ID": entra_tokens.TENANT,
}


def test_a_cold_press_loads_nothing_of_a_chat_that_is_set_up_beside_but_its_settings(tmp_path: Path) -> None:
    nowhere = {"RELAY_GITHUB_API_URL": "http://127.0.0.1:9", "RELAY_SLACK_BOT_TOKEN": "xoxb-1"}
    press = genuine(road.ticket(road.offline()), int(time.time()))
    done = subprocess.run(
        [sys.executable, "-m", "tests.chats.slack.presses_alone"],
        cwd=road.ROOT,
        env=road.environ(tmp_path, **ENVIRON, **nowhere, **TEAMS),
        input=json.dumps({"headers": dict(press.headers), "body": press.body.decode()}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    outcome, loaded = json.loads(done.stdout.splitlines()[-1])
    assert "approved-retrying" == outcome
    assert "relay.chats.slack.card" in loaded
    for chat in ("teams", "messagecard", "outlook", "workflows", "webhook"):
        parts = {name for name in loaded if name.startswith(f"relay.chats.{chat}.")}
        assert {f"relay.chats.{chat}.chat"} >= parts, parts
