"""Reports of a workflow: what became of a release is on the case and in its answers, and decides nothing."""

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.model.case import Case
from relay.model.delivery import Delivery
from relay.store.sqlite.store import SqliteStore
from tests.api.asking import FORM
from tests.support import github_tokens, road
from tests.support.example_policy import POLICY
from tests.support.logged import logged

RUN = "https://github.com/octo/api/actions/runs/7"


def shown(here: road.Road, case_id: str) -> Any:
    return road.said(here.show(case_id)).get("run")


def test_a_report_is_the_run_of_the_request(here: road.Road, released: str) -> None:
    assert shown(here, released) is None
    reply = here.report(released, {"state": "started", "text": "마이그레이션", "url": RUN})
    run = road.said(reply)["run"]
    expected = {"status": "running", "text": "마이그레이션", "url": RUN, "by": "report"}
    assert (200, expected) == (reply.status, {name: run[name] for name in run if name != "at"})
    assert run["at"].endswith("Z")
    assert shown(here, released) == run
    assert "approved" == road.said(reply)["status"]


@pytest.mark.parametrize(
    ("reports", "status", "text", "url"),
    [
        (["started", "success"], "success", "2", RUN),
        (["started", "failure"], "failure", "2", RUN),
        (["success", "failure"], "success", "1", RUN),
        (["failure", "started"], "failure", "1", RUN),
        (["started", "started"], "running", "2", RUN),
    ],
)
def test_within_one_run_an_end_is_final(
    here: road.Road, released: str, reports: list[str], status: str, text: str, url: str
) -> None:
    for number, state in enumerate(reports, 1):
        here.report(released, {"state": state, "text": str(number), "url": RUN if number == 1 else ""})
    found = shown(here, released)
    assert (status, text, url) == (found["status"], found["text"], found["url"])


@pytest.mark.parametrize(
    ("first", "later"),
    [
        (RUN, f"{RUN}/attempts/2"),
        ("https://ci.example/1", "https://ci.example/2"),
        ("", "https://github.com/octo/api/actions/runs/7/attempts/2"),
    ],
)
def test_a_later_run_takes_the_place_of_an_earlier_one(here: road.Road, released: str, first: str, later: str) -> None:
    here.report(released, {"state": "failure", "text": "no quota", "url": first})
    here.report(released, {"state": "started", "url": later})
    found = shown(here, released)
    assert ("running", "", later) == (found["status"], found["text"], found["url"])


def test_the_reason_of_an_end_may_come_after_it(here: road.Road, released: str) -> None:
    here.report(released, {"state": "failure", "url": RUN})
    here.report(released, {"state": "failure", "text": "no quota"})
    assert ("failure", "no quota", RUN) == tuple(shown(here, released)[name] for name in ("status", "text", "url"))


def test_a_report_of_an_earlier_attempt_changes_nothing(here: road.Road, released: str) -> None:
    here.report(released, {"state": "started", "url": f"{RUN}/attempts/2"})
    here.report(released, {"state": "failure", "url": f"{RUN}/attempts/1"})
    assert "running" == shown(here, released)["status"]


def test_of_several_runs_of_one_dispatch_the_worst_is_shown(here: road.Road, released: str) -> None:
    for number, state in enumerate(["success", "failure", "started"], 1):
        here.report(released, {"state": state, "url": f"https://github.com/octo/api/actions/runs/{number}"})
    assert ("failure", f"{RUN[:-1]}2") == (shown(here, released)["status"], shown(here, released)["url"])


def test_each_event_is_logged_once_for_each_attempt(
    here: road.Road, released: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "relay")
    for state, text in [("started", "a"), ("started", "b"), ("success", ""), ("failure", "late")]:
        here.report(released, {"state": state, "text": text, "url": RUN})
    here.report(released, {"state": "started", "url": f"{RUN}/attempts/2"})
    found = [(line["event"], line["outcome"], line["channel"]) for line in logged(caplog) if "run_" in line["event"]]
    started, success = ("run_started", "running", "report"), ("run_success", "success", "report")
    assert [started, success, started] == found


def test_nothing_is_taken_before_anything_was_sent(here: road.Road) -> None:
    made = road.said(here.ask(FORM))
    reply = here.report(made["id"], {"state": "success"})
    assert (409, "not-dispatched") == (reply.status, road.said(reply)["error"])
    assert 1 == here.case(made["id"]).version


def test_a_preview_is_reported_while_the_request_waits(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    policy = POLICY.replace("[[rule]]\n", '[[rule]]\non_request = "preview"\n', 1)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=policy) as here:
        made = road.said(here.ask(FORM))
        here.report(made["id"], {"state": "success", "text": "view it"})
        assert ("pending", "success") == (here.case(made["id"]).status, shown(here, made["id"])["status"])
        here.press("ada", "approve", made["ticket"])
        assert shown(here, made["id"]) is None
        here.report(made["id"], {"state": "failure"})
        assert "failure" == shown(here, made["id"])["status"]
    assert 2 == len(road.dispatched(httpx_mock))


def test_the_same_twice_in_a_row_is_one_and_the_21st_is_refused(here: road.Road, released: str) -> None:
    for number in range(20):
        for _ in range(2):
            assert 200 == here.report(released, {"state": "started", "text": str(number)}).status
    assert 20 == len(here.case(released).reports)
    assert 200 == here.report(released, {"state": "started", "text": "19"}).status
    reply = here.report(released, {"state": "started", "text": "20"})
    assert (409, "too-many") == (reply.status, road.said(reply)["error"])
    assert "19" == shown(here, released)["text"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "state"),
        ({"state": None}, "state"),
        ({"state": "running"}, "state"),
        ({"state": ["started"]}, "state"),
        ({"state": "success", "text": "x" * 1_001}, "text"),
        ({"state": "success", "text": 7}, "text"),
        ({"state": "success", "text": "\x00"}, "text"),
        ({"state": "success", "url": "javascript:alert(1)"}, "url"),
        ({"state": "success", "url": "https://user@host/"}, "url"),
        ({"state": "success", "url": 7}, "url"),
        ({"state": "success", "verdict": "approve"}, "verdict"),
        ({"state": "success", "\u202e": ""}, "body"),
    ],
)
def test_what_is_not_of_the_form_is_refused_and_recorded_nowhere(
    here: road.Road, released: str, body: dict[str, Any], field: str
) -> None:
    version = here.case(released).version
    reply = here.report(released, body)
    assert (400, field) == (reply.status, road.said(reply).get("field"))
    assert version == here.case(released).version


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"state": "success", "state": "failure"}'])
def test_a_body_that_is_no_object_is_refused(here: road.Road, released: str, body: bytes) -> None:
    assert 400 == here.report(released, body).status


def test_a_body_beyond_the_limit_is_refused(here: road.Road, released: str) -> None:
    assert 413 == here.report(released, {"state": "success", "text": "x" * 70_000}).status


def test_a_thousand_characters_and_blanks_are_taken(here: road.Road, released: str) -> None:
    assert 200 == here.report(released, {"state": "started", "text": "😀" * 1_000, "url": None}).status
    assert 1_000 == len(shown(here, released)["text"])
    assert 200 == here.report(released, {"state": "success", "text": " \n"}).status
    assert "" == shown(here, released)["text"]


def test_a_form_of_curl_is_taken(here: road.Road, released: str) -> None:
    kind = "application/x-www-form-urlencoded"
    assert 200 == here.report(released, b"state=success&text=done+it", content_type=kind).status
    assert ("success", "done it") == (shown(here, released)["status"], shown(here, released)["text"])


@pytest.mark.parametrize(
    ("key", "status"), [(road.API_KEY, 200), (road.FOREIGN_KEY, 404), (road.OPERATOR_KEY, 403), ("", 401)]
)
def test_only_those_who_may_ask_for_the_repository_report(
    here: road.Road, released: str, key: str, status: int
) -> None:
    assert status == here.report(released, {"state": "success"}, x_relay_key=key).status
    assert (status == 200) == bool(shown(here, released))


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"event_name": "repository_dispatch"}, 200),
        ({"event_name": "push"}, 200),
        ({"event_name": "pull_request"}, 403),
        ({"repository": "octo/site", "repository_id": "2"}, 404),
    ],
)
def test_a_workflow_reports_by_its_token(here: road.Road, released: str, claims: dict[str, str], status: int) -> None:
    token = github_tokens.bearer(**claims)
    assert status == here.report(released, {"state": "success"}, authorization=token).status


class Contested(SqliteStore):
    """A store in which another commit comes first, some times."""

    beaten = 0

    def write_case(self, case: Case, **rows: Any) -> bool:
        if self.beaten:
            self.beaten -= 1
            return False
        return super().write_case(case, **rows)


@pytest.mark.parametrize(("late", "status"), [(0.0, 200), (9.0, 503)])
def test_a_report_starts_anew_when_another_commit_came_first(
    here: road.Road, released: str, late: float, status: int
) -> None:
    passed = iter([0.0, 0.0])
    with closing(Contested(str(here.path / "relay.db"), time.time)) as store:
        store.beaten = 1
        payer = replace(here.world.payer, store=store)
        requests = replace(here.world.request_status(), store=store, payer=payer)
        requests = replace(requests, clock=lambda: time.time() + next(passed, late))
        delivery = Delivery("", {"x-relay-key": road.API_KEY}, b'{"state": "success"}', time.time())
        reply = replace(here.world.reports(), requests=requests).report(delivery, released)
    assert status == reply.status
    assert (status == 200) == bool(shown(here, released))


@pytest.mark.parametrize("case_id", ["", "a" * 32, "../x", "요청"])
def test_an_unknown_request_is_not_found(here: road.Road, case_id: str) -> None:
    assert 404 == here.report(case_id, {"state": "success"}).status
