"""Permission to ask: the key's repositories, the rules of the policy, and approvers that can release."""

import json
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.api.asking import FORM
from tests.support import example_policy, road


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("", 401, "not-genuine"),
        ("guessed-0123456789ab", 401, "not-genuine"),
        ("키키키", 401, "not-genuine"),
        ("\udc80", 401, "not-genuine"),
        (road.FOREIGN_KEY, 403, "not-allowed"),
        (road.OPERATOR_KEY, 403, "not-allowed"),
    ],
)
def test_a_key_asks_for_its_own_repositories_only(here: road.Road, key: str, status: int, code: str) -> None:
    reply = here.ask(FORM, x_relay_key=key)
    assert (status, code) == (reply.status, road.said(reply)["error"])
    assert road.NOTHING == here.recorded()


def test_a_key_is_proven_before_the_body_is_measured_or_read(here: road.Road) -> None:
    assert 401 == here.post(b"x" * (2 << 20), x_relay_key="").status
    assert 413 == here.post(b"x" * (2 << 20)).status


@pytest.mark.parametrize(
    "change",
    [
        {"environment": "nowhere"},
        {"environment": None},
        {"event_type": "destroy"},
        {"environment": "keyed"},
        {"environment": "crowd"},
        {"reject_event_type": "not-listed"},
        {"repository": "octo/site", "event_type": "publish"},
    ],
)
def test_what_no_rule_takes_is_refused(here: road.Road, change: dict[str, str | None]) -> None:
    reply = here.ask(FORM | change)
    assert (403, "no-rule") == (reply.status, road.said(reply)["error"])
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize(
    ("approvers", "status", "said"),
    [
        (["ada"], 201, ""),
        (["group:owners"], 201, ""),
        (["anyone"], 201, ""),
        (["lin"], 400, "leaves 0 of 1 required approvers in stage release"),
        (["nobody"], 400, "names a person that the policy does not have"),
        (["group:none"], 400, "names a group that the policy does not have"),
    ],
)
def test_approvers_are_narrowed_only_to_who_can_release(
    here: road.Road, approvers: list[str], status: int, said: str
) -> None:
    reply = here.ask(FORM | {"approvers": approvers})
    assert status == reply.status
    if said:
        assert {"error": "malformed", "message": f"approvers: {said}", "field": "approvers"} == road.said(reply)


def test_whom_the_request_left_out_may_not_press(here: road.Road) -> None:
    made = road.said(here.ask(FORM | {"approvers": ["grace"]}))
    assert (403, "not-allowed") == road.outcome(here.press("ada", "approve", made["ticket"]))


@pytest.mark.parametrize(
    ("change", "field", "stage"),
    [
        ({"environment": "korea", "requested_by": "haneul"}, "requested_by", "검토"),
        (
            {"environment": "korea", "requested_by": "octocat", "requested_by_also": "Haneul"},
            "requested_by_also",
            "검토",
        ),
        ({"requested_by": "Ada", "approvers": ["ada"]}, "approvers", "release"),
        ({"requested_by": "renamed", "requested_by_id": 1001, "approvers": ["ada"]}, "approvers", "release"),
    ],
)
def test_a_request_that_nobody_could_approve_is_refused(
    here: road.Road, change: dict[str, object], field: str, stage: str
) -> None:
    reply = here.ask(FORM | change)
    said = road.said(reply)
    assert (400, "malformed", field) == (reply.status, said["error"], said["field"])
    assert f"in stage {stage}, since a requester may not approve" in said["message"]
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize("first", ["octocat", "renovate[bot]", "lin"])
def test_who_ran_a_workflow_again_may_reject_what_it_asks_for_and_not_approve_it(here: road.Road, first: str) -> None:
    asked = road.said(here.ask(FORM | {"requested_by": first, "requested_by_also": "ada"}))
    assert (403, "own-request") == road.outcome(here.press("ada", "approve", asked["ticket"]))
    assert (200, "rejected") == road.outcome(here.press("ada", "reject", asked["ticket"]))


@pytest.mark.parametrize(
    "change", [{"approvers": ["ada"]}, {"requested_by": "grace"}, {"requested_by_id": 1002, "approvers": ["ada"]}]
)
def test_no_request_takes_the_veto_from_an_approver(here: road.Road, change: dict[str, object]) -> None:
    asked = road.said(here.ask(FORM | change))
    assert 403 == here.press("grace", "approve", asked["ticket"]).status
    assert (200, "rejected") == road.outcome(here.press("grace", "reject", asked["ticket"]))


@pytest.mark.parametrize("repository", ["ada_acme/sandbox", "Ada_Acme/api", "a" * 45 + "_acme/x"])
def test_an_owner_may_be_a_managed_user(tmp_path: Path, httpx_mock: HTTPXMock, repository: str) -> None:
    owner = repository.partition("/")[0]
    policy = example_policy.POLICY.replace("octo/*", f"{owner}/*").replace("octo/site", f"{owner}/site")
    keys = f"ci:{road.API_KEY}:{owner}/*"
    httpx_mock.add_response(url=f"https://api.github.com/repos/{repository}/dispatches", status_code=204)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=policy, RELAY_API_KEYS=keys) as here:
        asked = road.said(here.ask(FORM | {"repository": repository}))
        assert (200, "released") == road.outcome(here.press("ada", "approve", asked["ticket"]))
        httpx_mock.add_response(
            url=f"https://api.github.com/repos/{owner}/site/dispatches", status_code=204, is_reusable=True
        )
        body = {"event_type": "publish", "client_payload": {"repository": {"owner": owner, "name": "site"}}}
        assert (202, "released") == road.outcome(here.run(json.dumps(body).encode()))
        assert (202, "released") == road.outcome(here.run(b'{"event_type": "publish"}'))
