from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from relay.github.app_key import read_private_key

KEY = rsa.generate_private_key(65537, 2048)


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = KEY,
    form: PrivateFormat = PrivateFormat.TraditionalOpenSSL,  # what GitHub gives
    encryption: KeySerializationEncryption = NoEncryption(),  # noqa: B008 - immutable
) -> str:
    return key.private_bytes(Encoding.PEM, form, encryption).decode()


WEAK = pem(rsa.generate_private_key(65537, 1024))  # noqa: S505 - to be refused


@pytest.mark.parametrize(
    "text",
    [
        pem(),
        pem(form=PrivateFormat.PKCS8),
        pem().replace("\n", "\\n"),
        f"\n{pem()}\n",
        b64encode(pem().encode()).decode(),
        "\n".join(b64encode(pem().encode()).decode().partition("L")),
    ],
)
def test_a_key_is_a_pem_or_its_base64(text: str) -> None:
    assert KEY.private_numbers() == read_private_key(text).private_numbers()


@pytest.mark.parametrize(
    ("says_why", "text"),
    [
        ("paste the .pem file", ""),
        ("paste the .pem file", "secret"),
        ("paste the .pem file", "키"),
        ("paste the .pem file", "-----BEGIN \udcff"),
        ("paste the .pem file", "-----BEGIN RSA PRIVATE KEY-----\nsecret\n-----END RSA PRIVATE KEY-----"),
        ("paste the .pem file", b64encode(b"secret").decode()),
        ("paste the .pem file", pem()[:-200]),
        ("paste the .pem file", pem(form=PrivateFormat.PKCS8, encryption=BestAvailableEncryption(b"secret"))),
        ("make a new one", pem(ec.generate_private_key(ec.SECP256R1()), PrivateFormat.PKCS8)),
        ("make a new one", WEAK),
    ],
)
def test_any_other_key_is_refused_with_its_cure_and_is_not_quoted(says_why: str, text: str) -> None:
    with pytest.raises(ValueError, match=says_why) as refused:
        read_private_key(text)
    assert "secret" not in str(refused.value)
