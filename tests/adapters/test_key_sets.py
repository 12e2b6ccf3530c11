import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpx import HTTPXMock, IteratorStream

from relay.adapters import key_sets
from relay.adapters.http_client import Client, make_client
from relay.adapters.http_connection import Kept
from relay.adapters.key_sets import KeySets
from relay.core.errors import Outage
from tests.genuine import JWKS_URL, KID, PUBLIC, foreign_key, jwk, jwks

MINUTE = 60
HOUR = 3_600
NEW = "new-key"
UNKNOWN = "unknown-key"
MALFORMED = {"kty": "RSA", "use": "sig", "kid": "broken", "n": "!", "e": "AQAB"}


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sets(clock: Clock) -> Iterator[KeySets]:
    with make_client() as client:
        yield KeySets(lambda: client, clock)


def answers(httpx_mock: HTTPXMock, *entries: object) -> None:
    httpx_mock.add_response(url=JWKS_URL, content=json.dumps(jwks(*entries)).encode())


def fails(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ConnectTimeout("no route"))


def outage(sets: KeySets, kid: str = KID, url: str = JWKS_URL) -> str:
    with pytest.raises(Outage) as raised:
        sets.keys(url, kid)
    return raised.value.what


def fetches(httpx_mock: HTTPXMock) -> int:
    return len(httpx_mock.get_requests())


NOT_YET = "the key server cannot be asked again yet"
UNREACHABLE = "the key server cannot be reached (ConnectTimeout)"


# Known keys


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


# A cold cache that stays cold


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


# Unknown key ids


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


# Many at once


@pytest.fixture
def come(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Count those who came to the lock, so that a test can wait for them."""
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


# What a key server may answer


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_any_status_but_200_is_an_outage_and_no_redirect_is_followed(
    httpx_mock: HTTPXMock, sets: KeySets, status: int
) -> None:
    elsewhere = {"location": "https://elsewhere.example/keys"}
    httpx_mock.add_response(url=JWKS_URL, status_code=status, headers=elsewhere, json=jwks())
    assert f"the key server answered {status}" == outage(sets)
    assert 1 == fetches(httpx_mock)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "is not JSON"),
        (b"<html>", "is not JSON"),
        (b"\xff", "is not JSON"),
        (b'{"keys": [], "keys": []}', "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "is not a key set"),
        (b"null", "is not a key set"),
        (b"{}", "is not a key set"),
        (b'{"keys": {}}', "is not a key set"),
        (b'{"keys": []}', "has no key to use"),
        (b'{"keys": [null, 5, [], {}]}', "has no key to use"),
        (b" " * (512 * 1024 + 1), "is larger than 512 KiB"),
    ],
    ids=range(12),
)
def test_what_is_not_a_key_set_is_an_outage(httpx_mock: HTTPXMock, sets: KeySets, body: bytes, what: str) -> None:
    httpx_mock.add_response(url=JWKS_URL, content=body)
    assert f"the key server's answer {what}" == outage(sets)


def test_a_failed_document_does_not_replace_a_good_one(httpx_mock: HTTPXMock, sets: KeySets, clock: Clock) -> None:
    answers(httpx_mock)
    httpx_mock.add_response(url=JWKS_URL, json={"keys": []})
    sets.keys(JWKS_URL, KID)
    clock.now += 6 * HOUR
    assert KID in sets.keys(JWKS_URL, KID)


def test_a_key_set_of_512_kib_is_taken(httpx_mock: HTTPXMock, sets: KeySets) -> None:
    httpx_mock.add_response(url=JWKS_URL, content=json.dumps(jwks()).encode().ljust(512 * 1024))
    assert KID in sets.keys(JWKS_URL, KID)


def test_an_answer_that_trickles_is_cut_off(httpx_mock: HTTPXMock, sets: KeySets, clock: Clock) -> None:
    def trickle() -> Iterator[bytes]:
        for _ in range(9):
            clock.now += 0.5
            yield b" "

    httpx_mock.add_response(url=JWKS_URL, stream=IteratorStream(trickle()))
    assert "the key server cannot be reached (the body did not end in time)" == outage(sets)


def test_the_key_server_is_asked_with_the_time_that_is_left(httpx_mock: HTTPXMock, sets: KeySets) -> None:
    answers(httpx_mock)
    sets.keys(JWKS_URL, KID, timeout=0.7)
    request = httpx_mock.get_requests()[0]
    assert pytest.approx(0.7) == request.extensions["timeout"].get("read")


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        httpx.DecodingError("gzip"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_broken_connection_is_an_outage_that_quotes_nothing(
    httpx_mock: HTTPXMock, sets: KeySets, error: Exception
) -> None:
    httpx_mock.add_exception(error)
    assert f"the key server cannot be reached ({type(error).__name__})" == outage(sets)


# Keys in a set

WEAK: rsa.RSAPublicKey = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()  # noqa: S505 - weak on purpose
FOREIGN = foreign_key().public_key()


@pytest.mark.parametrize(
    "entry",
    [
        jwk(kid=NEW, use="enc"),
        {**jwk(kid=NEW), "use": None},
        jwk(kid=NEW, kty="EC"),
        jwk(kid=NEW, kty=None),
        jwk(kid=NEW, alg="RS512"),
        jwk(kid=NEW, alg="PS256"),
        jwk(WEAK, kid=NEW),
        {**jwk(), "kid": None},
        {**jwk(), "kid": 5},
        {**jwk(), "kid": [KID]},
        {"kty": "oct", "kid": NEW, "k": "AAAA"},
        {},
    ],
)
def test_keys_for_other_purposes_are_left_out_and_the_set_is_complete(
    httpx_mock: HTTPXMock, sets: KeySets, clock: Clock, entry: object
) -> None:
    answers(httpx_mock, entry, jwk())
    answers(httpx_mock, entry, jwk())
    assert {KID} == set(sets.keys(JWKS_URL, KID))
    clock.now += 1
    assert {KID} == set(sets.keys(JWKS_URL, NEW))


@pytest.mark.parametrize(
    "entry",
    [
        None,
        5,
        [],
        MALFORMED,
        jwk(kid=NEW, n=None),
        jwk(kid=NEW, n=5),
        jwk(kid=NEW, n=""),
        jwk(kid=NEW, n="\ud800"),
        jwk(kid=NEW, e=None),
        jwk(kid=NEW, e=[]),
        jwk(kid=NEW, e=""),
        jwk(kid=NEW, e="AQ"),
        jwk(kid=NEW, e="Ag"),
        jwk(FOREIGN),
    ],
)
def test_a_signature_key_that_cannot_be_read_makes_the_set_incomplete(
    httpx_mock: HTTPXMock, sets: KeySets, entry: object
) -> None:
    answers(httpx_mock, jwk(), entry)
    assert NOT_YET == outage(sets, NEW)
    assert {KID: PUBLIC} == sets.keys(JWKS_URL, KID)


@pytest.mark.parametrize("entry", [jwk(use=None), jwk(alg="RS256"), jwk(x5c=["MIIB"], issuer="https://x.example")])
def test_keys_for_rs256_are_taken(httpx_mock: HTTPXMock, sets: KeySets, entry: object) -> None:
    answers(httpx_mock, entry)
    assert {KID: PUBLIC} == sets.keys(JWKS_URL, KID)


def test_the_same_key_twice_is_no_contradiction(httpx_mock: HTTPXMock, sets: KeySets) -> None:
    answers(httpx_mock, jwk(), jwk())
    assert {KID: PUBLIC} == sets.keys(JWKS_URL, UNKNOWN)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(sorted(jwk())), JSON)
def test_any_value_of_any_member_gives_keys_or_an_outage(name: str, value: Any) -> None:
    def spoiled(_: httpx.Request) -> httpx.Response:
        body = json.dumps({"keys": [{**jwk(), name: value}]}).encode()
        return httpx.Response(200, stream=httpx.ByteStream(body))

    with Client(lambda _: Kept(httpx.MockTransport(spoiled))) as client:
        sets = KeySets(lambda: client, Clock())
        try:
            found = sets.keys(JWKS_URL, KID)
        except Outage:
            return
    assert all(key.key_size >= 2048 for key in found.values())


# Addresses


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example/keys",
        "http://127.0.0.1.example/keys",
        "http://127.0.0.1@login.example/keys",
        "http://10.0.0.1/keys",
        "http://169.254.169.254/keys",
        "ftp://localhost/keys",
        "file:///etc/passwd",
        "https:///keys",
        "https://[::1/keys",
        "https://login.example:port/keys",
        "login.example/keys",
        "",
    ],
)
def test_only_https_and_loopback_addresses_are_fetched(sets: KeySets, url: str) -> None:
    for _ in range(2):
        with pytest.raises(Outage, match="RELAY_ENTRA_AUTHORITY") as raised:
            sets.keys(url, KID)
        assert raised.value.permanent


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:7071/keys", "http://localhost/keys", "http://[::1]:7071/keys", "HTTPS://Login.example/keys"],
)
def test_loopback_may_be_plain_http(httpx_mock: HTTPXMock, sets: KeySets, url: str) -> None:
    httpx_mock.add_response(json=jwks())
    assert KID in sets.keys(url, KID)
