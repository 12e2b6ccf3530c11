"""Rules that start a workflow: registered within GitHub's limits, started when approved, and redeemed by that run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.signed import canonical_json, jws
from relay.signed.workflow_inputs import KEPT_FREE, MAX_CHARACTERS
from tests.support import example_policy, github_webhooks, road
from tests.support.github_tokens import bearer

URL = "https://api.github.com/repos/octo/flow/actions/workflows/release.yml/dispatches"
PAGE = "https://github.com/octo/flow/actions/runs/4711"
RULE = """
[[rule]]
repository = "octo/flow"
event_types = ["release"]
requests = ["key", "offline"]
target = "workflow_dispatch"
workflow = "release.yml"
refs = ["refs/heads/main", "refs/tags/v*"]
reject_event_types = ["stop"]
self_approval = true
[[rule.stage]]
approvers = ["ada"]
"""
FORM: dict[str, Any] = {
    "repository": "octo/flow",
    "event_type": "release",
    "title": "Release",
    "ref": "refs/heads/main",
    "client_payload": {"version": "1.2.3", "dry": False, "n": 3, "nested": {"b": 1, "a": "ü"}},
}


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=example_policy.POLICY + RULE) as made:
        yield made


def asked(here: road.Road, **changes: Any) -> dict[str, Any]:
    reply = here.ask(FORM | changes)
    return {**road.said(reply), "status": reply.status}


def approved(here: road.Road, comment: str = "go", **changes: Any) -> dict[str, Any]:
    """Approve a request, and return what GET tells of it."""
    made = asked(here, **changes)
    here.press("ada", "approve", made["ticket"], comment)
    found: dict[str, Any] = road.said(here.show(made["id"]))
    return found


def started(httpx_mock: HTTPXMock) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(httpx_mock.get_requests(url=URL)[-1].content)
    return sent


def test_an_approval_starts_the_workflow_at_the_ref_and_shows_its_run_at_once(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=URL, json={"workflow_run_id": 4711, "html_url": PAGE})
    dispatch = approved(here)["dispatch"]
    assert {"status": "delivered", "attempts": 1, "last_error": None, "run_url": PAGE} == dispatch
    sent = started(httpx_mock)
    inputs = sent["inputs"]
    assert ("main", True) == (sent["ref"], sent["return_run_details"])
    approval = json.loads(inputs.pop("approval"))
    assert {"version": "1.2.3", "dry": "false", "n": "3", "nested": '{"a":"ü","b":1}'} == inputs
    claims = json.loads(jws.read(approval["receipt"]).payload)
    assert ("workflow_dispatch", "release.yml", "release") == (
        claims["target"],
        claims["workflow"],
        claims["event_type"],
    )
    assert ["dry", "n", "nested", "version"] == claims["inputs"]
    assert canonical_json.sha256(canonical_json.encode(inputs)) == claims["payload_sha256"]


@pytest.mark.parametrize("ref", [None, "main", "refs/heads/", "refs/pull/7/merge", "0123456789abcdef"])
def test_a_request_names_a_full_branch_or_tag(ref: str | None, here: road.Road) -> None:
    before = here.recorded()
    made = asked(here, ref=ref)
    assert (400, "malformed", "ref") == (made["status"], made["error"], made["field"])
    assert before == here.recorded()


def test_the_refs_of_the_rule_hold_for_keys_too(here: road.Road) -> None:
    made = asked(here, ref="refs/heads/evil")
    assert (403, "not-allowed") == (made["status"], made["error"])
    assert 201 == asked(here, ref="refs/tags/v1")["status"]


def test_twenty_four_keys_are_taken_and_one_more_is_not(here: road.Road) -> None:
    keys = {f"key-{number}": str(number) for number in range(24)}
    assert 201 == asked(here, client_payload=keys)["status"]
    made = asked(here, client_payload=keys | {"more": "1"})
    assert (400, "client_payload") == (made["status"], made["field"])
    assert "takes at most 24 top-level keys" in made["message"]


def test_a_rejection_by_an_event_takes_nine_keys_as_every_event_does(here: road.Road) -> None:
    keys = {f"key-{number}": str(number) for number in range(10)}
    made = asked(here, client_payload=keys, reject_event_type="stop")
    assert (400, "client_payload") == (made["status"], made["field"])
    assert "takes at most 9 top-level keys" in made["message"]
    api = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production"}
    assert "takes at most 9 top-level keys" in asked(here, **api, client_payload=keys)["message"]


def test_sixteen_kib_stay_free_for_the_approval(here: road.Road) -> None:
    escaped = {"deep": {"a": '"' * 20_000}}  # 40 KB of JSON, which as an input need 80 KB
    made = asked(here, client_payload=escaped)
    assert (400, "client_payload") == (made["status"], made["field"])
    assert f"{MAX_CHARACTERS - KEPT_FREE} characters" in made["message"]


def test_a_comment_that_would_take_more_is_cut_with_an_ellipsis(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=204)
    found = approved(here, comment="\u0007" + '\\"' * 400, client_payload={"big": "x" * 40_000})
    assert "delivered" == found["dispatch"]["status"]
    approval = json.loads(started(httpx_mock)["inputs"]["approval"])
    assert len(approval["reviews"][0]["comment"]) <= 1_000


def test_inputs_that_the_workflow_does_not_take_are_told_with_githubs_words_and_the_cure(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    message = 'Unexpected inputs provided: ["nested"]'
    httpx_mock.add_response(url=URL, status_code=422, json={"message": message})
    found = approved(here)
    assert ("refused", "it finds the inputs or the ref invalid") == (
        found["dispatch"]["status"],
        found["dispatch"]["last_error"],
    )
    cure = here.case(found["id"]).debts[0].cure
    assert f"GitHub says: {message}. The workflow needs" in cure


def test_an_offline_request_is_judged_by_the_same_limits_at_its_first_press(here: road.Road) -> None:
    form = {"repository": "octo/flow", "event_type": "release", "environment": ""}
    without = here.press("ada", "approve", road.ticket(road.offline(**form)))
    assert (400, "malformed") == road.outcome(without)
    elsewhere = here.press("ada", "approve", road.ticket(road.offline(**form, ref="refs/heads/evil")))
    assert (403, "not-allowed") == road.outcome(elsewhere)
    assert "from other branches or tags" in elsewhere.headers["CARD-ACTION-STATUS"]
    assert road.NOTHING == here.recorded()


def test_only_a_run_of_the_rules_target_redeems(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, status_code=204)
    approved(here)
    receipt = json.loads(started(httpx_mock)["inputs"]["approval"])["receipt"]
    token = {"repository": "octo/flow", "run_id": "4711"}
    other = here.redeem({"receipt": receipt}, authorization=bearer("repository-dispatch", **token))
    assert (403, "Only a run that workflow_dispatch started redeems its approval.") == (
        other.status,
        road.said(other)["message"],
    )
    won = here.redeem({"receipt": receipt}, authorization=bearer("workflow-dispatch", **token))
    assert (200, True) == (won.status, road.said(won)["first"])


@pytest.mark.parametrize("changes", [{}, {"display_title": "Release", "created_at": "2001-01-01T00:00:00Z"}])
def test_a_webhook_tells_of_the_run_that_github_named_whatever_its_title_and_time(
    here: road.Road, httpx_mock: HTTPXMock, changes: dict[str, Any]
) -> None:
    httpx_mock.add_response(url=URL, json={"workflow_run_id": 4711, "html_url": PAGE})
    found = approved(here)
    assert ("queued", PAGE, "4711") == tuple(found["run"][name] for name in ("status", "url", "id"))
    own = {"id": 4711, "html_url": PAGE, "event": "workflow_dispatch"} | changes
    event = github_webhooks.workflow_run("completed", found["id"], here.now(), **own)
    event["repository"]["full_name"] = "octo/flow"
    assert "taken" == road.said(here.webhook(event))["status"]
    run = road.said(here.show(found["id"]))["run"]
    assert ("success", PAGE) == (run["status"], run["url"])


@pytest.mark.parametrize("changes", [{"id": 4712}, {"event": "repository_dispatch"}])
def test_a_run_that_github_did_not_name_is_of_others(
    here: road.Road, httpx_mock: HTTPXMock, changes: dict[str, Any]
) -> None:
    httpx_mock.add_response(url=URL, json={"workflow_run_id": 4711, "html_url": PAGE})
    found = approved(here)
    own = {"id": 4711, "event": "workflow_dispatch", "display_title": "Release"} | changes
    event = github_webhooks.workflow_run("completed", found["id"], here.now(), **own)
    event["repository"]["full_name"] = "octo/flow"
    assert "ignored" == road.said(here.webhook(event))["status"]
    assert "queued" == road.said(here.show(found["id"]))["run"]["status"]
