"""The answer to a look at a request: nothing is decided, and the answer is true."""

from dataclasses import replace

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.answer import current_answer
from relay.errors import Refusal
from relay.model.case import Case
from relay.model.request import ApprovalRequest
from tests.support import road

FORM = {"repository": "octo/api", "event_type": "deploy-api", "title": "Deploy", "environment": "staged"}


def test_a_request_that_waits_tells_what_it_needs_and_has_a_ticket_of_its_stage(here: road.Road) -> None:
    made = road.said(here.ask(FORM))
    presses = here.presses()
    answer = presses.view(presses.open_ticket(made["ticket"]))
    assert ("pending", "pending", "1 more approval in stage qa") == (answer.code, answer.status, answer.needs)
    assert 'Waiting for approval. The stage "qa" needs 1 more approval.' == answer.sentence
    assert (made["id"], "qa") == (presses.open_ticket(answer.ticket).id, presses.open_ticket(answer.ticket).stage)
    assert answer == presses.view(presses.ticket_of(made["id"]))
    assert {**road.NOTHING, "cases": 1, "lives": 1} == here.recorded()


def test_a_look_at_an_offline_request_records_nothing_and_its_ticket_can_be_pressed(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", status_code=204)
    presses, ticket = here.presses(), road.ticket(road.offline())
    assert ("pending", "") == ((blank := presses.view(presses.open_ticket(ticket))).code, blank.ticket)
    answer = presses.view(presses.open_ticket(ticket), held=ticket)
    assert ("pending", ticket) == (answer.code, answer.ticket)
    assert road.NOTHING == here.recorded()
    assert (200, "released") == road.outcome(here.press("ada", "approve", ticket))


def test_a_decided_request_has_no_ticket(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", status_code=204)
    request = road.offline()
    here.press("ada", "approve", road.ticket(request))
    answer = here.presses().view(here.presses().ticket_of(request.id))
    assert ("already-approved", "approved", "", "") == (answer.code, answer.status, answer.needs, answer.ticket)
    assert "This was already approved. GitHub has taken it." == answer.sentence


def test_an_expired_request_says_so_before_the_timer_does(here: road.Road) -> None:
    made = road.said(here.ask(FORM))
    here.ahead += 90_000
    answer = here.presses().view(here.presses().ticket_of(made["id"]))
    assert ("expired", "expired", "") == (answer.code, answer.status, answer.ticket)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (road.offline("nowhere"), "No rule of the operator's policy takes this request. Nothing was recorded."),
        (road.offline(event_type=None), "This is for your information. There is nothing to decide."),
    ],
    ids=["no rule", "notification"],
)
def test_what_nobody_can_press_has_no_ticket(here: road.Road, request_: ApprovalRequest, said: str) -> None:
    settings = here.world.settings
    case = Case(replace(request_, expires_at=int(here.now()) + 60), "key", version=1)
    answer = current_answer(case, here.world.policy, settings.ticket_keys[0], settings.public_url, here.now())
    assert ("pending", said, "", "") == (answer.code, answer.sentence, answer.needs, answer.ticket)


@pytest.mark.parametrize("case_id", ["a" * 32, "", "\ud800", "승인"])
def test_a_request_that_nobody_knows_is_not_shown(here: road.Road, case_id: str) -> None:
    with pytest.raises(Refusal, match="unknown-request"):
        here.presses().ticket_of(case_id)
    assert 404 == here.show(case_id).status
