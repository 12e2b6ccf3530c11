import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.signed import receipt_keys
from tests.signed.receipt_keys import KEY, KEYS, PRIVATE
from tests.support import entra_tokens


@settings(deadline=None, max_examples=20)
@given(st.binary(min_size=32, max_size=32))
def test_a_key_goes_round(seed: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    text = receipt_keys.format_key(private)
    assert base64.b64encode(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode() == text
    key = receipt_keys.parse_key(f" {text}\n")
    assert private.public_key() == key.private.public_key()


def test_a_public_half_signs_nothing() -> None:
    der = PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(ValueError, match="`relay keys new` makes one"):
        receipt_keys.parse_key(base64.b64encode(der).decode())


def test_the_key_set_holds_public_halves_named_by_their_thumbprint() -> None:
    assert {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
                "kid": KEY.kid,
                "alg": "EdDSA",
                "use": "sig",
            }
        ]
    } == KEYS
    assert 43 == len(KEY.kid)


RSA = base64.b64encode(entra_tokens.KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
EC = base64.b64encode(
    generate_ec_key(SECP256R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
).decode()
TRUNCATED = receipt_keys.format_key(PRIVATE)[:-8]


@pytest.mark.parametrize("text", ["", "s3cr3t!", "s3cr3t==", TRUNCATED, "키", RSA, EC])
def test_a_key_of_another_form_is_told_without_quoting_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be .*Ed25519 key.*`relay keys new` makes one") as raised:
        receipt_keys.parse_key(text)
    assert not text or text[:6] not in str(raised.value)
