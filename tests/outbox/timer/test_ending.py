"""A timer run of a process that is about to end leaves the rest to the next."""

from dataclasses import replace

from pytest_httpx import HTTPXMock

from tests.support import road


def test_a_run_of_an_ending_process_starts_no_payment_and_the_next_run_does(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=503)
    request = road.offline()
    assert (200, "approved-retrying") == road.outcome(here.press("ada", "approve", road.ticket(request)))
    here.ahead = 120
    assert 0 == replace(here.timer(), ending=lambda: True).run()
    assert 1 == len(road.dispatched(httpx_mock))
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    assert 1 == here.round()
    assert "delivered" == here.case(request.id).debts[-1].status
