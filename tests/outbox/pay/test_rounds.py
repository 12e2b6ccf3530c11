"""Timer runs: a case that fails or takes long holds up no other."""

from contextlib import closing
from dataclasses import replace
from typing import Any

from pytest_httpx import HTTPXMock

from relay.model.debts import Outcome
from tests.outbox.pay.owing import Broken, answers, leased, on
from tests.support import road
from tests.support.dispatches_only import DispatchesOnly


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

    class Slow(DispatchesOnly):
        identity = staticmethod(here.world.payer.dispatches.identity)

        def send(self, *arguments: Any, **named: Any) -> Outcome:
            here.ahead += 61
            return here.world.payer.dispatches.send(*arguments, **named)

    assert [1, 1] == [replace(here.timer(), payer=replace(here.payer(), dispatches=Slow())).run() for _ in range(2)]
