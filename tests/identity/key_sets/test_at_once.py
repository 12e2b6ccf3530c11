"""Many clicks at the same moment fetch once, and none waits longer than it may."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from relay.identity import key_sets
from relay.identity.key_sets import KeySets
from tests.identity.key_sets.key_server import HOUR, NEW, UNKNOWN, answers, fetches
from tests.support.clock import Clock
from tests.support.entra_tokens import JWKS_URL, KID, PUBLIC, jwk, jwks


@pytest.fixture
def come(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Count the threads that came to the lock, so that a test can wait for them."""
    count = threading.Semaphore(0)

    class CountingLock:
        def __init__(self) -> None:
            self._lock = threading.Lock()

        def acquire(self, *, timeout: float) -> bool:
            count.release()
            return self._lock.acquire(timeout=timeout)

        def release(self) -> None:
            self._lock.release()

    monkeypatch.setattr(key_sets, "Lock", CountingLock)
    return count


@pytest.mark.parametrize("kid", [KID, UNKNOWN])
def test_fifty_clicks_on_a_cold_cache_fetch_once(
    httpx_mock: HTTPXMock, come: threading.Semaphore, sets: KeySets, kid: str
) -> None:
    def answer_when_all_have_come(_: httpx.Request) -> httpx.Response:
        for _click in range(50):
            assert come.acquire(timeout=30)
        return httpx.Response(200, json=jwks())

    httpx_mock.add_callback(answer_when_all_have_come, url=JWKS_URL)
    with ThreadPoolExecutor(50) as threads:
        clicks = [threads.submit(sets.keys, JWKS_URL, kid, timeout=30) for _ in range(50)]
    assert [{KID: PUBLIC}] * 50 == [click.result() for click in clicks]
    assert 1 == fetches(httpx_mock)


def test_fifty_clicks_on_a_dead_key_server_try_once(
    httpx_mock: HTTPXMock, come: threading.Semaphore, sets: KeySets
) -> None:
    def fail_when_all_have_come(_: httpx.Request) -> httpx.Response:
        for _click in range(50):
            assert come.acquire(timeout=30)
        raise httpx.ReadTimeout("slow")

    httpx_mock.add_callback(fail_when_all_have_come, url=JWKS_URL)
    with ThreadPoolExecutor(50) as threads:
        clicks = [threads.submit(sets.keys, JWKS_URL, KID, timeout=30) for _ in range(50)]
    assert [Outage] * 50 == [type(click.exception()) for click in clicks]
    assert 1 == fetches(httpx_mock)


def test_a_click_waits_for_anothers_fetch_no_longer_than_it_may(httpx_mock: HTTPXMock, sets: KeySets) -> None:
    def meanwhile(_: httpx.Request) -> httpx.Response:
        with pytest.raises(Outage, match="did not answer an earlier click in time"):
            sets.keys(JWKS_URL, KID, timeout=0.001)
        return httpx.Response(200, json=jwks())

    httpx_mock.add_callback(meanwhile, url=JWKS_URL)
    assert KID in sets.keys(JWKS_URL, KID)


def test_while_an_old_set_is_refreshed_other_clicks_use_it_as_it_is(
    httpx_mock: HTTPXMock, sets: KeySets, clock: Clock
) -> None:
    def meanwhile(_: httpx.Request) -> httpx.Response:
        no_lock_waits_so_long = 2 * threading.TIMEOUT_MAX
        assert {KID} == set(sets.keys(JWKS_URL, KID, timeout=no_lock_waits_so_long))
        return httpx.Response(200, json=jwks(jwk(), jwk(kid=NEW)))

    answers(httpx_mock)
    httpx_mock.add_callback(meanwhile, url=JWKS_URL)
    sets.keys(JWKS_URL, KID)
    clock.now += 6 * HOUR
    assert {KID, NEW} == set(sets.keys(JWKS_URL, KID))
