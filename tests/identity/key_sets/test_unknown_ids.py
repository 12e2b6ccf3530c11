"""Unknown key ids: fetched for at once, and seldom."""

from pytest_httpx import HTTPXMock

from relay.identity.key_sets import KeySets
from tests.identity.key_sets.key_server import (
    HOUR,
    MALFORMED,
    MINUTE,
    NEW,
    NOT_YET,
    UNKNOWN,
    UNREACHABLE,
    answers,
    fails,
    fetches,
    outage,
)
from tests.support.clock import Clock
from tests.support.entra_tokens import JWKS_URL, KID, jwk


def test_an_unknown_key_id_on_a_cold_cache_costs_one_fetch(httpx_mock: HTTPXMock, sets: KeySets) -> None:
    answers(httpx_mock)
    assert UNKNOWN not in sets.keys(JWKS_URL, UNKNOWN)
    assert 1 == fetches(httpx_mock)


def test_a_key_that_rolled_over_is_found_at_once(httpx_mock: HTTPXMock, sets: KeySets, clock: Clock) -> None:
    answers(httpx_mock)
    answers(httpx_mock, jwk(kid=NEW))
    sets.keys(JWKS_URL, KID)
    clock.now += 1
    assert NEW in sets.keys(JWKS_URL, NEW)


def test_unknown_key_ids_refresh_once_in_five_minutes(httpx_mock: HTTPXMock, sets: KeySets, clock: Clock) -> None:
    for _ in range(3):
        answers(httpx_mock)
    sets.keys(JWKS_URL, KID)
    clock.now += HOUR
    assert UNKNOWN not in sets.keys(JWKS_URL, UNKNOWN)
    assert 2 == fetches(httpx_mock)
    clock.now += 299
    assert "another" not in sets.keys(JWKS_URL, "another"), "the set is fresh and complete: no such key"
    assert 2 == fetches(httpx_mock)
    clock.now += 1
    assert UNKNOWN not in sets.keys(JWKS_URL, UNKNOWN)
    assert 3 == fetches(httpx_mock)


def test_a_failed_refresh_for_an_unknown_key_id_counts_too_and_nothing_is_known(
    httpx_mock: HTTPXMock, sets: KeySets, clock: Clock
) -> None:
    answers(httpx_mock)
    fails(httpx_mock)
    sets.keys(JWKS_URL, KID)
    clock.now += HOUR
    assert UNREACHABLE == outage(sets, UNKNOWN)
    clock.now += 299
    assert NOT_YET == outage(sets, UNKNOWN)
    assert KID in sets.keys(JWKS_URL, KID)
    assert 2 == fetches(httpx_mock)
    clock.now += 1
    answers(httpx_mock)
    assert UNKNOWN not in sets.keys(JWKS_URL, UNKNOWN)


def test_a_failed_refresh_is_busy_even_while_the_set_is_fresh(
    httpx_mock: HTTPXMock, sets: KeySets, clock: Clock
) -> None:
    answers(httpx_mock)
    fails(httpx_mock)
    sets.keys(JWKS_URL, KID)
    clock.now += MINUTE
    assert UNREACHABLE == outage(sets, UNKNOWN)
    clock.now += 1
    assert UNKNOWN not in sets.keys(JWKS_URL, UNKNOWN)


def test_age_refreshes_do_not_use_up_the_refresh_for_unknown_key_ids(
    httpx_mock: HTTPXMock, sets: KeySets, clock: Clock
) -> None:
    answers(httpx_mock)
    answers(httpx_mock)
    answers(httpx_mock, jwk(kid=NEW))
    sets.keys(JWKS_URL, KID)
    clock.now += 6 * HOUR
    assert UNKNOWN not in sets.keys(JWKS_URL, UNKNOWN)
    assert 2 == fetches(httpx_mock)
    clock.now += 1
    assert NEW in sets.keys(JWKS_URL, NEW)


def test_when_an_age_refresh_fails_an_unknown_key_id_waits_a_little(
    httpx_mock: HTTPXMock, sets: KeySets, clock: Clock
) -> None:
    answers(httpx_mock)
    fails(httpx_mock)
    answers(httpx_mock, jwk(kid=NEW))
    sets.keys(JWKS_URL, KID)
    clock.now += 6 * HOUR
    assert KID in sets.keys(JWKS_URL, KID)
    clock.now += 4
    assert NOT_YET == outage(sets, NEW)
    clock.now += 1
    assert NEW in sets.keys(JWKS_URL, NEW)


def test_an_incomplete_set_proves_no_key_id_unknown(httpx_mock: HTTPXMock, sets: KeySets, clock: Clock) -> None:
    answers(httpx_mock, jwk(), MALFORMED)
    answers(httpx_mock, jwk(), MALFORMED)
    answers(httpx_mock, jwk())
    assert KID in sets.keys(JWKS_URL, KID)
    clock.now += 1
    assert NOT_YET == outage(sets, "broken")
    assert 2 == fetches(httpx_mock)
    clock.now += 299
    assert NOT_YET == outage(sets, "broken")
    assert 2 == fetches(httpx_mock)
    clock.now += 1
    assert "broken" not in sets.keys(JWKS_URL, "broken")
