"""A canary in every field that a stranger can fill, through every route: nothing that the relay keeps or tells has it.

Looked at are messages, the log, health, metrics and the audit trail.
"""

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay import app
from relay.journal.search import Search
from relay.pages.operator.filters import OUTCOMES
from tests.pages.operator.asking import KEY
from tests.pages.operator.conftest import POLICY
from tests.pages.operator.strangers import (
    CANARY,
    SECRET,
    TOLD,
    WEBHOOKS,
    ask,
    ask_everything,
    browse_everything,
    command_everything,
    post,
    press_everything,
    webhook,
)
from tests.support import clicks, github_webhooks, road
from tests.support.functions import call
from tests.support.road import Road


@pytest.fixture
def whole(tmp_path: Path, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Road]:
    """Yield a relay that has every proof set up, so that each route reads as much as it can."""
    settings = {
        "RELAY_SIGN_IN": "app-service",
        "RELAY_POLICY": POLICY + TOLD,
        "RELAY_HOOKS": f"events:whsec_{'A' * 32}:https://{CANARY.replace('_', '-')}.example/{CANARY}",
        "RELAY_SLACK_SIGNING_SECRET": SECRET,
        "RELAY_SLACK_TEAMS": "T111",
        "RELAY_GITHUB_WEBHOOK_SECRET": WEBHOOKS,
        "RELAY_TEAMS_WEBHOOK_KEYS": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
    }
    for _ in range(9):
        httpx_mock.add_response(
            url=road.DISPATCHES, method="POST", status_code=422, json={"message": CANARY}, is_optional=True
        )
    hooks = re.compile(r"https://hooks\.slack\.com/.*")
    httpx_mock.add_response(url=hooks, status_code=500, text=CANARY, is_optional=True, is_reusable=True)
    anywhere = re.compile(r"https://(?!api\.github\.com/repos/octo/api/dispatches|login\.microsoftonline\.com).*")
    answers: list[dict[str, Any]] = [{"status_code": 401, "json": {"message": CANARY}}, {"text": CANARY}]
    for answer in answers:
        httpx_mock.add_response(url=anywhere, headers={"x-" + CANARY: CANARY}, is_optional=True, **answer)
    httpx_mock.add_response(url=anywhere, text=CANARY, is_optional=True, is_reusable=True)
    with road.made(tmp_path, httpx_mock, **settings) as here:
        monkeypatch.setattr(app, "relay", lambda: here.world)
        yield here


def test_no_message_no_line_of_the_log_and_no_check_of_health_has_a_strangers_words(
    whole: Road, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "relay")
    made = ask()
    assert 201 == made.status, made.text
    press_everything(made.json["ticket"])
    ask_everything(made.json["id"])
    browse_everything(made.json["id"])
    command_everything()
    post("interactions/messagecard", {"comment": CANARY}, clicks.headers("ada", "approve", made.json["ticket"]))
    run = {"name": CANARY, "head_branch": CANARY, "html_url": f"https://github.com/octo/api/actions/runs/{CANARY}"}
    webhook("workflow_run", github_webhooks.workflow_run("completed", made.json["id"], whole.now(), **run))
    whole.ahead += 120
    whole.round()
    assert whole.world.messages.flush(10)
    kept = whole.world.store.messages(Search(), 1_000)
    whats = {"press", "request", "dispatch", "command", "plain", "webhook", "redeem", "report", "notice", "doctor"}
    assert whats <= {each.what for each in kept}
    assert {"other-site"} == {each.outcome for each in kept} - OUTCOMES, "outcomes that the filter does not propose"
    assert {"asked", "taken", "examined", "approved-refused"} <= {each.outcome for each in kept}
    assert [] == [each for each in kept if CANARY in repr(each).lower()]
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("relay")]
    assert [] == [line for line in lines if CANARY in line.lower()]
    assert CANARY not in call("GET", "/api/health").text
    for path in ("messages", "metrics", "audit"):
        answer = call("GET", f"/api/{path}", KEY)
        assert (200, path, False) == (answer.status, path, CANARY in answer.text.lower())
    assert made.json["id"] in call("GET", "/api/audit", KEY).text
