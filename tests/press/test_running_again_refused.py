"""Runs that are not started again: too early, too late, too often, or by others."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.run_again import is_offered
from tests.press.rerunning import FORM, RETRY, approved, buttons, failed, shown
from tests.support import road
from tests.support.example_policy import POLICY
from tests.support.github_webhooks import workflow_run


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True, is_optional=True)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=POLICY + RETRY) as made:
        yield made


@pytest.mark.parametrize("state", ["released", "running", "success"])
def test_nothing_runs_again_before_it_has_failed(here: road.Road, httpx_mock: HTTPXMock, state: str) -> None:
    case_id, ticket = approved(here)
    if state != "released":
        action = "in_progress" if state == "running" else "completed"
        here.webhook(workflow_run(action, case_id, here.now(), id=7))
    reply = here.press("ada", "again", ticket)
    assert (200, "already-approved") == road.outcome(reply)
    assert [] == buttons(reply)
    assert 1 == len(road.dispatched(httpx_mock))


def test_an_open_request_has_nothing_to_run_again(here: road.Road) -> None:
    made = road.said(here.ask({**FORM, "environment": "again"}))
    assert (400, "malformed") == road.outcome(here.press("ada", "again", made["ticket"]))


@pytest.mark.parametrize(("end", "code"), [("reject", "already-rejected"), ("cancel", "cancelled")])
def test_a_request_that_ended_otherwise_stays_so(here: road.Road, end: str, code: str) -> None:
    made = road.said(here.ask({**FORM, "environment": "again"}))
    here.cancel(made["id"]) if end == "cancel" else here.press("ada", end, made["ticket"])
    assert (200, code) == road.outcome(here.press("ada", "again", made["ticket"]))


def test_without_retry_in_the_rule_nothing_is_offered_or_taken(here: road.Road) -> None:
    case_id, ticket = approved(here, "production")
    failed(here, case_id)
    assert [] == buttons(here.press("ada", "approve", ticket))
    assert (403, "not-allowed") == road.outcome(here.press("ada", "again", ticket))


def test_a_rule_that_is_gone_takes_nothing(here: road.Road) -> None:
    case_id, ticket = approved(here)
    failed(here, case_id)
    policy = replace(here.world.policy, rules=here.world.policy.rules[:1])
    presses = replace(here.presses(), policy=policy)
    here.world = replace(here.world, presses=presses)
    assert (403, "no-rule") == road.outcome(here.press("ada", "again", ticket))


@pytest.mark.parametrize(("person", "code"), [("lin", "not-allowed"), ("octocat", "own-request")])
def test_only_an_approver_of_the_last_stage_who_did_not_ask(here: road.Road, person: str, code: str) -> None:
    case_id, ticket = approved(here)
    failed(here, case_id)
    assert (403, code) == road.outcome(here.press(person, "again", ticket))
    assert "reruns" not in shown(here, case_id)


def test_an_approver_of_an_earlier_stage_does_not_run_it_again(here: road.Road) -> None:
    case_id, ticket = approved(here, "twice", "lin", "grace")
    failed(here, case_id)
    assert (403, "not-allowed") == road.outcome(here.press("lin", "again", ticket))
    assert (200, "released") == road.outcome(here.press("grace", "again", ticket))


def test_it_runs_again_five_times_and_no_more(here: road.Road, httpx_mock: HTTPXMock) -> None:
    case_id, ticket = approved(here)
    for number in range(6):
        failed(here, case_id, run=number + 1)
        expected = (200, "released") if number < 5 else (403, "not-allowed")
        assert expected == road.outcome(here.press("ada", "again", ticket))
        here.ahead += 120
    assert [] == buttons(here.press("ada", "approve", ticket))
    assert [None, 2, 3, 4, 5, 6] == [
        sent["client_payload"]["approval"].get("run") for sent in road.dispatched(httpx_mock)
    ]


def test_it_is_offered_for_a_day(here: road.Road) -> None:
    case_id, ticket = approved(here)
    failed(here, case_id)
    here.ahead = 86_000
    assert is_offered(here.case(case_id), here.world.policy, here.now())
    here.ahead = 86_500
    assert not is_offered(here.case(case_id), here.world.policy, here.now())
    replies = [here.press("ada", "again", ticket) for _ in range(2)]
    assert [(200, "expired")] * 2 == [road.outcome(reply) for reply in replies]
    assert "more than a day ago" in replies[0].headers["CARD-ACTION-STATUS"]
    assert "Approved" == road.said(replies[0])["sections"][0]["title"]
    assert "expired" == here.case(case_id).retries_ended


def test_a_newer_approval_that_github_took_ends_it(here: road.Road, httpx_mock: HTTPXMock) -> None:
    case_id, ticket = approved(here)
    here.ahead = 10
    approved(here, title="Newer")
    failed(here, case_id)
    reply = here.press("ada", "again", ticket)
    assert (200, "superseded") == road.outcome(reply)
    assert [] == buttons(reply)
    assert ("approved", "superseded") == (here.case(case_id).status, here.case(case_id).retries_ended)
    assert (200, "superseded") == road.outcome(here.press("ada", "again", ticket))
    assert 2 == len(road.dispatched(httpx_mock))


def why(here: road.Road, ticket: str) -> str:
    """Return the sentence that Ada reads when she presses Run again."""
    return here.press("ada", "again", ticket).headers["CARD-ACTION-STATUS"]


def test_an_approver_is_told_the_limit_and_not_that_they_are_no_approver(here: road.Road) -> None:
    case_id, ticket = approved(here)
    for number in range(6):
        failed(here, case_id, run=number + 1)
        said = why(here, ticket)
        here.ahead += 120
    assert "This ran again five times, which is the limit. Ask for a new approval." == said


def test_an_approver_is_told_that_the_rule_runs_nothing_again(here: road.Road) -> None:
    case_id, ticket = approved(here, "production")
    failed(here, case_id)
    assert "The policy runs nothing of this again. Ask for a new approval." == why(here, ticket)


def test_an_approver_is_told_that_the_request_is_still_open(here: road.Road) -> None:
    made = road.said(here.ask({**FORM, "environment": "again"}))
    assert "This is not decided yet, so nothing can run again. Nothing was recorded." == why(here, made["ticket"])
