"""Tickets spoiled in one thing: no bit, header or claim can be another."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.signed import canonical_json
from relay.signed.tickets import TicketKey
from tests.signed.ticket_keys import (
    DAY,
    DERIVED,
    GENUINE_HEADER,
    NOW,
    ORIGIN,
    Json,
    claims,
    forged,
    opened,
    refusal,
    signed,
)
from tests.support import entra_tokens
from tests.support.json_values import JSON


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_bit_of_a_ticket_can_be_changed(data: st.DataObject) -> None:
    parts = [bytearray(canonical_json.from_base64url(part)) for part in signed(DERIVED).split(".")]
    part = data.draw(st.sampled_from(parts))
    bit = data.draw(st.integers(0, 8 * len(part) - 1))
    part[bit // 8] ^= 1 << bit % 8
    refusal(lambda: opened(".".join(canonical_json.base64url(bytes(each)) for each in parts)))


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_no_character_of_a_ticket_can_be_changed_or_left_out(data: st.DataObject) -> None:
    text = signed()
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda each: each != text[at]))
    refusal(lambda: opened(text[:at] + other + text[at + 1 :]))
    refusal(lambda: opened(text[:at]))


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b", "a.b.c.d", "가.나.다", "\ud800..", "e30.e30.", "A" * 8_001, "W10.e30.e30"]
)
def test_what_is_no_compact_jws_is_not_genuine(text: str) -> None:
    assert refusal(lambda: opened(text)) in {"ticket: form", "ticket: key id"}


@pytest.mark.parametrize(
    "header",
    [
        [],
        {},
        {"alg": "HS256", "kid": 5},
        {"alg": "HS256", "kid": ["k1"]},
        {"alg": "HS256", "kid": "k9"},
        {"alg": "HS256", "kid": ""},
        {"alg": "HS256", "kid": "/dev/null"},
        {"alg": "HS256", "kid": "k1../../../etc/passwd"},
        {"alg": "HS256", "kid": "k1.\ud800"},
        {"alg": "none", "kid": "k1"},
        {"alg": "None", "kid": "k1"},
        {"alg": "HS512", "kid": "k1"},
        {"alg": "RS256", "kid": "k1"},
        {"alg": ["HS256"], "kid": "k1"},
        {"kid": "k1"},
        GENUINE_HEADER | {"crit": ["exp"]},
        GENUINE_HEADER | {"jku": "https://evil.example/keys"},
        GENUINE_HEADER | {"jwk": {"kty": "oct", "k": "AAAA"}},
        GENUINE_HEADER | {"b64": False},
        GENUINE_HEADER | {"zip": "DEF"},
        GENUINE_HEADER | {"x": 1.5},
        b'{"alg":"HS256","alg":"HS256","kid":"k1"}',
        b'{"alg":"HS256","kid":"k9","kid":"k1"}',
        b'{"alg":"HS256","kid":"k1","typ":' + b"[" * 40 + b"]" * 40 + b"}",
        b"\xff",
    ],
)
def test_a_header_takes_nothing_but_ours(header: object) -> None:
    assert refusal(lambda: opened(forged(claims(), header))) in {
        "ticket: form", "ticket: header", "ticket: key id", "ticket: signature"
    }  # fmt: skip


def test_an_unsigned_ticket_is_not_genuine() -> None:
    head, payload, _ = signed().split(".")
    assert refusal(lambda: opened(f"{head}.{payload}.")) == "ticket: signature"
    unsigned = entra_tokens.signing_input({"alg": "none", "kid": "k1"}, claims())
    assert refusal(lambda: opened(f"{unsigned}.")) == "ticket: header"


def test_a_ticket_signed_by_another_key_is_not_genuine() -> None:
    assert refusal(lambda: opened(signed(TicketKey("k1", bytes(32))))) == "ticket: signature"


@pytest.mark.parametrize("name", ["aud", "iat", "exp", "jti"])
@pytest.mark.parametrize("value", [None, True, 1.5, float(NOW), "1790000000", [], {}, -1, 0, 2**53])
def test_a_claim_missing_or_of_another_type_is_not_genuine(name: str, value: object) -> None:
    assert refusal(lambda: opened(forged(claims(**{name: value})))).startswith("ticket: ")


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"aud": "https://other.example"}, "audience"),
        ({"aud": ORIGIN + "/"}, "audience"),
        ({"aud": [ORIGIN]}, "audience"),
        ({"iat": NOW + 301}, "issued in the future"),
        ({"exp": NOW + 30 * DAY + 1}, "lives longer than 30 days, or not at all"),
        ({"exp": NOW}, "lives longer than 30 days, or not at all"),
        ({"jti": "a" * 32}, "the id is not the digest of the request"),
        ({"iat": True, "exp": 60}, "types of the claims"),
        ({"iat": 0, "exp": 60}, "types of the claims"),
        ({"iat": 1.0, "exp": 60}, "types of the claims"),
        ({"exp": float(NOW + DAY)}, "types of the claims"),
        ({"jti": 5}, "types of the claims"),
        ({"stage": 5}, "types of the claims"),
        ({"stage": [""]}, "types of the claims"),
        ({"nbf": NOW}, "claims"),
        ({"sub": "x"}, "claims of a card"),
    ],
)
def test_each_claim_is_checked(changes: Json, check: str) -> None:
    assert refusal(lambda: opened(forged(claims(**changes)))) == f"ticket: {check}"


@pytest.mark.parametrize("payload", [b"", b"[]", b"5", b"\xff", b'{"aud":"a","aud":"b"}', b"[" * 50 + b"]" * 50])
def test_a_payload_that_is_no_object_is_not_genuine(payload: bytes) -> None:
    assert refusal(lambda: opened(forged(payload))) in {"ticket: claims", "ticket: signature"}


def test_a_claim_given_twice_is_not_genuine() -> None:
    payload = canonical_json.encode(claims())
    twice = payload.replace(b'"exp":', b'"exp":1,"exp":', 1)
    assert refusal(lambda: opened(forged(twice))) == "ticket: claims"


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["aud", "iat", "exp", "jti", "req", "stage"]), st.booleans(), JSON | st.text())
@example("stage", False, "출시")
def test_whatever_a_key_holder_signs_is_a_ticket_or_a_refusal(name: str, self_contained: bool, value: object) -> None:
    genuine_claims = claims() if self_contained else claims(req=None)
    text = forged(genuine_claims | {name: value})
    try:
        ticket = opened(text)
    except Refusal:
        assert refusal(lambda: opened(text)).startswith("ticket: ")
    else:
        assert name != "stage" or (self_contained, value) == (False, ticket.stage)
