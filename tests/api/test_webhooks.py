"""Webhooks of runs, shown on the request whose dispatch started the run."""

import json
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.api.asking import FORM
from tests.api.hearing import IGNORED, TAKEN, answered, shown, told
from tests.support import github_tokens, github_webhooks, road
from tests.support.github_webhooks import URL, workflow_run
from tests.support.logged import logged


def test_a_run_goes_from_waiting_to_its_end_with_its_address(here: road.Road, released: str) -> None:
    for action, status in [("requested", "queued"), ("in_progress", "running"), ("completed", "success")]:
        assert TAKEN == told(here, action, released)
        found = shown(here, released)
        expected = {"status": status, "text": "", "url": URL, "by": "github", "id": str(github_webhooks.RUN_ID)}
        assert expected == {name: found[name] for name in found if name != "at"}


@pytest.mark.parametrize(
    "order",
    [
        ("completed", "in_progress", "requested"),
        ("in_progress", "completed", "requested"),
    ],
)
def test_no_order_takes_a_later_state_back(here: road.Road, released: str, order: tuple[str, ...]) -> None:
    for action in order:
        assert TAKEN == told(here, action, released)
    assert "success" == shown(here, released)["status"]


def test_a_higher_attempt_takes_the_place_of_an_end_and_a_lower_one_does_not(here: road.Road, released: str) -> None:
    told(here, "completed", released, conclusion="failure")
    told(here, "in_progress", released, run_attempt=2)
    assert "running" == shown(here, released)["status"]
    told(here, "completed", released, conclusion="failure")
    assert "running" == shown(here, released)["status"]
    told(here, "completed", released, run_attempt=2)
    assert "success" == shown(here, released)["status"]


def test_of_several_runs_the_worst_is_shown_with_its_address(here: road.Road, released: str) -> None:
    for number, conclusion in enumerate(["success", "failure", "cancelled"], 1):
        url = f"https://github.com/octo/api/actions/runs/{number}"
        told(here, "completed", released, id=number, html_url=url, conclusion=conclusion)
    assert ("failure", "https://github.com/octo/api/actions/runs/2") == (
        shown(here, released)["status"],
        shown(here, released)["url"],
    )


def test_twenty_runs_of_one_request_are_known(here: road.Road, released: str) -> None:
    for number in range(1, 23):
        assert TAKEN == told(here, "requested", released, id=number)
    assert 20 == len(here.case(released).runs)


@pytest.mark.parametrize("first", ["report", "github"])
def test_each_event_fires_once_by_whichever_tells_it_first(
    here: road.Road, released: str, first: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "relay")
    for teller in ("report", "github") if first == "report" else ("github", "report"):
        if teller == "report":
            here.report(released, {"state": "started", "url": URL})
        else:
            told(here, "in_progress", released)
    told(here, "completed", released, conclusion="failure")
    here.report(released, {"state": "failure", "text": "no quota", "url": URL})
    found = [(line["event"], line["channel"]) for line in logged(caplog) if line["event"].startswith("run_")]
    assert [("run_started", first), ("run_failure", "github")] == found
    assert ("failure", "no quota", 1) == (
        shown(here, released)["status"],
        shown(here, released)["text"],
        len(here.case(released).runs),
    )


def test_a_run_that_a_report_named_not_is_the_run_that_github_names(here: road.Road, released: str) -> None:
    here.report(released, {"state": "started", "text": "migrating"})
    told(here, "in_progress", released)
    (run,) = here.case(released).runs
    assert ("running", "migrating", "report", str(github_webhooks.RUN_ID)) == (run.status, run.text, run.by, run.id)


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "push"},
        {"event": "pull_request"},
        {"event": "workflow_dispatch"},
        {"display_title": "release"},
        {"display_title": None},
        {"display_title": "x{id}"},
        {"display_title": "배포{id}"},
        {"display_title": "{id}2"},
        {"display_title": "release " + "b" * 32},
        {"created": -120.0},
        {"created_at": None},
        {"status": "dreaming"},
    ],
)
def test_a_run_of_others_is_never_taken_for_ours(here: road.Road, released: str, changes: dict[str, Any]) -> None:
    changes = {name: value.format(id=released) if isinstance(value, str) else value for name, value in changes.items()}
    created = here.now() + changes.pop("created", 0.0)
    before = here.case(released)
    assert IGNORED == told(here, "completed", released, created=created, **changes)
    assert before == here.case(released)


@pytest.mark.parametrize("title", ["{id}", "deploy {id}!", "'{id}': go", "deploy-{id}", "{other} {id}"])
def test_the_id_may_stand_anywhere_as_a_whole_word(here: road.Road, released: str, title: str) -> None:
    assert TAKEN == told(here, "completed", released, display_title=title.format(id=released, other="b" * 32))


def test_a_clock_of_github_that_is_behind_by_less_than_a_minute_is_no_matter(here: road.Road, released: str) -> None:
    assert TAKEN == told(here, "completed", released, created=here.now() - 55)


def test_nothing_is_known_of_a_run_before_anything_was_sent(here: road.Road) -> None:
    made = road.said(here.ask(FORM))
    assert IGNORED == told(here, "completed", made["id"])


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        ({"id": 65, "full_name": "octo/renamed"}, TAKEN),
        ({"id": 66, "full_name": "octo/api"}, IGNORED),
    ],
)
def test_a_repository_is_the_one_whose_id_a_token_proved(
    here: road.Road, httpx_mock: HTTPXMock, repository: dict[str, Any], expected: tuple[int, str]
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    body = road.encoded({**FORM, "repository": "octo/api"})
    token = github_tokens.bearer(repository_id="65")
    made = road.said(here.post(body, x_relay_key="", authorization=token))
    here.press("ada", "approve", made["ticket"])
    event = workflow_run("completed", made["id"], here.now())
    event["repository"] |= repository
    assert expected == answered(here.webhook(event))
    assert (expected == TAKEN) == bool(here.case(made["id"]).runs)


def test_a_repository_of_a_key_is_the_one_of_its_name_in_any_case(here: road.Road, released: str) -> None:
    event = workflow_run("completed", released, here.now())
    for name, expected in [("octo/site", IGNORED), ("Octo/API", TAKEN)]:
        event["repository"]["full_name"] = name
        assert expected == answered(here.webhook(event))


def test_a_case_that_a_press_changes_at_the_same_moment_is_told_all_the_same(
    here: road.Road, released: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = here.world.store
    real, beaten = type(store).write_case, iter([False])

    def contested(self: Any, case: Any, **rows: Any) -> bool:
        return next(beaten, None) is None and real(self, case, **rows)

    monkeypatch.setattr(type(store), "write_case", contested)
    assert TAKEN == told(here, "completed", released)
    assert "success" == shown(here, released)["status"]


def test_a_store_that_never_takes_the_news_is_busy(
    here: road.Road, released: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([0.0, 0.0, 0.0])
    now = here.now()
    monkeypatch.setattr(type(here.world.store), "write_case", lambda *_given, **_rows: False)
    monkeypatch.setattr(here, "now", lambda: now + next(times, 9.0))
    body = json.dumps(workflow_run("completed", released, now)).encode()
    assert (503, "busy") == answered(here.webhook(body))
