"""The story of a request that no program asked for: the command, or the run that waits, is its first message."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from pytest_httpx import HTTPXMock

from relay import app
from relay.dev.simulator.slack_presses import sign
from tests.pages.operator.asking import KEY
from tests.support import command_policy, gates, github_webhooks, road
from tests.support.example_policy import POLICY
from tests.support.functions import Answer, call

SECRET = "slack-signing-secret"


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch) -> Iterator[road.Road]:
    httpx_mock.add_response(json={}, is_optional=True, is_reusable=True)
    settings = {
        "RELAY_SLACK_SIGNING_SECRET": SECRET,
        "RELAY_SLACK_TEAMS": "T111",
        "RELAY_POLICY": POLICY + command_policy.RULES + command_policy.COMMANDS + gates.RULES,
    }
    with road.made(tmp_path, httpx_mock, **settings) as made:
        monkeypatch.setattr(app, "relay", lambda: made.world)
        yield made


def say(text: str) -> Answer:
    form = {"command": "/relay", "text": text, "team_id": "T111", "user_id": "U333"}
    signed = sign(urlencode(form).encode(), SECRET, int(time.time()))
    return call("POST", "/api/commands/slack", signed.headers, signed.body)


def webhook(name: str, event: dict[str, Any], delivery: str) -> Answer:
    body = json.dumps(event).encode()
    return call("POST", "/api/webhooks/github", github_webhooks.headers(body, event=name, delivery=delivery), body)


def asked(here: road.Road, what: str) -> list[tuple[str | None, str, str | None]]:
    """Return id, outcome and repository of the incoming messages of a kind, newest first."""
    assert here.world.messages.flush(10)
    found = call("GET", "/api/messages", KEY).json["messages"]
    return [(each["request"], each["outcome"], each["repository"]) for each in found if each["what"] == what]


def first_of(case_id: str | None) -> tuple[str, str]:
    story = call("GET", f"/api/messages/{case_id}", KEY).json["story"]
    return story[0]["what"], story[0]["outcome"]


def test_a_command_is_the_first_message_of_the_request_that_it_made(here: road.Road) -> None:
    answer = say("deploy api")
    case_id = answer.json["text"].rpartition("/api/review/")[2].partition("|")[0]
    assert [(case_id, "asked", "octo/api")] == asked(here, "command")
    assert ("command", "asked") == first_of(case_id)
    say("deplyo api")
    assert (None, "unknown-command", None) == asked(here, "command")[0]


def test_a_webhook_is_in_the_story_of_the_run_that_waits(here: road.Road) -> None:
    for sha in ("a" * 40, "b" * 40):  # two jobs of the run wait
        assert 202 == webhook("deployment_protection_rule", gates.event(sha=sha), sha).status
    (case_id,) = {found[0] for found in asked(here, "webhook")}
    assert [(case_id, "taken", "octo/api")] * 2 == asked(here, "webhook")
    assert ("webhook", "taken") == first_of(case_id)
    run = {"id": int(gates.RUN), "run_attempt": 1, "status": "completed", "conclusion": "success"}
    told = {"action": "completed", "workflow_run": run, "repository": gates.event()["repository"]}
    webhook("workflow_run", told, "completed")
    assert (case_id, "taken", "octo/api") == asked(here, "webhook")[0]
