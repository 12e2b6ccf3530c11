import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import API_KEY, RELAY, run

ID = "a" * 32
ENV = {"RELAY_URL": RELAY, "RELAY_API_KEY": API_KEY}
JOB = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "octo/api", "GITHUB_RUN_ID": "7"}
URL = f"{RELAY}/api/requests/{ID}/report"


def event(tmp_path: Path, found: object) -> dict[str, str]:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(found), "utf-8")
    return {"GITHUB_EVENT_PATH": str(path)}


def told(httpx_mock: HTTPXMock) -> Any:
    (asked,) = httpx_mock.get_requests()
    assert API_KEY == asked.headers["x-relay-key"]
    return json.loads(asked.content)


def test_it_takes_the_id_from_the_event_and_the_address_of_the_run(httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(method="POST", url=URL, json={"id": ID, "run": {"status": "running"}})
    given = event(tmp_path, {"client_payload": {"approval": {"id": ID}}})
    result = run("report", "--state", "started", env=ENV | JOB | given)
    assert (0, f"{ID}: run running") == (result.exit_code, result.stdout.strip())
    assert {"state": "started", "text": "", "url": "https://github.com/octo/api/actions/runs/7"} == told(httpx_mock)


def test_the_id_may_be_in_an_input_of_the_workflow(httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(method="POST", url=URL, json={"id": ID, "run": {"status": "running"}})
    given = event(tmp_path, {"inputs": {"approval": json.dumps({"id": ID})}})
    assert 0 == run("report", "--state", "started", env=ENV | given).exit_code


def test_the_address_of_a_later_attempt_says_so(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=URL, json={"id": ID, "run": None})
    result = run("report", ID, "--state", "failure", "--text", "한도 초과", env=ENV | JOB | {"GITHUB_RUN_ATTEMPT": "2"})
    assert f"{ID}: run unknown" == result.stdout.strip()
    expected = {"state": "failure", "text": "한도 초과", "url": "https://github.com/octo/api/actions/runs/7/attempts/2"}
    assert expected == told(httpx_mock)


def test_half_a_character_and_the_colours_of_a_tool_keep_no_failure_from_being_told(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=URL, json={"id": ID, "run": {"status": "failure"}})
    cut = "한도 초과".encode()[1:].decode("utf-8", "surrogateescape")  # as Python reads an argument that is not UTF-8
    result = run("report", ID, "--state", "failure", "--text", f"{cut}: \x1b[31mred\x1b[0m\x00\n", env=ENV)
    assert (0, "\ufffd도 초과: red\n") == (result.exit_code, told(httpx_mock)["text"])


def test_outside_of_a_workflow_there_is_no_address(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=URL, json={"id": ID, "run": {"status": "success"}})
    assert 0 == run("report", ID, "--state", "success", "--text", "", env=ENV).exit_code
    assert {"state": "success", "text": ""} == told(httpx_mock)


def test_an_address_of_ones_own_is_sent(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=URL, json={"id": ID, "run": {"status": "success"}})
    run("report", ID, "--state", "success", "--url", "https://preview.example", env=ENV | JOB)
    assert "https://preview.example" == told(httpx_mock)["url"]


@pytest.mark.parametrize(
    ("arguments", "found", "said"),
    [
        (("--state", "done"), None, "'done' is not one of"),
        ((ID,), None, "Missing option '--state'"),
        (("../x", "--state", "success"), None, "is not the id of a request"),
        (("--state", "success"), None, "ID: is not given"),
        (("--state", "success"), {"client_payload": {"approval": {"id": "../x"}}}, "ID: is not given"),
        (("--state", "success"), {"client_payload": None}, "ID: is not given"),
        (("--state", "success"), [], "ID: is not given"),
        (("--state", "success"), {"inputs": {"approval": "{"}}, "ID: is not given"),
        ((ID, "--state", "success", "--text", "x" * 1_001), None, "takes at most 1000 characters, and has 1001"),
        ((ID, "--state", "success", "--url", "javascript:x"), None, "is no http or https address"),
        ((ID, "--state", "success", "--url", ""), None, "--url: is empty"),
    ],
)
def test_wrong_usage_asks_nobody(tmp_path: Path, arguments: tuple[str, ...], found: object, said: str) -> None:
    given = {} if found is None else event(tmp_path, found)
    result = run("report", *arguments, env=ENV | given)
    assert 2 == result.exit_code
    assert said in result.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [("not-dispatched", "Usually the id is of another request"), ("too-many", "The relay answered 409 too-many: No.")],
)
def test_a_refusal_is_shown_with_its_cure(httpx_mock: HTTPXMock, code: str, said: str) -> None:
    httpx_mock.add_response(status_code=409, json={"error": code, "message": "No."})
    result = run("report", ID, "--state", "success", env=ENV)
    assert 1 == result.exit_code
    assert said in result.stderr
