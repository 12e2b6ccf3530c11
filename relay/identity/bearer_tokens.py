"""Bearer tokens: the proof of the person, signed by Microsoft Entra for the actionable-message service.

https://learn.microsoft.com/outlook/actionable-messages/enable-entra-token-for-actionable-messages
https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from relay.errors import Refusal
from relay.identity.directory import printable_name
from relay.identity.token_claims import NAMES, TokenProfile
from relay.signed import canonical_json

MAX_LENGTH: Final = 16 * 1024  # characters of a token
_MAX_KID: Final = 200


class SignedClaims(NamedTuple):
    """A proven person: tenant and object id as lower-case GUIDs, and a printable name, which may be empty."""

    tenant: str
    object_id: str
    name: str


def bearer(headers: Mapping[str, str]) -> str:
    """Return the one bearer token of a click's headers (names in lower case).

    A card that sets an empty Authorization header gets the token moved to Action-Authorization.
    Raises Refusal not-genuine if there is none, or more than one.
    """
    values = {headers.get(name, "").strip(" \t") for name in ("authorization", "action-authorization")} - {""}
    if not values:
        raise _not_genuine("no Authorization or Action-Authorization header")
    found = {value for value in values if value.lower().startswith("bearer")}  # a card may set a scheme of its own
    if len(found) > 1:
        raise _not_genuine("Authorization and Action-Authorization differ")
    scheme, _, token = (found or values).pop().partition(" ")
    if scheme.lower() != "bearer" or not token or " " in token or "," in token:  # hosts join doubled headers by commas
        raise _not_genuine("Authorization is not one bearer token")
    return token


def peek(token: str, profiles: Sequence[TokenProfile]) -> tuple[TokenProfile, str]:
    """Return the profile of the issuer that an unverified token names, and its key id, to know which keys to fetch.

    Raises Refusal not-genuine. Total: any text in, a profile or Refusal out.
    """
    unverified = _read(token)
    unverified_issuer = unverified.claims.get("iss")
    for profile in profiles:
        if profile.issuer == unverified_issuer:
            if not profile.audiences:
                raise _not_genuine("no audience is configured (RELAY_CARD_AUDIENCE)")
            return profile, unverified.kid
    raise _not_genuine("issuer unknown")


def key_of_bearer(headers: Mapping[str, str], profiles: Sequence[TokenProfile]) -> tuple[str, str]:
    """Return the address and the id of the key that the bearer token of a click needs. Raises Refusal not-genuine."""
    profile, kid = peek(bearer(headers), profiles)
    return profile.jwks_url, kid


def verify_bearer(
    headers: Mapping[str, str], profiles: Sequence[TokenProfile], keys: Mapping[str, RSAPublicKey], now: float
) -> SignedClaims:
    """Prove the person of a click by its bearer token. Raises Refusal not-genuine."""
    token = bearer(headers)
    return verify(token, peek(token, profiles)[0], keys, now)


def verify(token: str, profile: TokenProfile, keys: Mapping[str, RSAPublicKey], now: float) -> SignedClaims:
    """Prove a person's token. Raises Refusal not-genuine, as `prove` does."""
    claims, kind = prove(token, profile, keys, now), profile.kind
    shown = (printable_name(claims[name]) for name in NAMES if name in claims)
    return SignedClaims(claims["tid"].lower(), claims[kind.person].lower(), next(filter(None, shown), ""))


def prove(token: str, profile: TokenProfile, keys: Mapping[str, RSAPublicKey], now: float) -> Mapping[str, Any]:
    """Return the claims of a token, proven by its key among `keys` and by the profile's table of claims.

    Raises Refusal not-genuine, whose `check` names the claim and never its value. Total: any text in, claims or
    Refusal out.
    """
    unverified = _read(token)
    # Only the key id counts. A key inside the token (jwk, jku, x5c, x5u) is never trusted.
    key = keys.get(unverified.kid)
    if key is None:
        raise _not_genuine("key id unknown")
    try:
        key.verify(unverified.signature, unverified.signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise _not_genuine("signature") from None
    claims, kind = unverified.claims, profile.kind
    for name in kind.required:
        if name not in claims:
            raise _not_genuine(f"claim {name} is missing")
    for name, passes in (*kind.required.items(), *kind.optional.items()):
        if name in claims and not passes(claims[name], profile, now):
            raise _not_genuine(f"claim {name} is not as required")
    return claims


class _Unverified(NamedTuple):
    """The parts of a token, not verified."""

    kid: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


@lru_cache(maxsize=64)  # one click reads its token three times: for the key, for the issuer, for the proof
def _read(token: str) -> _Unverified:
    if len(token) > MAX_LENGTH:
        raise _not_genuine("longer than 16 KiB")
    try:
        head, body, signature = (canonical_json.from_base64url(part) for part in token.split("."))
    except ValueError:
        raise _not_genuine("not three parts of base64url") from None
    header = _json_object(head, "header")
    if header.get("alg") != "RS256":
        raise _not_genuine("alg is not RS256")
    if "crit" in header:
        raise _not_genuine("crit is present")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_KID:
        raise _not_genuine("key id is not a string of 1 to 200 characters")
    return _Unverified(kid, _json_object(body, "payload"), token.rpartition(".")[0].encode(), signature)


def _json_object(part: bytes, name: str) -> dict[str, Any]:
    try:
        value = canonical_json.parse(part)
    except ValueError:
        raise _not_genuine(f"{name} is not JSON") from None
    if not isinstance(value, dict):
        raise _not_genuine(f"{name} is not an object")
    return value


def _not_genuine(check: str) -> Refusal:
    return Refusal("not-genuine", f"token: {check}")
