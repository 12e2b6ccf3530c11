"""Keys in a set: which are taken, which are left out, and which make the set incomplete."""

import json
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from relay.identity.key_sets import KeySets
from relay.net.client import Client
from relay.net.connection import Connection
from tests.identity.key_sets.key_server import MALFORMED, NEW, NOT_YET, UNKNOWN, answers, outage
from tests.support.clock import Clock
from tests.support.entra_tokens import JWKS_URL, KID, PUBLIC, foreign_key, jwk
from tests.support.json_values import JSON

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
        jwk(kid=NEW, key_ops=["encrypt"]),
        jwk(kid=NEW, key_ops=[]),
        jwk(kid=NEW, key_ops="verify"),
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


@pytest.mark.parametrize(
    "entry", [jwk(use=None), jwk(alg="RS256"), jwk(key_ops=["verify"]), jwk(x5c=["MIIB"], issuer="https://x.example")]
)
def test_keys_for_rs256_are_taken(httpx_mock: HTTPXMock, sets: KeySets, entry: object) -> None:
    answers(httpx_mock, entry)
    assert {KID: PUBLIC} == sets.keys(JWKS_URL, KID)


def test_the_same_key_twice_is_no_contradiction(httpx_mock: HTTPXMock, sets: KeySets) -> None:
    answers(httpx_mock, jwk(), jwk())
    assert {KID: PUBLIC} == sets.keys(JWKS_URL, UNKNOWN)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(sorted(jwk())), JSON)
def test_any_value_of_any_member_gives_keys_or_an_outage(name: str, value: Any) -> None:
    def spoiled(_: httpx.Request) -> httpx.Response:
        body = json.dumps({"keys": [{**jwk(), name: value}]}).encode()
        return httpx.Response(200, stream=httpx.ByteStream(body))

    with Client(lambda _: Connection(httpx.MockTransport(spoiled))) as client:
        sets = KeySets(lambda: client, Clock(1_000.0))
        try:
            found = sets.keys(JWKS_URL, KID)
        except Outage:
            return
    assert all(key.key_size >= 2048 for key in found.values())
