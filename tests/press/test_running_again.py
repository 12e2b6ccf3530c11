"""Runs again: after a failure one press of one approver releases once more, under the same approval."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.signed import receipts
from tests.press.rerunning import FORM, RETRY, approved, buttons, failed, shown
from tests.support import click_answers, clicks, github_tokens, road
from tests.support.example_policy import POLICY
from tests.support.github_webhooks import workflow_run


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True, is_optional=True)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=POLICY + RETRY) as made:
        yield made


def test_a_press_after_a_failure_releases_again_with_a_receipt_of_its_own(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    case_id, ticket = approved(here)
    failed(here, case_id)
    assert ["Run again"] == buttons(here.press("ada", "approve", ticket))
    reply = here.press("grace", "again", ticket)
    assert (200, "released") == road.outcome(reply)
    assert "Started again. GitHub has taken it." == reply.headers["CARD-ACTION-STATUS"]
    assert [] == buttons(reply)
    first, second = (sent["client_payload"]["approval"] for sent in road.dispatched(httpx_mock))
    assert (None, 2) == (first.get("run"), second["run"])
    assert first["reviews"] == second["reviews"]
    claims = [
        receipts.verify(each["receipt"], here.world.key_set, issuer=road.ORIGIN, repository="octo/api", now=here.now())
        for each in (first, second)
    ]
    assert (None, 2) == (claims[0].get("run"), claims[1]["run"])
    found = shown(here, case_id)
    (rerun,) = found["reruns"]
    assert ("Grace", True) == (rerun["by"]["name"], rerun["at"].endswith("Z"))
    assert (None, "delivered") == (found.get("run"), found["dispatch"]["status"])


@pytest.mark.parametrize("conclusion", ["failure", "cancelled", "timed_out", "skipped"])
def test_whatever_did_not_succeed_may_run_again(here: road.Road, conclusion: str) -> None:
    case_id, ticket = approved(here)
    failed(here, case_id, conclusion)
    assert (200, "released") == road.outcome(here.press("ada", "again", ticket))


def test_a_report_of_a_failure_is_enough(here: road.Road) -> None:
    case_id, ticket = approved(here)
    here.report(case_id, {"state": "failure"})
    assert (200, "released") == road.outcome(here.press("ada", "again", ticket))


def test_only_one_press_counts_after_each_failure(here: road.Road, httpx_mock: HTTPXMock) -> None:
    case_id, ticket = approved(here)
    failed(here, case_id)
    outcomes = [road.outcome(here.press(person, "again", ticket))[1] for person in ("ada", "ada", "grace")]
    assert ["released", "already-approved", "already-approved"] == outcomes
    assert 2 == len(road.dispatched(httpx_mock))


def test_the_late_news_of_the_first_run_is_not_of_the_second(here: road.Road) -> None:
    case_id, ticket = approved(here)
    failed(here, case_id, run=7)
    here.ahead = 30
    here.press("ada", "again", ticket)
    event = workflow_run("completed", case_id, here.now() - 29, conclusion="cancelled", id=7, run_number=8)
    here.webhook(event)
    assert "run" not in shown(here, case_id)
    here.webhook(workflow_run("in_progress", case_id, here.now() + 1, id=8))
    assert ("running", "8") == (shown(here, case_id)["run"]["status"], shown(here, case_id)["run"]["id"])


def test_a_card_that_an_asker_posted_is_confirmed_first(here: road.Road, httpx_mock: HTTPXMock) -> None:
    made = road.said(here.ask({**FORM, "environment": "checked"}))
    asked = here.press("ada", "approve", made["ticket"])
    here.press("ada", "approve", click_answers.pressable(road.said(asked))["approve"])
    failed(here, made["id"])
    reply = here.send(clicks.headers("grace", "again", made["ticket"]))
    assert "confirm" == reply.headers["Relay-Outcome"]
    (button,) = [each for each in road.said(reply)["potentialAction"] if each["name"] == "Run again"]
    values = {header["name"]: header["value"] for header in button["headers"]}
    assert "confirm" == here.press("ada", "again", values["Relay-Ticket"]).headers["Relay-Outcome"]
    assert (200, "released") == road.outcome(here.press("grace", "again", values["Relay-Ticket"]))
    assert 2 == len(road.dispatched(httpx_mock))


def test_only_the_last_run_redeems(here: road.Road, httpx_mock: HTTPXMock) -> None:
    case_id, ticket = approved(here)
    failed(here, case_id)
    here.press("ada", "again", ticket)
    first, second = (sent["client_payload"]["approval"]["receipt"] for sent in road.dispatched(httpx_mock))

    def redeemed(receipt: str, run_id: str) -> tuple[int, bool | None, str | None]:
        token = github_tokens.bearer("repository-dispatch", run_id=run_id)
        reply = here.redeem({"receipt": receipt}, authorization=token)
        told = road.said(reply)
        return reply.status, told.get("first"), told.get("redeemed_by", {}).get("run_id")

    assert (409, None, None) == redeemed(first, "7")
    assert (200, True, "8") == redeemed(second, "8")
    assert (200, False, "8") == redeemed(second, "8")
    assert (409, None, "8") == redeemed(second, "9")
    assert (409, None, "8") == redeemed(first, "7")
    by_key = here.redeem({"receipt": first, "run_id": "7"}, x_relay_key=road.API_KEY)
    assert (409, {"repository": "octo/api"}) == (by_key.status, road.said(by_key)["redeemed_by"])


def test_github_that_does_not_answer_is_told_later(here: road.Road, httpx_mock: HTTPXMock) -> None:
    case_id, ticket = approved(here)
    failed(here, case_id)
    httpx_mock.reset()
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=502)
    reply = here.press("ada", "again", ticket)
    assert (200, "approved-retrying") == road.outcome(reply)
    assert "Started again. GitHub has not taken it yet" in reply.headers["CARD-ACTION-STATUS"]
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    here.ahead = 60
    here.round()
    assert "delivered" == shown(here, case_id)["dispatch"]["status"]
