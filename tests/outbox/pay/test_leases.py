"""Leases: only the holder pays, and no outcome is lost or written over."""

import json
from contextlib import closing
from dataclasses import replace

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.approval.wake_ups import WakeUp
from relay.errors import Refusal
from relay.model.case import Case
from relay.model.debts import Debt, DebtStatus
from relay.model.delivery import Delivery
from tests.outbox.pay.owing import HOUR, Broken, Interrupted, answers, approved, committed, leased, on
from tests.support import road
from tests.support.logged import logged


@pytest.mark.parametrize("work", ["replay", "drop"])
def test_what_is_being_paid_is_neither_replayed_nor_dropped(here: road.Road, work: str) -> None:
    case = leased(here)
    with pytest.raises(Refusal, match="being-paid"):
        getattr(here.outbox(), work)(case.request.id)
    assert case == here.case(case.request.id)


def test_nobody_else_pays_while_the_lease_of_a_click_runs(here: road.Road, httpx_mock: HTTPXMock) -> None:
    case = leased(here)
    here.ahead = 18
    assert 0 == here.round()
    assert [] == road.dispatched(httpx_mock)
    answers(httpx_mock, 204)
    here.ahead = 20
    assert 1 == here.round()
    assert "delivered" == here.case(case.request.id).debts[0].status


def test_a_row_that_comes_due_while_a_lease_runs_is_left_alone(here: road.Road, httpx_mock: HTTPXMock) -> None:
    case = leased(here)
    early = WakeUp(here.now() - 1, case.request.id, "an earlier commit")
    assert here.world.store.write_case(replace(case, version=case.version + 1), to_set=[early])
    assert 0 == here.round()
    assert 2 == here.recorded()["due"]
    assert [] == road.dispatched(httpx_mock)


def test_of_two_payers_that_see_the_same_row_one_sends(here: road.Road, httpx_mock: HTTPXMock) -> None:
    leased(here)
    here.ahead = 60
    answers(httpx_mock, 204)
    with closing(Interrupted(here, then=here.round)) as outbox:
        assert 0 == on(here, outbox).run()
    assert 1 == len(road.dispatched(httpx_mock))
    assert [] == here.outbox().owed()


def test_a_payer_that_is_late_does_not_overwrite_what_its_successor_recorded(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    def slow(_request: httpx.Request) -> httpx.Response:
        answers(httpx_mock, 204)
        here.ahead = 60  # by now the lease of the click has ended
        assert 1 == here.round()
        return httpx.Response(404, json={})

    httpx_mock.add_callback(slow, url=road.DISPATCHES, method="POST")
    request = approved(here)
    assert ("delivered", 1) == (here.case(request.id).debts[0].status, here.case(request.id).debts[0].attempts)
    assert 0 == here.recorded()["due"]


def test_a_payer_that_is_late_records_nothing_while_its_successor_pays(here: road.Road, httpx_mock: HTTPXMock) -> None:
    def slow(request: httpx.Request) -> httpx.Response:
        case = here.case(json.loads(request.content)["client_payload"]["approval"]["id"])
        taken = replace(case.debts[0], lease="a successor", due_at=here.now() + 60)
        assert here.world.store.write_case(replace(case, version=case.version + 1, debts=(taken,)))
        return httpx.Response(404, json={})

    httpx_mock.add_callback(slow, url=road.DISPATCHES, method="POST")
    debt = here.case(approved(here).id).debts[0]
    assert ("owed", "a successor", 0) == (debt.status, debt.lease, debt.attempts)


def test_an_outcome_is_recorded_over_another_commit_that_came_first(here: road.Road, httpx_mock: HTTPXMock) -> None:
    def touched(request: httpx.Request) -> httpx.Response:
        case = here.case(json.loads(request.content)["client_payload"]["approval"]["id"])
        assert here.world.store.write_case(replace(case, version=case.version + 1, commit_id="somebody"))
        return httpx.Response(204)

    httpx_mock.add_callback(touched, url=road.DISPATCHES, method="POST")
    request = approved(here)
    assert ("delivered", 3) == (here.case(request.id).debts[0].status, here.case(request.id).version)
    assert 0 == here.recorded()["due"]


def test_an_outcome_that_cannot_be_recorded_is_still_told_and_the_debt_is_paid_again(
    here: road.Road, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    answers(httpx_mock, 204, 204)
    request = road.offline()
    click = road.click(request=request)
    with closing(Broken(here, writes=1)) as outbox:
        presses = replace(here.world.presses, payer=replace(here.world.payer, store=outbox))
        delivery = Delivery("messagecard", click.headers, click.body, here.now())
        reply = presses.answer(here.world.channels["messagecard"], delivery)
    assert (200, "released") == road.outcome(reply)
    assert "not recorded, paid again" in [line.get("outcome") for line in logged(caplog)]
    assert "owed" == here.case(request.id).debts[0].status
    here.ahead = 60
    assert 1 == here.round()
    assert "delivered" == here.case(request.id).debts[0].status
    assert 2 == len(road.dispatched(httpx_mock))


def test_rows_that_stand_for_nothing_are_dropped_only_after_two_hours(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 204)
    request = approved(here)
    case = here.case(request.id)
    at = here.now()
    rows = [WakeUp(at, request.id, "of a commit that was undone"), WakeUp(at, "no-such-case", "of none")]
    assert here.world.store.write_case(replace(case, version=case.version + 1), to_set=rows)
    here.ahead = 2 * HOUR - 10
    assert 0 == here.round()
    assert 2 == here.recorded()["due"]
    here.ahead = 2 * HOUR + 10
    assert 0 == here.round()
    assert 0 == here.recorded()["due"]
    assert 1 == len(road.dispatched(httpx_mock))


def test_each_of_several_debts_is_paid_and_recorded_by_itself(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 500, 204)
    at = int(here.now())
    statuses: tuple[DebtStatus, ...] = ("owed", "delivered", "owed")
    debts = tuple(Debt(event_type="deploy-api", created_at=at, due_at=at, status=status) for status in statuses)
    request = road.offline()
    assert committed(here, Case(request, "offline", status="approved", debts=debts), at)
    assert 2 == here.round()
    assert ["owed", "delivered", "delivered"] == [debt.status for debt in here.case(request.id).debts]
    assert [(request.id, 0)] == [(case.request.id, index) for case, index in here.outbox().owed()]
    assert 1 == here.recorded()["due"]


def test_a_replay_starts_anew_when_another_commit_came_first(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 404)
    request = approved(here)

    def touch() -> None:
        case = here.case(request.id)
        assert here.world.store.write_case(replace(case, version=case.version + 1, commit_id="somebody"))

    with closing(Interrupted(here, then=touch)) as outbox:
        assert "owed" == replace(here.outbox(), store=outbox).replay(request.id).debts[0].status
    assert 1 == here.recorded()["due"]
