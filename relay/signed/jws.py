"""Compact JSON Web Signatures (RFC 7515), read and written. The caller signs, verifies and decides what to trust."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from relay.signed import canonical_json


class Unverified(NamedTuple):
    """The parts of a JWS, not verified. `signed` is the bytes that the signature covers."""

    header: dict[str, Any]
    payload: bytes
    signed: bytes
    signature: bytes


def read(text: str) -> Unverified:
    """Split a compact JWS into its parts. Raises ValueError if it is none, or if its header is no JSON object."""
    head, payload, signature = (canonical_json.from_base64url(part) for part in text.split("."))
    header = canonical_json.parse(head)
    if not isinstance(header, dict):
        raise ValueError("the header is not an object")
    return Unverified(header, payload, text.rpartition(".")[0].encode(), signature)


def write(payload: bytes, *, algorithm: str, kid: str, sign: Callable[[bytes], bytes]) -> str:
    """Return the compact JWS of a payload. `sign` makes the signature."""
    signed = f"{_header(algorithm, kid)}.{canonical_json.base64url(payload)}"
    return f"{signed}.{canonical_json.base64url(sign(signed.encode()))}"


@lru_cache(maxsize=16)
def _header(algorithm: str, kid: str) -> str:
    return canonical_json.base64url(canonical_json.encode({"alg": algorithm, "kid": kid, "typ": "JWT"}))
