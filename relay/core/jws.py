"""Compact JSON Web Signatures (RFC 7515), read and written; who signs and what is believed is the callers' affair."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from relay.core import canonical


@dataclass(frozen=True, slots=True)
class Unverified:
    """The parts of a JWS of which nothing is proven; `signed` is what the signature is about."""

    header: dict[str, Any]
    payload: bytes
    signed: bytes
    signature: bytes


def read(text: str) -> Unverified:
    """Take a compact JWS apart. ValueError where it is none, or its header is no JSON object."""
    head, payload, signature = (canonical.from_base64url(part) for part in text.split("."))
    header = canonical.parse(head)
    if not isinstance(header, dict):
        raise ValueError("the header is not an object")
    return Unverified(header, payload, text.rpartition(".")[0].encode(), signature)


def write(payload: bytes, *, algorithm: str, kid: str, sign: Callable[[bytes], bytes]) -> str:
    """Return the compact JWS of a payload, its signature made by `sign`."""
    signed = f"{_header(algorithm, kid)}.{canonical.base64url(payload)}"
    return f"{signed}.{canonical.base64url(sign(signed.encode()))}"


@lru_cache(maxsize=16)
def _header(algorithm: str, kid: str) -> str:
    return canonical.base64url(canonical.encode({"alg": algorithm, "kid": kid, "typ": "JWT"}))
