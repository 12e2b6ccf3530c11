"""What a key server may answer, and which addresses are asked at all."""

import json
from collections.abc import Iterator

import httpx
import pytest
from pytest_httpx import HTTPXMock, IteratorStream

from relay.errors import Outage
from relay.identity.key_sets import KeySets
from tests.identity.key_sets.key_server import HOUR, answers, fetches, outage
from tests.support.clock import Clock
from tests.support.entra_tokens import JWKS_URL, KID, jwks


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 400, 401, 404, 429, 500, 503])
def test_any_status_but_200_is_an_outage_and_no_redirect_is_followed(
    httpx_mock: HTTPXMock, sets: KeySets, status: int
) -> None:
    elsewhere = {"location": "https://elsewhere.example/keys"}
    httpx_mock.add_response(url=JWKS_URL, status_code=status, headers=elsewhere, json=jwks())
    assert f"the key server answered {status}" == outage(sets)
    assert 1 == fetches(httpx_mock)


@pytest.mark.parametrize(
    ("body", "fault"),
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
def test_what_is_not_a_key_set_is_an_outage(httpx_mock: HTTPXMock, sets: KeySets, body: bytes, fault: str) -> None:
    httpx_mock.add_response(url=JWKS_URL, content=body)
    assert f"the key server's answer {fault}" == outage(sets)


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
