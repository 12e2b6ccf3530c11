"""Genuine keys and tokens of Entra. Tests start from these and spoil one thing."""

import hashlib
import hmac
import json
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from relay.signed.canonical_json import base64url

NOW: Final = 1_790_000_000
TENANT: Final = "7d1e9b0a-3c55-4f6e-9a51-0f2b6c8d4e10"
OTHER_TENANT: Final = "c0ffee00-1111-4222-8333-444455556666"
OBJECT: Final = "5b2c7f18-90ab-4cde-8f01-23456789abcd"
CALLER: Final = "48af08dc-f6d2-435f-b2a7-069abd99c086"
AUDIENCE: Final = "api://auth-am-0d6c1f3e-2222-4333-8444-555566667777/9e107d9d-3725-4b1c-a53d-112233445566"
AUTHORITY: Final = "https://login.microsoftonline.com"
V1_ISSUER: Final = "https://sts.windows.net/"
ORIGIN: Final = "https://relay.example"
JWKS_URL: Final = f"{AUTHORITY}/{TENANT}/discovery/v2.0/keys"
KID: Final = "nOo3ZDrODXEK1jKWhXslHR_KXEg"

KEY: Final = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC: Final = KEY.public_key()
PUBLIC_PEM: Final = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PEM: Final = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@cache
def foreign_key() -> rsa.RSAPrivateKey:
    """Return a valid key that no issuer publishes."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key: rsa.RSAPublicKey = PUBLIC, kid: str = KID, **changes: object) -> dict[str, object]:
    """Return a public key as a key server writes it. A change to None leaves that member out."""
    numbers = key.public_numbers()
    n, e = (base64url(each.to_bytes((each.bit_length() + 7) // 8)) for each in (numbers.n, numbers.e))
    return _changed({"kty": "RSA", "use": "sig", "kid": kid, "x5t": kid, "n": n, "e": e}, changes)


def jwks(*entries: object) -> dict[str, object]:
    """Return a key set of these entries, or of the genuine key if there are none."""
    return {"keys": list(entries) or [jwk()]}


def sign(header: object, payload: object, key: rsa.RSAPrivateKey = KEY) -> str:
    """Return a compact JWS of any header and payload, always signed with RS256. Bytes stay as they are."""
    signed = signing_input(header, payload)
    return f"{signed}.{base64url(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def sign_hs256(header: object, payload: object, secret: bytes) -> str:
    """Return a compact JWS signed with HMAC."""
    signed = signing_input(header, payload)
    return f"{signed}.{base64url(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def signing_input(header: object, payload: object) -> str:
    """Return the first two parts of a compact JWS."""
    return ".".join(
        base64url(part if isinstance(part, bytes) else json.dumps(part).encode()) for part in (header, payload)
    )


def header(**changes: object) -> dict[str, object]:
    """Return the header of a genuine token. A change to None leaves that member out."""
    return _changed({"typ": "JWT", "alg": "RS256", "kid": KID}, changes)


def v2_claims(now: int = NOW, tenant: str = TENANT, **changes: object) -> dict[str, object]:
    """Return the claims of a v2 token. A change to None leaves that claim out."""
    special = {
        "iss": f"{AUTHORITY}/{tenant}/v2.0",
        "azp": CALLER,
        "azpacr": "2",
        "preferred_username": "ada@contoso.example",
        "ver": "2.0",
    }
    return _changed({**_entra_claims(now, tenant), **special}, changes)


def v1_claims(now: int = NOW, tenant: str = TENANT, **changes: object) -> dict[str, object]:
    """Return the claims of a v1 token. A change to None leaves that claim out."""
    special = {
        "iss": f"{V1_ISSUER}{tenant}/",
        "appid": CALLER,
        "appidacr": "2",
        "acr": "1",
        "amr": ["pwd", "mfa"],
        "family_name": "Lovelace",
        "given_name": "Ada",
        "ipaddr": "192.0.2.7",
        "unique_name": "ada@contoso.example",
        "upn": "ada@contoso.example",
        "ver": "1.0",
    }
    return _changed({**_entra_claims(now, tenant), **special}, changes)


def token(claims: dict[str, object] | None = None, **header_changes: object) -> str:
    """Return a genuine token, v2 by default."""
    return sign(header(**header_changes), v2_claims() if claims is None else claims)


def _entra_claims(now: int, tenant: str) -> dict[str, Any]:
    return {
        "aud": AUDIENCE,
        "iat": now - 5,
        "nbf": now - 5,
        "exp": now + 4_500,
        "aio": "AWQAm/8XAAAA",
        "name": "Ada Lovelace",
        "oid": OBJECT,
        "rh": "1.AXEA",
        "scp": "Actions.Post",
        "sub": "pairwise-6Jq1",
        "tid": tenant,
        "uti": "x0y1z2",
    }


def _changed(members: dict[str, Any], changes: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in (members | changes).items() if value is not None}
