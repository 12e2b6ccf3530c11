"""The look at the relay's credential: one call for many callers, and an answer for each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event

import httpx
from pytest_httpx import HTTPXMock

from relay.github.credential import ASK_EVERY, CredentialCheck
from relay.net.client import Client
from tests.github.granting import BASE, api
from tests.support.clock import Clock


def slowly(may_go: Event, asked: Event) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_request: httpx.Request) -> httpx.Response:
        asked.set()
        may_go.wait(60)
        return httpx.Response(401, json={"message": "Bad credentials"})

    return answer


def test_callers_before_the_first_answer_wait_for_it(client: Client, clock: Clock, httpx_mock: HTTPXMock) -> None:
    check, may_go, asked = CredentialCheck(api(client, clock), "/app", lambda: "x" * 40), Event(), Event()
    httpx_mock.add_callback(slowly(may_go, asked), url=f"{BASE}/app")
    with ThreadPoolExecutor(3) as pool:
        callers = [pool.submit(check.state)]
        assert asked.wait(60)
        callers += [pool.submit(check.state) for _ in range(2)]
        wait(callers, 0.3)  # by now they wait for the first
        may_go.set()
        assert [True] * 3 == ["does not accept" in each.result(60).trouble for each in callers]


def test_callers_of_a_later_hour_do_not_wait(client: Client, clock: Clock, httpx_mock: HTTPXMock) -> None:
    check, may_go, asked = CredentialCheck(api(client, clock), "/app", lambda: "x" * 40), Event(), Event()
    httpx_mock.add_response(url=f"{BASE}/app", json={})
    assert not check.state().trouble
    httpx_mock.add_callback(slowly(may_go, asked), url=f"{BASE}/app")
    clock.now += ASK_EVERY
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(check.state)
        try:
            assert asked.wait(60)
            assert not check.state().trouble
        finally:
            may_go.set()
        assert first.result(60).trouble
