"""The built-in GitHub, by the table of GitHub's own answers."""

import json

import pytest

from relay.simulator.github import GitHub

HEADERS = {"authorization": "Bearer t", "user-agent": "test", "accept": "application/vnd.github+json"}
PATH = "/repos/octo/shop/dispatches"


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
        (b"[]", 400, "Body should be a JSON object"),
    ],
)
def test_a_dispatch_is_checked_as_github_checks_it(body: bytes, status: int, said: str) -> None:
    github = GitHub("t")
    answer = github.take("POST", PATH, HEADERS, body)
    assert status == answer.status
    assert said in answer.body.decode()
    assert [status] == [each["status"] for each in github.received()]


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
    assert status == GitHub("t").take(method, path, headers, dispatch()).status


@pytest.mark.parametrize(("mode", "status"), [("failing", 500), ("forbidden", 403), ("healthy", 204)])
def test_the_switch_says_how_it_answers(mode: str, status: int) -> None:
    github = GitHub("t")
    github.switch(mode)
    answer = github.take("POST", PATH, HEADERS, dispatch())
    assert (mode, status) == (github.mode, answer.status)
    assert (mode == "forbidden") == ("X-Accepted-GitHub-Permissions" in answer.headers)
    assert "Bearer t" not in json.dumps(github.received())
