import json
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import API_KEY, RELAY, run

ID = "a" * 32
ENV = {"RELAY_URL": RELAY, "RELAY_API_KEY": API_KEY}
STANDS: dict[str, Any] = {
    "id": ID,
    "status": "approved",
    "stage": "release",
    "reviews": [
        {
            "verdict": "approve",
            "by": {"id": "entra:t/o", "name": "에이다"},
            "stage": "release",
            "at": "2026-09-21T14:13:20Z",
            "comment": "",
        }
    ],
    "dispatch": {"status": "owed", "attempts": 2, "last_error": "GitHub is\ndown", "run_url": "https://github.com/r"},
}


@pytest.mark.parametrize(("command", "method", "path"), [("status", "GET", ID), ("cancel", "POST", f"{ID}/cancel")])
def test_it_asks_with_the_key_and_prints_what_the_relay_knows(
    httpx_mock: HTTPXMock, command: str, method: str, path: str
) -> None:
    httpx_mock.add_response(method=method, url=f"{RELAY}/api/requests/{path}", json=STANDS)
    result = run(command, ID, env=ENV)
    assert 0 == result.exit_code, result.output
    assert [
        f"{ID}: approved, stage release",
        "  approve by 에이다, stage release, 2026-09-21T14:13:20Z",
        "  dispatch owed, attempts: 2, last error: GitHub is down",
        "  https://github.com/r",
    ] == result.stdout.splitlines()
    (asked,) = httpx_mock.get_requests()
    assert API_KEY == asked.headers["x-relay-key"]


@pytest.mark.parametrize("command", ["status", "cancel"])
def test_as_json_it_is_the_relays_answer(httpx_mock: HTTPXMock, command: str) -> None:
    httpx_mock.add_response(json=STANDS)
    assert STANDS == json.loads(run(command, ID, "--json", env=ENV).stdout)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"status": "pending", "stage": ""}, f"{ID}: pending"),
        ({"reviews": "none"}, f"{ID}: approved, stage release"),
        ({"reviews": [1, {"verdict": "approve", "by": 7}]}, "  approve by an unknown person, stage None, None"),
        ({"reviews": [{"verdict": "reject", "by": {"id": "github:1"}}]}, "  reject by github:1, stage None, None"),
        ({"dispatch": {"status": "none", "attempts": 0, "last_error": None, "run_url": None}}, "  dispatch none"),
        ({"dispatch": None}, f"{ID}: approved, stage release"),
        ({"run": {"status": "queued", "at": "T", "text": "", "url": ""}}, "  run queued, T"),
        ({"run": {"status": "failure", "at": "T", "text": "no\nquota", "url": "u"}}, "  run failure, T: no quota"),
        ({"run": {"status": "failure", "at": "T", "text": None, "url": "https://u"}}, "  https://u"),
    ],
)
def test_what_is_not_there_is_left_out(httpx_mock: HTTPXMock, changes: dict[str, object], line: str) -> None:
    httpx_mock.add_response(json={**STANDS, **changes})
    result = run("status", ID, env=ENV)
    assert 0 == result.exit_code
    assert line in result.stdout.splitlines()


@pytest.mark.parametrize("command", ["status", "cancel"])
def test_a_refusal_is_shown_with_its_cure(httpx_mock: HTTPXMock, command: str) -> None:
    httpx_mock.add_response(status_code=404, json={"error": "unknown-request", "message": "Not known."})
    result = run(command, ID, env=ENV)
    assert 1 == result.exit_code
    assert "The relay answered 404 unknown-request: Not known. Usually the id is mistyped" in result.stderr


@pytest.mark.parametrize("command", ["status", "cancel"])
@pytest.mark.parametrize(
    ("arguments", "env", "told"),
    [
        (("../../keys",), ENV, "is not the id of a request"),
        (("a?b",), ENV, "is not the id of a request"),
        ((), ENV, "Missing argument 'ID'"),
        ((ID,), {"RELAY_URL": RELAY}, "--api-key: is required"),
        ((ID,), {"RELAY_API_KEY": API_KEY}, "Missing option '--relay'"),
    ],
)
def test_wrong_usage_asks_nobody(command: str, arguments: tuple[str, ...], env: dict[str, str], told: str) -> None:
    result = run(command, *arguments, env=env)
    assert 2 == result.exit_code
    assert told in result.stderr


@pytest.mark.parametrize(("by", "name"), [("key:ops", "key:ops"), ("key:ci", "key:ci"), (None, "an unknown key")])
def test_a_cancelled_request_tells_the_key_and_the_time(httpx_mock: HTTPXMock, by: str | None, name: str) -> None:
    cancelled = {"id": ID, "status": "cancelled", "cancelled_by": by, "cancelled_at": "2026-09-21T14:13:20Z"}
    httpx_mock.add_response(json=cancelled)
    assert f"  cancelled by {name}, 2026-09-21T14:13:20Z" in run("status", ID, env=ENV).stdout.splitlines()


def test_a_run_that_was_decided_on_github_was_cancelled_by_no_key(httpx_mock: HTTPXMock) -> None:
    by, at = "decided on GitHub", "2026-09-21T14:13:20Z"
    httpx_mock.add_response(json={"id": ID, "status": "cancelled", "cancelled_by": by, "cancelled_at": at})
    assert [f"{ID}: cancelled", f"  decided on GitHub, {at}"] == run("status", ID, env=ENV).stdout.splitlines()
