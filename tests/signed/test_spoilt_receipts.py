"""Receipts spoiled in one thing: no bit, header, key or claim can be another."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.signed import canonical_json
from relay.signed.receipt_keys import ReceiptKey
from tests.signed.receipt_keys import (
    DAY,
    KEY,
    NOW,
    OTHER,
    Json,
    approved,
    check_failed,
    minted,
    paid,
    receipt,
    verified,
)
from tests.support import entra_tokens


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_no_bit_of_a_receipt_can_be_changed(data: st.DataObject) -> None:
    parts = [bytearray(canonical_json.from_base64url(part)) for part in receipt().split(".")]
    part = data.draw(st.sampled_from(parts))
    bit = data.draw(st.integers(0, 8 * len(part) - 1))
    part[bit // 8] ^= 1 << bit % 8
    check_failed(lambda: verified(".".join(canonical_json.base64url(bytes(each)) for each in parts)))


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c.d", "가.나.다", "\ud800..", "e30", "W10.e30.e30", "NQ.e30.e30", "_w.e30.e30"]
)
def test_what_is_no_compact_jws_is_not_genuine(text: str) -> None:
    assert check_failed(lambda: verified(text)) == "form"


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"alg": "EdDSA"},
        {"alg": "EdDSA", "kid": 5},
        {"alg": "EdDSA", "kid": "../keys"},
        {"alg": "EdDSA", "kid": "\ud800"},
        {"alg": "EdDSA", "kid": [KEY.kid]},
        {"alg": "none", "kid": KEY.kid},
        {"alg": "HS256", "kid": KEY.kid},
        {"alg": ["EdDSA"], "kid": KEY.kid},
        {"alg": "EdDSA", "kid": KEY.kid, "crit": ["exp"]},
        {"alg": "EdDSA", "kid": KEY.kid, "jwk": {}},
        {"alg": "EdDSA", "kid": KEY.kid, "jku": "https://evil.example/"},
        {"alg": "EdDSA", "kid": KEY.kid, "b64": False},
    ],
)
def test_a_header_takes_nothing_but_ours(header: Json) -> None:
    public = KEY.private.public_key().public_bytes_raw()
    text = entra_tokens.sign_hs256(header, verified(receipt()), public)
    assert check_failed(lambda: verified(text)) == "signed by no key of this relay"


def test_a_receipt_signed_by_another_key_is_not_genuine() -> None:
    foreign = ReceiptKey(KEY.kid, OTHER.private)
    assert check_failed(lambda: verified(paid(approved(), foreign)["approval"]["receipt"])) == "signature"
    assert check_failed(lambda: verified(paid(approved(), OTHER)["approval"]["receipt"])) == (
        "signed by no key of this relay"
    )


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"keys": None},
        {"keys": {}},
        {"keys": [5, "x", None]},
        {"keys": [{"kid": KEY.kid}]},
        {"keys": [{"kid": KEY.kid, "crv": "X25519", "x": "A" * 43}]},
        {"keys": [{"kid": KEY.kid, "crv": "Ed25519"}]},
        {"keys": [{"kid": KEY.kid, "crv": "Ed25519", "x": 5}]},
        {"keys": [{"kid": KEY.kid, "crv": "Ed25519", "x": "short"}]},
    ],
)
def test_without_its_key_no_receipt_is_genuine(keys: Json) -> None:
    assert check_failed(lambda: verified(receipt(), keys=keys)) == "signed by no key of this relay"


def test_a_key_of_any_form_in_the_set_is_no_error() -> None:
    keys = {"keys": [{"kid": KEY.kid, "crv": "Ed25519", "x": "_" * 43}]}
    assert check_failed(lambda: verified(receipt(), keys=keys)) == "signature"


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"iss": "https://other.example"}, "made by another relay"),
        ({"iss": None}, "made by another relay"),
        ({"aud": "octo/site"}, "made for another repository"),
        ({"aud": ["octo/api"]}, "made for another repository"),
        (
            {"iat": NOW + 70 + 301},
            "not valid at this time; a receipt lives one day",
        ),
        ({"exp": NOW + 70 - 300}, "not valid at this time; a receipt lives one day"),
        ({"iat": "1"}, "claims"),
        ({"iat": True}, "claims"),
        ({"exp": None}, "claims"),
    ],
)
def test_each_claim_is_checked(changes: Json, check: str) -> None:
    assert check_failed(lambda: verified(minted(verified(receipt()) | changes))) == check


@pytest.mark.parametrize("payload", [b"", b"[]", b"5", b'{"a":1,"a":1}', b"\xff", b'{"iat":1.5,"exp":2}'])
def test_a_payload_of_another_form_is_not_genuine(payload: bytes) -> None:
    assert check_failed(lambda: verified(minted(payload))) in {"claims", "signature"}


def test_the_clocks_may_differ_by_five_minutes() -> None:
    assert verified(receipt(), now=NOW + 61 - 300)
    assert verified(receipt(), now=NOW + 61 + DAY + 299)
    assert check_failed(lambda: verified(receipt(), now=NOW + 61 + DAY + 300)).startswith("not valid at this time")
    assert check_failed(lambda: verified(receipt(), now=NOW + 61 - 301)).startswith("not valid at this time")


def test_a_receipt_for_another_repository_or_relay_is_refused_with_a_sentence() -> None:
    with pytest.raises(Refusal) as raised:
        verified(receipt(), repository="octo/site")
    assert "The receipt was made for octo/api, and this is octo/site; after a rename ask again." == raised.value.message
