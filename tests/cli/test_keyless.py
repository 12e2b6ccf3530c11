"""Commands without a key: the token of the job is fetched, masked, and sent to the relay alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.cli.releasing import KEYS, OUTPUTS, event
from tests.cli.running import ASK, RELAY, Sleeper, make_edges, run
from tests.cli.sending import CREATED, WEBHOOK

SERVICE = "https://pipelines.actions.githubusercontent.com/x/idtoken?api-version=2.0"
ASKED = f"{SERVICE}&audience=https%3A%2F%2Frelay.example"
JOB = {
    "RELAY_URL": f"{RELAY}/",
    "RELAY_WEBHOOK_URL": WEBHOOK,
    "GITHUB_ACTIONS": "true",
    "ACTIONS_ID_TOKEN_REQUEST_URL": SERVICE,
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token",
}
REDEEM = f"{RELAY}/api/receipts/redeem"
AGAIN = "The release was started again since, and only that later run redeems."


def gives_token(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=ASKED, json={"count": 1, "value": "job.token.x"})


def test_send_registers_with_the_token_of_its_job(httpx_mock: HTTPXMock) -> None:
    gives_token(httpx_mock)
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED | {"proven": ["run", "ref"]})
    httpx_mock.add_response(url=WEBHOOK, status_code=202)
    result = run("send", *ASK, env=JOB)
    assert 0 == result.exit_code, result.output
    service, registered, posted = httpx_mock.get_requests()
    assert "Bearer request-token" == service.headers["Authorization"]
    assert "Bearer job.token.x" == registered.headers["Authorization"]
    assert "x-relay-key" not in registered.headers
    assert "Authorization" not in posted.headers
    masked = {line for line in result.stderr.splitlines() if line.startswith("::add-mask::")}
    assert {f"::add-mask::{secret}" for secret in (WEBHOOK, "request-token", "job.token.x", "t.t.t")} == masked
    facts = {fact["name"]: fact["value"] for fact in json.loads(posted.content)["sections"][0]["facts"]}
    assert "ref, run" == facts["Proven by GitHub"]


def test_a_run_that_was_started_again_says_by_whom_even_if_by_the_same_person(httpx_mock: HTTPXMock) -> None:
    gives_token(httpx_mock)
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED)
    httpx_mock.add_response(url=WEBHOOK, status_code=202)
    again = {"GITHUB_RUN_ATTEMPT": "2", "GITHUB_ACTOR": "octocat", "GITHUB_TRIGGERING_ACTOR": "octocat"}
    result = run("send", *ASK, env=JOB | again)
    assert 0 == result.exit_code, result.output
    assert "octocat" == json.loads(httpx_mock.get_requests()[1].content)["requested_by_also"]


def test_a_key_that_is_given_is_used_and_no_token_is_fetched(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED)
    httpx_mock.add_response(url=WEBHOOK, status_code=202)
    result = run("send", *ASK, env=JOB | {"RELAY_API_KEY": "k" * 32})
    assert 0 == result.exit_code, result.output
    assert ["k" * 32, None] == [each.headers.get("x-relay-key") for each in httpx_mock.get_requests()]


def test_what_is_refused_to_a_token_is_not_told_as_a_fault_of_a_key(httpx_mock: HTTPXMock) -> None:
    gives_token(httpx_mock)
    said = "A workflow started by pull_request may not ask here."
    httpx_mock.add_response(
        url=f"{RELAY}/api/requests", status_code=403, json={"error": "not-allowed", "message": said}
    )
    result = run("send", *ASK, env=JOB)
    assert (1, True) == (result.exit_code, f"Error: The relay answered 403 not-allowed: {said}\n" in result.stderr)


def test_status_and_cancel_take_the_token_too(httpx_mock: HTTPXMock) -> None:
    for command, path in (("status", ""), ("cancel", "/cancel")):
        gives_token(httpx_mock)
        httpx_mock.add_response(url=f"{RELAY}/api/requests/abc{path}", json={"id": "abc", "status": "pending"})
        assert 0 == run(command, "abc", env=JOB).exit_code
    assert "Bearer job.token.x" == httpx_mock.get_requests()[-1].headers["Authorization"]


def test_a_job_without_the_permission_is_told_what_to_paste(httpx_mock: HTTPXMock) -> None:
    result = run("send", *ASK, env={name: value for name, value in JOB.items() if not name.startswith("ACTIONS_")})
    assert 2 == result.exit_code
    assert "    permissions:%0A      contents: read%0A      id-token: write%0A" in result.stderr
    assert [] == httpx_mock.get_requests()


@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
def test_a_token_service_that_is_busy_is_asked_again(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=ASKED, status_code=503)
    result = run("status", "abc", env=JOB)
    assert 1 == result.exit_code
    assert "GitHub's token service answered 503 and gave no token" in result.stderr
    assert 5 == len(httpx_mock.get_requests())


@pytest.mark.parametrize(
    "answer",
    [
        {"status_code": 401, "json": {"value": "x"}},
        {"json": {}},
        {"json": []},
        {"json": {"value": 5}},
        {"json": {"value": ""}},
        {"json": {"value": "a\nb"}},
        {"text": "<html>"},
        {"status_code": 302, "headers": {"Location": "https://evil.example"}},
    ],
)
def test_an_answer_without_a_token_is_a_failure(httpx_mock: HTTPXMock, answer: dict[str, Any]) -> None:
    httpx_mock.add_response(url=ASKED, **answer)
    result = run("status", "abc", env=JOB)
    assert 1 == result.exit_code
    assert "gave no token" in result.stderr


@pytest.mark.parametrize("url", ["http://evil.example/token", "ftp://x/", "https://a:b@x/", "x"])
def test_the_request_token_goes_to_https_alone(httpx_mock: HTTPXMock, url: str) -> None:
    result = run("status", "abc", env=JOB | {"ACTIONS_ID_TOKEN_REQUEST_URL": url})
    assert 1 == result.exit_code
    assert "ACTIONS_ID_TOKEN_REQUEST_URL is no https address" in result.stderr
    assert [] == httpx_mock.get_requests()


# relay verify --once


@pytest.fixture
def released(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "event.json").write_text(json.dumps(event()), "utf-8")
    return JOB | {
        "GITHUB_REPOSITORY": "octo/api",
        "GITHUB_RUN_ID": "77",
        "GITHUB_EVENT_PATH": f"{tmp_path}/event.json",
        "GITHUB_OUTPUT": f"{tmp_path}/output",
    }


@pytest.mark.parametrize("first", [True, False])
def test_a_run_that_wins_has_once_among_its_outputs(
    httpx_mock: HTTPXMock, released: dict[str, str], tmp_path: Path, first: bool
) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/keys", json=KEYS)
    gives_token(httpx_mock)
    won = {"id": OUTPUTS["id"], "first": first, "redeemed_by": {"repository": "octo/api", "run_id": "77"}}
    httpx_mock.add_response(url=REDEEM, json=won)
    result = run("verify", "--once", env=released)
    assert 0 == result.exit_code, result.output
    lines = (tmp_path / "output").read_text("utf-8").splitlines()
    assert OUTPUTS | {"once": "true"} == dict(
        zip((line.partition("<<")[0] for line in lines[::3]), lines[1::3], strict=True)
    )
    sent = json.loads(httpx_mock.get_requests()[-1].content)
    assert {"receipt": event()["client_payload"]["approval"]["receipt"]} == sent
    assert "replay" not in result.stderr


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (
            409,
            {"error": "already-redeemed", "redeemed_by": {"repository": "octo/api", "run_id": "66"}},
            "Release nothing. Run 66 has redeemed this approval already.",
        ),
        (
            409,
            {"error": "already-redeemed", "redeemed_by": {"repository": "octo/api"}},
            "Release nothing. Another run has redeemed this approval already.",
        ),
        (
            409,
            {"error": "already-redeemed", "message": f"{AGAIN} Release nothing."},
            f"Error: Release nothing. {AGAIN}\n",
        ),
        (410, {"error": "expired", "message": "x"}, "Release nothing. The receipt has expired"),
    ],
)
def test_a_run_that_does_not_win_releases_nothing(
    httpx_mock: HTTPXMock, released: dict[str, str], tmp_path: Path, status: int, body: object, said: str
) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/keys", json=KEYS)
    gives_token(httpx_mock)
    httpx_mock.add_response(url=REDEEM, status_code=status, json=body)
    result = run("verify", "--once", env=released)
    assert 3 == result.exit_code
    assert said in result.stderr
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": "not-genuine", "message": "x"}),
        (403, {"error": "not-allowed", "message": "x"}),
        (404, {"error": "not-found", "message": "x"}),
        (409, {"x": 1}),
        (409, []),
        (200, []),
        (302, {}),
    ],
)
def test_an_answer_that_is_no_verdict_is_a_failure(
    httpx_mock: HTTPXMock, released: dict[str, str], tmp_path: Path, status: int, body: object
) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/keys", json=KEYS)
    gives_token(httpx_mock)
    httpx_mock.add_response(url=REDEEM, status_code=status, json=body)
    result = run("verify", "--once", env=released)
    assert 1 == result.exit_code, result.output
    assert not (tmp_path / "output").exists()


@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
def test_a_relay_that_is_away_is_asked_for_a_minute(httpx_mock: HTTPXMock, released: dict[str, str]) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/keys", json=KEYS)
    gives_token(httpx_mock)
    httpx_mock.add_response(url=REDEEM, status_code=503)
    sleeper = Sleeper()
    assert 1 == run("verify", "--once", env=released, context=make_edges(sleeper)).exit_code
    assert 7 == len(httpx_mock.get_requests(url=REDEEM))
    assert [1, 2, 4, 8, 16, 29] == sleeper.sleeps  # the last try is at the end of the minute


def test_by_key_the_run_says_its_id(httpx_mock: HTTPXMock, released: dict[str, str]) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/keys", json=KEYS)
    httpx_mock.add_response(url=REDEEM, json={"id": "x", "first": True})
    assert 0 == run("verify", "--once", env=released | {"RELAY_API_KEY": "k" * 32}).exit_code
    assert "77" == json.loads(httpx_mock.get_requests()[-1].content)["run_id"]


def test_an_event_that_is_not_genuine_redeems_nothing(httpx_mock: HTTPXMock, released: dict[str, str]) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/keys", json=KEYS)
    assert 3 == run("verify", "--once", "--environment", "other", env=released).exit_code
    assert [f"{RELAY}/api/keys"] == [str(each.url) for each in httpx_mock.get_requests()]


def test_without_once_it_is_said_that_replay_was_not_checked(httpx_mock: HTTPXMock, released: dict[str, str]) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/keys", json=KEYS)
    result = run("verify", env=released)
    assert (0, True) == (result.exit_code, "replay not checked" in result.stderr)
