import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.adapters.sqlite_store import SqliteStore
from relay.cases import commit_leased
from relay.core.debts import DueRow
from relay.core.errors import Outage, Refusal
from relay.core.model import ApprovalRequest, Case, Debt, DebtStatus, Delivery, Outcome
from relay.rounds import Round
from tests import road

HOUR = 3_600
DAY = 86_400


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with road.made(tmp_path, httpx_mock) as made:
        yield made


def answers(httpx_mock: HTTPXMock, *statuses: int, **answer: Any) -> None:
    for status in statuses:
        httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=status, **answer)


def approved(here: road.Road) -> ApprovalRequest:
    """Approve a request as Ada does, whatever GitHub says to it."""
    request = road.offline()
    here.press("ada", "approve", road.ticket(request))
    return request


def dispatch_of(here: road.Road, request: ApprovalRequest) -> Any:
    return road.said(here.show(request.id))["dispatch"]


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
    assert any("refused the dispatch" in line and "Cure: " in line for line in caplog.messages)
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
    with pytest.raises(Refusal, match="nothing in the outbox"):
        here.outbox().replay(request.id)


@pytest.mark.parametrize("work", ["replay", "drop"])
def test_what_owes_nothing_cannot_be_replayed_or_dropped(here: road.Road, httpx_mock: HTTPXMock, work: str) -> None:
    answers(httpx_mock, 204)
    request = approved(here)
    for case_id in (request.id, "no-such-id"):
        with pytest.raises(Refusal, match="unknown-request"):
            getattr(here.outbox(), work)(case_id)


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
    early = DueRow(here.now() - 1, case.request.id, "an earlier commit")
    assert here.world.store.commit(replace(case, version=case.version + 1), arm=[early])
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
        assert here.world.store.commit(replace(case, version=case.version + 1, debts=(taken,)))
        return httpx.Response(404, json={})

    httpx_mock.add_callback(slow, url=road.DISPATCHES, method="POST")
    debt = here.case(approved(here).id).debts[0]
    assert ("owed", "a successor", 0) == (debt.status, debt.lease, debt.attempts)


def test_an_outcome_is_recorded_over_another_commit_that_came_first(here: road.Road, httpx_mock: HTTPXMock) -> None:
    def touched(request: httpx.Request) -> httpx.Response:
        case = here.case(json.loads(request.content)["client_payload"]["approval"]["id"])
        assert here.world.store.commit(replace(case, version=case.version + 1, commit_id="somebody"))
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
        pipeline = replace(here.world.pipeline, payer=replace(here.world.payer, cases=outbox))
        delivery = Delivery("messagecard", click.headers, click.body, here.now())
        reply = pipeline.click(here.world.channels["messagecard"], delivery)
    assert (200, "released") == road.outcome(reply)
    assert any("outcome not recorded, will be paid again" in line for line in caplog.messages)
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
    rows = [DueRow(at, request.id, "of a commit that was undone"), DueRow(at, "no-such-case", "of none")]
    assert here.world.store.commit(replace(case, version=case.version + 1), arm=rows)
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
        assert here.world.store.commit(replace(case, version=case.version + 1, commit_id="somebody"))

    with closing(Interrupted(here, then=touch)) as outbox:
        assert "owed" == replace(here.outbox(), records=outbox).replay(request.id).debts[0].status
    assert 1 == here.recorded()["due"]


def test_one_case_that_cannot_be_paid_holds_up_no_other_and_no_round(here: road.Road, httpx_mock: HTTPXMock) -> None:
    assert 0 == here.world.store.last_round()
    with closing(Broken(here)) as outbox:
        leased(here)
        here.ahead = 60
        assert 0 == on(here, outbox).run()
    assert 0 < here.world.store.last_round()
    answers(httpx_mock, 204)
    assert 1 == here.round()


def test_a_round_leaves_to_the_next_what_it_has_no_time_for(here: road.Road, httpx_mock: HTTPXMock) -> None:
    answers(httpx_mock, 204, 204)
    for number in range(2):
        leased(here, title=f"Deploy {number}")
    here.ahead = 60

    class Slow:
        identity = staticmethod(here.world.payer.dispatches.identity)

        def send(self, *arguments: Any, **named: Any) -> Outcome:
            here.ahead += 61
            return here.world.payer.dispatches.send(*arguments, **named)

    assert [1, 1] == [replace(here.timer(), payer=replace(here.payer(), dispatches=Slow())).run() for _ in range(2)]


def leased(here: road.Road, **fields: Any) -> Case:
    """Commit an approval as a click does that dies before it pays; its lease runs for 19 s."""
    at = here.now()
    debt = Debt(event_type="deploy-api", created_at=int(at), due_at=at)
    case = Case(road.offline(**fields), "offline", status="approved", decided_at=int(at), debts=(debt,))
    return committed(here, case, at + 19)


def committed(here: road.Road, case: Case, until: float) -> Case:
    """Commit a new case whose debts are leased until then."""
    holder, now = f"a click {case.request.title}", here.now()
    after = commit_leased(here.world.store, case, case, holder=holder, now=now, until=until, identity="token")
    assert after is not None
    return after


def on(here: road.Road, store: SqliteStore) -> Round:
    """Return the timer's round on another store."""
    return replace(here.timer(), ledger=store, payer=replace(here.payer(), cases=store))


class Interrupted(SqliteStore):
    """The same store, where something happens once just before a commit."""

    def __init__(self, here: road.Road, *, then: Callable[[], object]) -> None:
        super().__init__(str(here.path / "relay.db"), here.now)
        self._then = [then]

    def commit(self, case: Case, **rows: Any) -> bool:
        while self._then:
            self._then.pop()()
        return super().commit(case, **rows)


class Broken(SqliteStore):
    """The same store, which can be read and not written, but for the first `writes`."""

    def __init__(self, here: road.Road, *, writes: int = 0) -> None:
        super().__init__(str(here.path / "relay.db"), here.now)
        self._writes = writes

    def commit(self, case: Case, **rows: Any) -> bool:
        if not self._writes:
            raise Outage("the disk is full")
        self._writes -= 1
        return super().commit(case, **rows)
