"""The built-in GitHub, by the table of GitHub's own answers."""

import json
import time

import httpx
import pytest

from relay.dev.simulator.github import GitHub
from relay.dev.simulator.github_modes import MODES
from relay.github.answers import classify
from relay.model import Delivered, Refused, RetryAfter
from relay.net.call import HttpResponse as Answered
from tests.dev.simulator.here import Here, ask, github, press, state

HEADERS = {"authorization": "Bearer t", "user-agent": "test", "accept": "application/vnd.github+json"}
PATH = "/repos/octo/shop/dispatches"


def make() -> GitHub:
    return GitHub("t", lambda: None, slowness=0.01)


def dispatch(**changes: object) -> bytes:
    return json.dumps({"event_type": "deploy", "client_payload": {"a": 1}, **changes}).encode()


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
