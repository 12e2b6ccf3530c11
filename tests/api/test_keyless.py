"""Requests without a key: a workflow asks with its own token, and each fact is proven or stated."""

from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.api.asking import FORM
from tests.api.keyless import ask, refusal
from tests.support import github_tokens, road
from tests.support.github_tokens import bearer

RUN_URL = "https://github.com/octo/api/actions/runs/18200345671"
COMMIT = ["repository", "ref", "sha", "run"]


def shown(here: road.Road, reply: Any, **headers: str) -> Any:
    assert 201 == reply.status, reply.body
    given = headers or {"x_relay_key": road.API_KEY}
    return road.said(here.get(road.said(reply)["id"], **given))


def test_a_workflow_asks_with_its_own_token_and_no_secret(here: road.Road) -> None:
    reply = ask(here)
    request = here.case(road.said(reply)["id"]).request
    made = github_tokens.claims()
    assert ("octo/api", made["ref"], made["sha"]) == (request.repository, request.ref, request.sha)
    assert ("octocat", 583231, RUN_URL) == (request.requested_by, request.requested_by_id, request.run_url)
    assert "oidc" == here.case(request.id).proof


def test_the_repository_comes_from_the_token(here: road.Road) -> None:
    form = {name: value for name, value in FORM.items() if name != "repository"}
    assert "octo/api" == here.case(road.said(ask(here, form=form))["id"]).request.repository


@pytest.mark.parametrize(
    ("case", "form", "proven"),
    [
        ("push", FORM, [*COMMIT, "requester"]),
        ("push-tag", FORM, [*COMMIT, "requester"]),
        ("push-environment", FORM, [*COMMIT, "environment", "requester"]),
        ("immutable-subject", FORM, [*COMMIT, "requester"]),
        ("custom-subject", FORM, [*COMMIT, "requester"]),
        ("reusable-workflow", FORM, [*COMMIT, "requester"]),
        ("workflow-dispatch", FORM, [*COMMIT, "requester"]),
        ("dispatch-by-another-workflow", FORM, COMMIT),
        ("schedule", FORM, COMMIT),
        ("repository-dispatch", FORM, COMMIT),
        ("re-run", FORM | {"requested_by_also": "grace"}, COMMIT),
        ("renamed-repository", FORM | {"repository": "octo/api-server"}, [*COMMIT, "requester"]),
        ("pull-request-of-fork", FORM | {"environment": "reviewed"}, ["repository", "run"]),
    ],
)
def test_each_fact_is_proven_or_stated(here: road.Road, case: str, form: dict[str, Any], proven: list[str]) -> None:
    assert proven == shown(here, ask(here, case, form))["proven"]


def test_a_transferred_repository_falls_under_the_rules_of_its_new_name(here: road.Road) -> None:
    assert (400, "malformed", "repository") == refusal(ask(here, "transferred-repository"))
    form = FORM | {"repository": "hexa/api"}
    assert (403, "no-rule", "") == refusal(ask(here, "transferred-repository", form))
    assert road.NOTHING == here.recorded()


def test_the_receipt_says_which_facts_were_proven(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    for case, proven in (("push", [*COMMIT, "requester"]), ("schedule", COMMIT)):
        here.press("ada", "approve", road.said(ask(here, case))["ticket"])
        approval = road.dispatched(httpx_mock)[-1]["client_payload"]["approval"]
        assert proven == approval["proven"]
        expected = {"login": "octocat", "id": 583231, "proven": "requester" in proven}
        assert expected == approval["requested_by"]


def test_a_request_by_key_proves_nothing(here: road.Road) -> None:
    assert [] == shown(here, here.ask(FORM))["proven"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("repository", "octo/web"),
        ("repository", "hexa/api"),
        ("ref", "refs/heads/other"),
        ("ref", "refs/heads/MAIN"),
        ("ref", "main"),
        ("sha", "f" * 40),
        ("run_url", "https://github.com/octo/api/actions/runs/1"),
        ("run_url", "https://evil.example/octo/api/actions/runs/18200345671"),
        ("requested_by", "ada"),
        ("requested_by_id", 1001),
        ("requested_by_id", "583231"),
        ("requested_by_id", True),
        ("environment", "staged"),
        ("ref", 5),
        ("sha", ["x"]),
    ],
)
def test_a_body_that_contradicts_the_token_is_malformed(here: road.Road, field: str, value: object) -> None:
    assert (400, "malformed", field) == refusal(ask(here, "push-environment", FORM | {field: value}))
    assert road.NOTHING == here.recorded()


def test_a_body_may_say_the_same_as_the_token(here: road.Road) -> None:
    made = github_tokens.claims()
    same = {
        "repository": "OCTO/Api",
        "ref": made["ref"],
        "sha": made["sha"].upper(),
        "run_url": RUN_URL,
        "requested_by": "OctoCat",
        "requested_by_id": 583231,
        "environment": "Production",
    }
    request = here.case(road.said(ask(here, "push-environment", FORM | same))["id"]).request
    assert ("octo/api", made["sha"], "octocat", "production") == (
        request.repository,
        request.sha,
        request.requested_by,
        request.environment,
    )


def test_a_run_that_was_started_again_says_by_whom(here: road.Road) -> None:
    assert (400, "malformed", "requested_by_also") == refusal(ask(here, "re-run"))
    assert road.NOTHING == here.recorded()
    ticket = road.said(ask(here, "re-run", FORM | {"requested_by_also": "Grace"}))["ticket"]
    for person in ("octocat", "grace"):
        assert (403, "own-request") == road.outcome(here.press(person, "approve", ticket))


def test_a_requester_who_is_proven_does_not_approve(here: road.Road) -> None:
    ticket = road.said(ask(here))["ticket"]
    assert (403, "own-request") == road.outcome(here.press("octocat", "approve", ticket))


# The rule decides which workflows may ask


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target", "workflow_run", "issues", "made_up"])
def test_an_event_that_the_rule_does_not_list_may_not_ask(here: road.Road, event: str) -> None:
    reply = ask(here, event_name=event)
    assert (403, "not-allowed", "") == refusal(reply)
    assert f'events = ["{event}"]' in road.said(reply)["message"]
    assert road.NOTHING == here.recorded()


def test_events_replaces_the_events_that_may_ask(here: road.Road) -> None:
    form = FORM | {"environment": "reviewed", "ref": "refs/heads/fix", "sha": "f" * 40}
    case = here.case(road.said(ask(here, "pull-request-of-fork", form))["id"])
    assert ("refs/heads/fix", "f" * 40) == (case.request.ref, case.request.sha)  # stated, not proven
    assert (403, "not-allowed", "") == refusal(ask(here, form=FORM | {"environment": "reviewed"}))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 201),
        ({"ref": "refs/heads/Main"}, 403),
        ({"ref": "refs/heads/other"}, 403),
        ({"repository_owner_id": "9918"}, 403),
        ({"job_workflow_ref": "octo/api/.github/workflows/other.yml@refs/heads/main"}, 403),
        ({"job_workflow_ref": "octo/api/.github/workflows/ask.yml@refs/heads/x"}, 403),
        ({"event_name": "schedule"}, 403),
    ],
)
def test_a_rule_whose_key_does_not_hold_refuses_and_no_laxer_rule_is_tried(
    here: road.Road, changes: dict[str, Any], status: int
) -> None:
    reply = ask(here, form=FORM | {"environment": "narrow"}, **changes)
    assert status == reply.status
    assert (here.recorded() == road.NOTHING) == (status == 403)


def test_a_key_is_not_judged_by_the_keys_that_judge_tokens(here: road.Road) -> None:
    assert 201 == here.ask(FORM | {"environment": "narrow"}).status


def test_an_asker_asks_for_another_repository_and_proves_its_run_alone(here: road.Road) -> None:
    form = FORM | {"repository": "octo/web", "environment": "asked", "ref": "refs/heads/main", "sha": "f" * 40}
    made = ask(here, form=form)
    case = here.case(road.said(made)["id"])
    assert ("octo/web", "refs/heads/main", "f" * 40) == (case.request.repository, case.request.ref, case.request.sha)
    assert (RUN_URL, "octocat") == (case.request.run_url, case.request.requested_by)
    assert ["run", "requester"] == shown(here, made)["proven"]
    for seen_by in (bearer(), bearer(repository="octo/web", repository_id="5")):
        assert 200 == here.get(case.request.id, authorization=seen_by).status
    assert 404 == here.get(case.request.id, authorization=bearer(repository="octo/cli", repository_id="6")).status


def test_a_repository_that_is_no_asker_of_the_rule_asks_for_itself_alone(here: road.Road) -> None:
    form = FORM | {"repository": "octo/web", "environment": "asked"}
    other: dict[str, Any] = {"repository": "octo/cli", "repository_id": "6"}
    assert (400, "malformed", "repository") == refusal(ask(here, form=form, **other))
    assert road.NOTHING == here.recorded()


def test_a_rule_that_takes_no_tokens_refuses_them(here: road.Road) -> None:
    assert (403, "no-rule", "") == refusal(ask(here, form=FORM | {"environment": "staged"}))


def test_a_notification_is_for_the_token_s_own_repository(here: road.Road) -> None:
    assert 201 == ask(here, form={"title": "Released"}).status
    assert (400, "malformed", "repository") == refusal(ask(here, form={"title": "x", "repository": "octo/web"}))
    assert (403, "not-allowed", "") == refusal(ask(here, "pull-request-of-fork", {"title": "x"}))
