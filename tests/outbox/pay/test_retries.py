"""Dispatches that GitHub did not take: paid later, parked, dead or dropped."""

import logging
from dataclasses import replace

import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Refusal
from tests.outbox.pay.owing import DAY, HOUR, answers, approved, dispatch_of
from tests.support import road
from tests.support.logged import logged


def test_what_github_did_not_take_is_paid_by_the_timer_once_it_is_healed(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    answers(httpx_mock, 500, 502, 204)
    request = approved(here)
    assert 0 == here.round()  # after an ambiguous answer it waits
    here.ahead = 30
    assert 1 == here.round()
    assert {"status": "owed", "attempts": 2, "last_error": "it answers with error 502", "run_url": None} == dispatch_of(
        here, request
    )
    here.ahead = 2 * HOUR
    assert 1 == here.round()
    assert {"status": "delivered", "attempts": 3, "last_error": None, "run_url": None} == dispatch_of(here, request)
    assert 0 == here.round()
    assert 0 == here.recorded()["due"]
    sent = road.dispatched(httpx_mock)
    assert {request.id} == {each["client_payload"]["approval"]["id"] for each in sent}


def test_each_payment_mints_its_own_receipt(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 500, 204)
    approved(here)
    here.ahead = 30
    here.round()
    first, second = (sent["client_payload"]["approval"].pop("receipt") for sent in road.dispatched(httpx_mock))
    assert first != second


def test_the_retry_waits_as_long_as_github_asks(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 503, headers={"Retry-After": "600"})
    approved(here)
    here.ahead = 590
    assert 0 == here.round()
    answers(httpx_mock, 204)
    here.ahead = 610
    assert 1 == here.round()


def test_what_github_refused_is_parked_and_seen_until_it_is_replayed(
    here: road.Road, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "relay")
    answers(httpx_mock, 404)
    request = approved(here)
    assert [True] == [bool(line["reason"] and line["cure"]) for line in logged(caplog) if line["event"] == "refused"]
    here.ahead = DAY
    assert 0 == here.round()
    ((case, index),) = here.outbox().owed()
    assert (request.id, "refused") == (case.request.id, case.debts[index].status)
    shown = dispatch_of(here, request)
    assert ("refused", 1, True) == (shown["status"], shown["attempts"], "may not see it" in shown["last_error"])
    assert ("owed", "") == (here.outbox().replay(request.id).debts[0].status, here.case(request.id).debts[0].last_error)
    answers(httpx_mock, 204)
    assert 1 == here.round()
    assert "delivered" == dispatch_of(here, request)["status"]
    assert [] == here.outbox().owed()


def test_what_was_never_taken_within_a_day_is_dead_and_can_be_replayed(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 500, 500)
    request = approved(here)
    here.ahead = DAY + 1
    assert 1 == here.round()
    shown = dispatch_of(here, request)
    assert ("dead", 2, "it answers with error 500") == (shown["status"], shown["attempts"], shown["last_error"])
    here.ahead = 2 * DAY
    assert 0 == here.round()
    assert 1 == len(here.outbox().owed())
    reply = here.press("ada", "approve", road.ticket(replace(request, expires_at=request.expires_at + 9 * DAY)))
    assert (200, "already-approved") == road.outcome(reply)
    answers(httpx_mock, 204)
    here.outbox().replay(request.id)
    assert 1 == here.round()
    assert "delivered" == dispatch_of(here, request)["status"]


def test_what_is_dropped_is_out_of_the_outbox_for_good_and_stays_visible(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    answers(httpx_mock, 500)
    request = approved(here)
    dropped = here.outbox().drop(request.id)
    assert ("dead", "dropped by the operator") == (dropped.debts[0].status, dropped.debts[0].last_error)
    assert "dead" == dispatch_of(here, request)["status"]
    assert [] == here.outbox().owed()
    here.ahead = DAY
    assert 0 == here.round()
    with pytest.raises(Refusal, match="an operator dropped it"):
        here.outbox().replay(request.id)


@pytest.mark.parametrize("work", ["replay", "drop"])
def test_what_owes_nothing_cannot_be_replayed_or_dropped(here: road.Road, httpx_mock: HTTPXMock, work: str) -> None:
    answers(httpx_mock, 204)
    request = approved(here)
    for case_id in (request.id, "no-such-id"):
        with pytest.raises(Refusal, match="unknown-request"):
            getattr(here.outbox(), work)(case_id)
