"""Keys are kept while they are fresh, refreshed when used, and outlive a key server that is away for a while."""

from pytest_httpx import HTTPXMock

from relay.identity.key_sets import KeySets
from relay.net.client import Client
from tests.identity.key_sets.key_server import HOUR, MINUTE, NEW, NOT_YET, UNREACHABLE, answers, fails, fetches, outage
from tests.support.clock import Clock
from tests.support.entra_tokens import JWKS_URL, KID, PUBLIC, foreign_key, jwk, jwks


def test_a_cold_cache_fetches_and_a_warm_one_does_not(httpx_mock: HTTPXMock, sets: KeySets, clock: Clock) -> None:
    answers(httpx_mock)
    for _ in range(3):
        assert PUBLIC == sets.keys(JWKS_URL, KID)[KID]
        clock.now += 2 * HOUR - 1
    assert 1 == fetches(httpx_mock)


def test_nothing_is_built_or_fetched_before_a_key_is_needed(clock: Clock) -> None:
    def never() -> Client:
        raise AssertionError("asked for a client")

    KeySets(never, clock)


def test_each_address_has_its_own_keys(httpx_mock: HTTPXMock, sets: KeySets) -> None:
    other = "https://login.example/other/keys"
    answers(httpx_mock)
    httpx_mock.add_response(url=other, json=jwks(jwk(foreign_key().public_key())))
    assert PUBLIC == sets.keys(JWKS_URL, KID)[KID]
    assert foreign_key().public_key() == sets.keys(other, KID)[KID]


def test_an_old_set_is_refreshed_when_used(httpx_mock: HTTPXMock, sets: KeySets, clock: Clock) -> None:
    answers(httpx_mock)
    answers(httpx_mock, jwk(), jwk(kid=NEW))
    sets.keys(JWKS_URL, KID)
    clock.now += 6 * HOUR
    assert {KID, NEW} == set(sets.keys(JWKS_URL, KID))


def test_a_key_that_was_withdrawn_is_gone_after_the_refresh(httpx_mock: HTTPXMock, sets: KeySets, clock: Clock) -> None:
    answers(httpx_mock)
    answers(httpx_mock, jwk(kid=NEW))
    sets.keys(JWKS_URL, KID)
    clock.now += 6 * HOUR
    assert {NEW} == set(sets.keys(JWKS_URL, KID))


def test_an_old_set_outlives_a_failed_refresh_until_it_is_a_day_old(
    httpx_mock: HTTPXMock, sets: KeySets, clock: Clock
) -> None:
    answers(httpx_mock)
    for _ in range(4):
        fails(httpx_mock)
    sets.keys(JWKS_URL, KID)
    clock.now += 6 * HOUR
    assert KID in sets.keys(JWKS_URL, KID)
    clock.now += 5 * MINUTE - 1
    assert KID in sets.keys(JWKS_URL, KID)
    assert 2 == fetches(httpx_mock), "a dead key server is not asked at every click"
    clock.now += 1
    assert KID in sets.keys(JWKS_URL, KID)
    assert 3 == fetches(httpx_mock)
    clock.now += 18 * HOUR - 5 * MINUTE - 1
    assert KID in sets.keys(JWKS_URL, KID)
    assert 4 == fetches(httpx_mock)
    clock.now += 1
    assert NOT_YET == outage(sets)
    clock.now += 4
    assert UNREACHABLE == outage(sets)
    assert 5 == fetches(httpx_mock)


def test_after_a_day_without_use_the_set_is_fetched_anew(httpx_mock: HTTPXMock, sets: KeySets, clock: Clock) -> None:
    answers(httpx_mock)
    answers(httpx_mock, jwk(kid=NEW))
    sets.keys(JWKS_URL, KID)
    clock.now += 24 * HOUR
    assert {NEW} == set(sets.keys(JWKS_URL, NEW))


def test_after_a_failed_first_fetch_the_key_server_has_five_seconds_of_rest(
    httpx_mock: HTTPXMock, sets: KeySets, clock: Clock
) -> None:
    fails(httpx_mock)
    assert UNREACHABLE == outage(sets)
    clock.now += 4.9
    assert NOT_YET == outage(sets)
    assert 1 == fetches(httpx_mock)
    clock.now += 0.1
    answers(httpx_mock)
    assert KID in sets.keys(JWKS_URL, KID)
