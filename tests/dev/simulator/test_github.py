"""The built-in GitHub, by the table of GitHub's own answers."""

import base64
import json
import time
from typing import Any

import httpx
import pytest

from relay.dev.simulator.github import GitHub
from relay.dev.simulator.github_modes import MODES
from relay.doctor.github.listening import read_workflow
from relay.github.answers import classify
from relay.model.debts import Delivered, Refused, RetryAfter
from relay.net.call import HttpResponse as Answered
from tests.dev.simulator.here import Here, ask, github, press, state

HEADERS = {"authorization": "Bearer t", "user-agent": "test", "accept": "application/vnd.github+json"}
PATH = "/repos/octo/shop/dispatches"
START = "/repos/octo/shop/actions/workflows/release.yml/dispatches"


def make() -> GitHub:
    return GitHub("t", lambda: None, slowness=0.01)


def dispatch(**changes: object) -> bytes:
    return json.dumps({"event_type": "deploy", "client_payload": {"a": 1}, **changes}).encode()


def starting(**changes: object) -> bytes:
    return json.dumps({"ref": "main", "inputs": {"a": "1"}, "return_run_details": True, **changes}).encode()


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (starting(), 200, "https://github.com/octo/shop/actions/runs/18200400001"),
        (starting(inputs={}), 200, "workflow_run_id"),
        (starting(return_run_details=False), 204, ""),
        (b'{"ref": "main"}', 204, ""),
        (starting(ref=""), 422, "ref must be a string"),
        (starting(ref=None), 422, "ref must be a string"),
        (starting(inputs=[]), 422, "inputs must be an object of strings"),
        (starting(inputs={"a": 1}), 422, "inputs must be an object of strings"),
        (starting(inputs=dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "")), 422, "No more than 25 properties"),
        (starting(inputs={"a": "x" * 65_535}), 422, "inputs are too large."),
        (b"{", 400, "Problems parsing JSON"),
    ],
)
def test_the_start_of_a_workflow_is_checked_and_its_run_told(body: bytes, status: int, said: str) -> None:
    github = make()
    answer = github.take("POST", START, HEADERS, body)
    assert status == answer.status
    assert said in answer.body.decode()
    (kept,) = github.received()
    assert ("octo/shop", "release.yml", status < 300) == (kept["repository"], kept["workflow"], kept["taken"])


@pytest.mark.parametrize(
    ("version", "body", "status"),
    [
        ("2026-03-10", b'{"ref": "main"}', 200),
        ("2026-03-10", starting(), 422),
        ("2022-11-28", starting(), 200),
        ("1999-01-01", starting(), 400),
    ],
)
def test_each_version_of_the_api_tells_the_run_in_its_own_way(version: str, body: bytes, status: int) -> None:
    assert status == make().take("POST", START, {**HEADERS, "x-github-api-version": version}, body).status


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (dispatch(), 204, ""),
        (b'{"event_type": "x"}', 204, ""),
        (dispatch(event_type="x" * 100), 204, ""),
        (dispatch(event_type="x" * 101), 422, "Invalid request"),
        (dispatch(event_type=""), 422, "Invalid request"),
        (dispatch(event_type=7), 422, "Invalid request"),
        (dispatch(client_payload=[]), 422, "Invalid request"),
        (dispatch(client_payload=dict.fromkeys("abcdefghij")), 204, ""),
        (
            dispatch(client_payload=dict.fromkeys("abcdefghijklmn")),
            422,
            "No more than 10 properties are allowed; 14 were",
        ),
        (dispatch(client_payload={"a": "x" * 65_000}), 204, ""),
        (dispatch(client_payload={"a": "x" * 65_535}), 422, "client_payload is too large."),
        (b"{", 400, "Problems parsing JSON"),
        (b"[" * 100_000, 400, "Problems parsing JSON"),
        (b"\xff", 400, "Problems parsing JSON"),
        (dispatch(client_payload={"a": float("nan")}), 400, "Problems parsing JSON"),
        (b"[]", 400, "Body should be a JSON object"),
    ],
)
def test_a_dispatch_is_checked_as_github_checks_it(body: bytes, status: int, said: str) -> None:
    github = make()
    answer = github.take("POST", PATH, HEADERS, body)
    assert status == answer.status
    assert said in answer.body.decode()
    assert [(status, status == 204)] == [(each["status"], each["taken"]) for each in github.received()]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", PATH, HEADERS, 404),
        ("POST", PATH + "/", HEADERS, 404),
        ("POST", "/repos/octo/shop", HEADERS, 404),
        ("POST", PATH, {**HEADERS, "authorization": "Bearer other"}, 401),
        ("POST", PATH, {"authorization": "Bearer t"}, 403),
    ],
)
def test_other_calls_get_githubs_other_answers(method: str, path: str, headers: dict[str, str], status: int) -> None:
    assert status == make().take(method, path, headers, dispatch()).status


BEHAVIOUR = {
    "healthy": (204, True, Delivered),
    "slow": (204, True, Delivered),
    "failing": (500, False, RetryAfter),
    "taken-502": (502, True, RetryAfter),
    "rate-limited": (429, False, RetryAfter),
    "secondary": (403, False, RetryAfter),
    "forbidden": (403, False, Refused),
    "missing": (404, False, Refused),
}


@pytest.mark.parametrize("mode", BEHAVIOUR)
def test_the_switch_says_how_it_answers_and_the_relay_reads_it_so(mode: str) -> None:
    status, taken, outcome = BEHAVIOUR[mode]
    github = make()
    github.switch(mode)
    answer = github.take("POST", PATH, HEADERS, dispatch())
    (received,) = github.received()
    assert (mode, status, status, taken) == (github.mode, answer.status, received["status"], received["taken"])
    headers = {name.lower(): value for name, value in answer.headers.items()}
    read = classify(Answered(answer.status, headers, answer.body), time.time())
    assert outcome is type(read)
    assert (mode == "forbidden") == ("x-accepted-github-permissions" in headers)
    assert {"rate-limited": "20", "secondary": "60"}.get(mode) == headers.get("retry-after")
    assert ("0" if mode == "rate-limited" else "4999") == headers["x-ratelimit-remaining"]
    if isinstance(read, RetryAfter):
        assert (status >= 500) is read.ambiguous
        assert {"rate-limited": 20, "secondary": 60}.get(mode, 0) == read.seconds
    assert "Bearer t" not in json.dumps(github.received())


def test_when_it_is_down_the_connection_is_cut_and_shown_as_no_answer(simulator: Here, page: httpx.Client) -> None:
    assert {*BEHAVIOUR, "down"} == set(MODES)
    with github(page, "down"):
        for path in ("/repos/octo/shop/dispatches", "/"):
            with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
                httpx.post(f"{simulator.origin}/simulator/github{path}", trust_env=False)
        card = press(page, ask(page, "production")["id"], "ada")
    assert "approved-retrying" == card["line"]["outcome"]
    assert "the connection broke" in card["request"]["dispatch"]["last_error"]
    (shown,) = state(page)["dispatches"]
    assert (0, False, "The connection was cut without an answer.") == (
        shown["status"],
        shown["taken"],
        shown["said"],
    )


def test_a_slow_answer_ends_with_the_simulator() -> None:
    github = GitHub("t", lambda: None, slowness=600)
    github.switch("slow")
    github.close()
    assert 204 == github.take("POST", PATH, HEADERS, dispatch()).status


def test_a_missing_permission_is_told_to_the_person(page: httpx.Client) -> None:
    with github(page, "forbidden"):
        card = press(page, ask(page, "staging")["id"], "ada", comment="Fine.")
    assert "approved-refused" == card["line"]["outcome"]
    latest = state(page)["dispatches"][0]
    assert (403, "Resource not accessible by personal access token") == (latest["status"], latest["said"])
    assert "Bearer (not kept)" == latest["headers"]["authorization"]
    assert None is latest["verify"]


def test_only_the_last_thirty_are_kept() -> None:
    github = make()
    for _ in range(31):
        github.take("POST", PATH, HEADERS, dispatch())
    assert list(range(31, 1, -1)) == [each["number"] for each in github.received()]


def test_it_tells_what_the_doctor_asks_and_keeps_no_question() -> None:
    github = GitHub("t", lambda: None, accounts={"ada": 7})
    headers = {"authorization": "Bearer t", "user-agent": "relay"}

    def told(path: str) -> tuple[int, Any]:
        answer = github.take("GET", path, headers, b"")
        return answer.status, json.loads(answer.body)

    assert (200, 7) == (told("/users/ada")[0], told("/users/ada")[1]["id"])
    assert 404 == told("/users/nobody")[0]
    assert (200, "octo/shop") == (told("/repos/octo/shop")[0], told("/repos/octo/shop")[1]["full_name"])
    assert 5_000 == told("/rate_limit")[1]["resources"]["core"]["limit"]
    (listed,) = told("/repos/octo/shop/contents/.github/workflows")[1]
    content = told(f"/repos/octo/shop/contents/.github/workflows/{listed['name']}")[1]["content"]
    assert read_workflow("release.yml", base64.b64decode(content).decode()).hears("deploy")
    assert 422 == github.take("POST", "/repos/octo/shop/dispatches", headers, b"{}").status
    assert [] == github.received()
