"""A decision, what GitHub gets of it, and what the chat is told."""

import time

import pytest
from pytest_httpx import HTTPXMock

from relay.signed import receipts
from tests.press.dispatches import taken
from tests.support import click_answers, entra_tokens, example_policy, road


def test_an_approval_is_told_as_released_once_github_took_it(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    request = road.offline(requested_by="octocat", requested_by_id=583231, sha="0" * 40, ref="refs/heads/main")
    reply = here.press("ada", "approve", road.ticket(request), "Fine by me.")
    assert (200, "released") == road.outcome(reply)
    assert "Approved. GitHub has taken it." == reply.headers["CARD-ACTION-STATUS"]
    assert {} == click_answers.pressable(road.said(reply))
    case = here.case(request.id)
    assert ("approved", "delivered", 1) == (case.status, case.debts[0].status, case.debts[0].attempts)
    assert road.NOTHING | {"cases": 1, "lives": 1} == here.recorded()


def test_github_gets_the_payload_the_contract_promises(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    request = road.offline(
        client_payload={"버전": "1.0", "nested": {"a": [1, None, True]}},
        requested_by="octocat",
        requested_by_id=583231,
        sha="0" * 40,
        ref="refs/heads/main",
    )
    here.press("haneul", "approve", road.ticket(request), "확인했습니다")
    (sent,) = road.dispatched(httpx_mock)
    approval = sent["client_payload"].pop("approval")
    assert {"event_type": "deploy-api", "client_payload": request.client_payload} == sent
    claims = receipts.verify(
        approval.pop("receipt"), here.world.key_set, issuer=road.ORIGIN, repository="octo/api", now=time.time()
    )
    review = approval["reviews"][0]
    assert {
        "id": request.id,
        "decision": "approved",
        "stage": "release",
        "repository": "octo/api",
        "environment": "production",
        "ref": "refs/heads/main",
        "sha": "0" * 40,
        "requested_by": {"login": "octocat", "id": 583231, "proven": False},
        "proven": [],
        "decided_at": approval["decided_at"],
        "reviews": [
            {
                "verdict": "approve",
                "by": {"id": f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE['haneul']}", "name": "김하늘"},
                "stage": "release",
                "at": review["at"],
                "comment": "확인했습니다",
            }
        ],
    } == approval
    assert receipts.payload_sha256(request.client_payload) == claims["payload_sha256"]
    assert (request.id, "deploy-api", "approved") == (claims["jti"], claims["event_type"], claims["decision"])


def test_the_call_to_github_has_the_headers_of_the_contract(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    here.press("ada", "approve", road.ticket(road.offline()))
    (call,) = httpx_mock.get_requests(method="POST")
    assert "application/vnd.github+json" == call.headers["accept"]
    assert "2022-11-28" == call.headers["x-github-api-version"]
    assert "Bearer github_pat_made_up" == call.headers["authorization"]
    assert call.headers["user-agent"].startswith("approval-relay/")


def test_an_approval_that_github_does_not_answer_is_retried(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock, 500)
    request = road.offline()
    reply = here.press("ada", "approve", road.ticket(request))
    assert (200, "approved-retrying") == road.outcome(reply)
    assert "the relay keeps trying" in reply.headers["CARD-ACTION-STATUS"]
    assert "owed" == here.case(request.id).debts[0].status
    again = here.press("ada", "approve", road.ticket(request))
    assert (200, "already-approved") == road.outcome(again)
    assert "keeps trying" in again.headers["CARD-ACTION-STATUS"]


@pytest.mark.parametrize(("status", "why"), [(404, "may not see it"), (401, "credential"), (422, "invalid")])
def test_an_approval_that_github_refuses_says_why(
    here: road.Road, httpx_mock: HTTPXMock, status: int, why: str
) -> None:
    taken(httpx_mock, status, json={"message": "no"})
    request = road.offline()
    reply = here.press("ada", "approve", road.ticket(request))
    assert (200, "approved-refused") == road.outcome(reply)
    assert why in reply.headers["CARD-ACTION-STATUS"]
    again = here.press("grace", "approve", road.ticket(request))
    assert (200, "already-approved") == road.outcome(again)
    assert "GitHub has not taken it" in again.headers["CARD-ACTION-STATUS"]
    assert 1 == len(road.dispatched(httpx_mock))


def test_an_approval_that_comes_after_its_budget_is_left_to_the_timer(here: road.Road, httpx_mock: HTTPXMock) -> None:
    here.press("stranger", "approve", road.ticket(road.offline()))  # by now the keys are at hand
    click = road.click()
    assert (200, "approved-retrying") == road.outcome(here.send(click.headers, click.body, late=60))
    assert [] == road.dispatched(httpx_mock)
    taken(httpx_mock)
    here.ahead = 60
    assert 1 == here.round()
    assert 1 == len(road.dispatched(httpx_mock))


def test_a_rejection_dispatches_nothing_unless_the_request_names_an_event(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    request = road.offline()
    reply = here.press("ada", "reject", road.ticket(request), "No.")
    assert (200, "rejected") == road.outcome(reply)
    assert "Rejected. Nothing will be released." == reply.headers["CARD-ACTION-STATUS"]
    assert [] == road.dispatched(httpx_mock)
    assert road.NOTHING | {"cases": 1, "lives": 1} == here.recorded()
    assert (200, "already-rejected") == road.outcome(here.press("grace", "approve", road.ticket(request)))


@pytest.mark.parametrize(("status", "said"), [(204, "GitHub has taken it"), (500, "keeps trying"), (404, "refused it")])
def test_a_rejection_with_an_event_dispatches_it_and_stays_a_rejection(
    here: road.Road, httpx_mock: HTTPXMock, status: int, said: str
) -> None:
    taken(httpx_mock, status)
    request = road.offline(reject_event_type="refused-api")
    reply = here.press("ada", "reject", road.ticket(request))
    assert (200, "rejected") == road.outcome(reply)
    assert said in reply.headers["CARD-ACTION-STATUS"]
    (sent,) = road.dispatched(httpx_mock)
    assert ("refused-api", "rejected") == (sent["event_type"], sent["client_payload"]["approval"]["decision"])
