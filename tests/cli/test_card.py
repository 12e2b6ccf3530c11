import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import API_KEY, ASK, OFFLINE, OPEN, RELAY, TICKET_KEY, opened, run
from tests.support.entra_tokens import NOW


def test_a_card_carries_its_request_and_works_offline() -> None:
    result = run("card", "--format", "messagecard", *ASK, "--environment", "production", env=OFFLINE)
    assert 0 == result.exit_code, result.output
    card: dict[str, Any] = json.loads(result.stdout)
    assert "배포 승인" == card["title"]
    assert "배포 승인" in result.stdout
    approve, reject = card["potentialAction"]
    assert ("Approve", "Reject") == (approve["name"], reject["name"])
    assert f"{RELAY}/api/interactions/messagecard" == approve["actions"][0]["target"]
    request = opened(result).request
    assert request is not None
    assert ("octo/api", "deploy-api", "production") == (request.repository, request.event_type, request.environment)
    assert (NOW, NOW + 86_400) == (request.issued_at, request.expires_at)


def test_github_actions_gives_the_defaults() -> None:
    env = {
        **OFFLINE,
        "GITHUB_REPOSITORY": "octo/api",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
        "GITHUB_ACTOR": "octocat",
        "GITHUB_ACTOR_ID": "583231",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": "42",
    }
    result = run("card", "--event-type", "deploy-api", "--title", "Deploy", "--ref", "v2", env=env)
    request = opened(result).request
    assert request is not None
    assert ("octo/api", "v2", "octocat", 583231) == (
        request.repository,
        request.ref,
        request.requested_by,
        request.requested_by_id,
    )
    assert "https://github.com/octo/api/actions/runs/42" == request.run_url
    assert env["GITHUB_SHA"] == request.sha


@pytest.mark.parametrize(
    ("first", "again", "options", "expected"),
    [
        ("octocat", "ada", (), ("octocat", "ada")),
        ("renovate[bot]", "ada", (), ("renovate[bot]", "ada")),
        ("octocat", "OctoCat", (), ("octocat", "")),
        ("octocat", "", (), ("octocat", "")),
        ("octocat", "ada", ("--requested-by", "Ada"), ("Ada", "")),
        ("octocat", "ada", ("--requested-by-also", "lin"), ("octocat", "lin")),
    ],
)
def test_who_runs_a_workflow_again_is_a_requester(
    first: str, again: str, options: tuple[str, ...], expected: tuple[str, str]
) -> None:
    env = {**OFFLINE, "GITHUB_ACTOR": first, "GITHUB_ACTOR_ID": "1", "GITHUB_TRIGGERING_ACTOR": again}
    request = opened(run("card", *ASK, *options, env=env)).request
    assert request is not None
    assert expected == (request.requested_by, request.requested_by_also)


def test_without_an_event_type_it_is_a_notification_that_needs_no_key() -> None:
    result = run("card", "--repository", "octo/api", "--summary", "끝났다", "--actions", json.dumps([OPEN] * 4))
    assert 0 == result.exit_code, result.output
    card = json.loads(result.stdout)
    assert "끝났다" == card["title"]
    assert ["Logs"] * 4 == [action["name"] for action in card["potentialAction"]]


def test_a_large_text_is_a_limit_of_the_card_and_not_only_of_the_ticket() -> None:
    facts = [part for number in range(50) for part in ("--fact", f"{number}={'가' * 300}")]
    result = run("card", "--repository", "octo/api", "--title", "x", *facts)
    assert 2 == result.exit_code
    assert "--text: the card breaks a limit: the card has" in result.stderr


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://Relay.Example/", "https://relay.example"),
        ("https://relay.example:443", "https://relay.example"),
        ("https://relay.example:8443", "https://relay.example:8443"),
        ("http://127.0.0.1:7071", "http://127.0.0.1:7071"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:7071", "http://[::1]:7071"),
    ],
)
def test_the_relay_is_its_origin(given: str, origin: str) -> None:
    result = run("card", *ASK, "--relay", given, env=OFFLINE)
    assert 0 == result.exit_code, result.output
    target = json.loads(result.stdout)["potentialAction"][0]["actions"][0]["target"]
    assert f"{origin}/api/interactions/messagecard" == target


def test_under_github_actions_it_writes_outputs_and_masks_what_is_secret(tmp_path: Path) -> None:
    env = {
        **OFFLINE,
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": f"{tmp_path}/o",
        "GITHUB_STEP_SUMMARY": f"{tmp_path}/s",
    }
    result = run("card", *ASK, env=env)
    ticket = opened(result)
    outputs = (tmp_path / "o").read_text("utf-8").splitlines()
    assert [ticket.id, "2026-09-22T14:13:20Z", ""] == outputs[1::3]
    assert ["request-id", "expires-at", "review-url"] == [line.partition("<<")[0] for line in outputs[::3]]
    assert f"::add-mask::{TICKET_KEY}" in result.stderr
    assert 3 == result.stderr.count("::add-mask::")
    assert "### Approval requested: 배포 승인" in (tmp_path / "s").read_text("utf-8")


def test_a_registered_card_has_the_relays_ticket(httpx_mock: HTTPXMock) -> None:
    answer = {
        "id": "a" * 32,
        "status": "pending",
        "expires_at": "2026-09-21T15:00:00Z",
        "review_url": f"{RELAY}/api/review/x",
        "ticket": "t.t.t",
    }
    httpx_mock.add_response(method="POST", url=f"{RELAY}/api/requests", status_code=201, json=answer)
    result = run("card", "--register", *ASK, "--expires-in", "1h", env={"RELAY_URL": RELAY, "RELAY_API_KEY": API_KEY})
    assert 0 == result.exit_code, result.output
    (asked,) = httpx_mock.get_requests()
    assert API_KEY == asked.headers["x-relay-key"]
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포 승인", "expires_in": "1h"}
    assert form == json.loads(asked.content)
    card = json.loads(result.stdout)
    assert {"name": "Relay-Ticket", "value": "t.t.t"} in card["potentialAction"][0]["actions"][0]["headers"]
    assert "2026-09-21T15:00:00Z" in json.dumps(card)


@pytest.mark.parametrize("form", ["messagecard", "adaptive", "outlook-email"])
def test_a_senders_button_that_leads_to_the_relay_is_refused_with_its_option(form: str) -> None:
    button = {"@type": "HttpPOST", "name": "Show the test report", "target": f"{RELAY}/api/interactions/messagecard"}
    for option, value in (("--actions", [button]), ("--sections", [{"title": "x", "potentialAction": [button]}])):
        for asked in (ASK, ASK[:2] + ASK[4:]):
            result = run("card", "--format", form, *asked, option, json.dumps(value), env=OFFLINE)
            assert 2 == result.exit_code
            assert f"{option}: must not lead to the relay" in result.stderr
