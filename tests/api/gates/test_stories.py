"""The story of a run that waits: which rule decides about it, and what GitHub got for it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay import app
from relay.cli import debts
from relay.model.delivery import Reply
from tests.pages.browsing import shown
from tests.pages.operator.asking import KEY, browser
from tests.support import example_policy, gates
from tests.support.functions import call
from tests.support.gates import Here, asked

EVERY_EVENT = example_policy.rule("*", example_policy.RELEASE, event_types=["*"])


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    policy = f'operators = ["grace"]\n{example_policy.WHO}{EVERY_EVENT}{gates.RULES}'
    with gates.made(tmp_path, httpx_mock, RELAY_POLICY=policy, RELAY_SIGN_IN="app-service") as made:
        monkeypatch.setattr(app, "relay", lambda: made.road.world)
        yield made


def story(case_id: str) -> dict[str, Any]:
    found: dict[str, Any] = call("GET", f"/api/messages/{case_id}", KEY).json
    return found


def page(case_id: str, language: str = "en") -> str:
    drawn = call("GET", f"/api/messages/{case_id}", browser() | {"accept-language": language})
    return shown(Reply(drawn.status, {}, drawn.body))


def test_no_rule_for_events_is_said_to_decide_about_a_run_that_waits(here: Here) -> None:
    case_id = asked(here).request.id
    assert [False, True] == [rule["matches"] for rule in story(case_id)["request"]["rules"]]
    told = page(case_id)
    assert "Rule 1 does not match form deployment_protection is not of approval" in told
    assert ("Rule 2 matches, and decides" in told, 1) == (True, told.count("matches, and decides"))


def test_an_open_request_is_not_said_to_have_been_dispatched(here: Here, capsys: pytest.CaptureFixture[str]) -> None:
    case = asked(here)
    here.press("lin", "approve", case)
    told = story(case.request.id)["debts"]
    assert [("dispatch", "report", "delivered")] * 2 == [(each["kind"], each["what"], each["status"]) for each in told]
    drawn = page(case.request.id)
    assert (2, 0) == (drawn.count("Report on the page of the run"), drawn.count("Dispatch to GitHub"))
    assert 2 == page(case.request.id, "ko").count("실행 페이지에 올리는 보고")
    here.press("grace", "approve", case)
    assert ["report", "report", "verdict"] == [each["what"] for each in story(case.request.id)["debts"]]
    assert "Verdict to GitHub" in page(case.request.id)
    now = here.road.case(case.request.id)
    stored = [debts.row(now, index) for index in range(len(now.debts))]
    assert ["report", "report", "verdict"] == [each["what"] for each in stored]
    debts.show_debts(json.loads(json.dumps(stored)), as_json=False)
    assert "delivered, octo/api verdict: Deploy" in capsys.readouterr().out
