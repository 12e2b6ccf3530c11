"""Tickets: the signed token that a card carries. It names a request or contains the whole request."""

import hashlib
import hmac
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from relay.errors import Refusal, malformed
from relay.model.request import ApprovalRequest
from relay.signed import canonical_json, jws
from relay.signed.request import MAX_LIFETIME, read_wire, to_wire
from relay.signed.senders_actions import check_actions

MAX_LENGTH: Final = 2_000  # a ticket travels in headers, addresses and buttons
LEEWAY: Final = 300
_MAX_REQUEST: Final = 256 * 1024  # bytes after inflating
_CLAIMS: Final = frozenset({"aud", "iat", "exp", "jti"})
_OF_THE_RELAY: Final = frozenset({"stage", "by", "view", "sub"})  # claims that no asker's ticket has
_OPTIONAL: Final = _OF_THE_RELAY | {"req"}
BY_RELAY: Final = "relay"
VIEW_LIFETIME: Final = 600


@dataclass(frozen=True, slots=True)
class TicketKey:
    """A signing key. A derived key is valid for its `repository` alone; the relay's own has an empty one."""

    kid: str
    secret: bytes = field(repr=False)
    repository: str = ""


class Ticket(NamedTuple):
    """An opened, genuine ticket. A self-contained one has its `request`. `stage` is the stage of its card.

    `by` is BY_RELAY on a card that the relay posted itself. A card that was drawn for one `person` has their id and a
    `view`, the digest of what it shows.
    """

    id: str
    issued_at: int
    expires_at: int
    request: ApprovalRequest | None
    stage: str
    by: str = ""
    view: str = ""
    person: str = ""


def parse_key(text: str) -> TicketKey:
    """Read `kid:base64url` (32 bytes or more). A derived key has the kid `<master>.<owner>/<repo>`.

    Raises ValueError, with the cure and without quoting the secret.
    """
    kid, colon, secret = text.strip().partition(":")
    master, dot, repository = kid.partition(".")
    if not colon or not master or not kid.isascii() or " " in kid or (dot and repository.count("/") != 1):
        raise ValueError("must be kid:base64url; `relay keys new` makes one")
    try:
        key = canonical_json.from_base64url(secret.rstrip("="))
    except ValueError:
        raise ValueError("the part after the colon must be base64url; `relay keys new` makes one") from None
    if len(key) < 32:  # noqa: PLR2004 - the strength of HS256
        raise ValueError("needs 32 bytes or more; `relay keys new` makes one")
    return TicketKey(kid, key, repository.lower())


def format_key(key: TicketKey) -> str:
    """Return the key as `parse_key` reads it."""
    return f"{key.kid}:{canonical_json.base64url(key.secret)}"


def derive(master: TicketKey, repository: str) -> TicketKey:
    """Return the key of one repository's workflows, by HKDF-SHA256 from the relay's own key."""
    if master.repository:
        raise ValueError("a derived key derives no others; use one of the relay's own")
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - most tickets have the relay's own key
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - as above

    scope = repository.lower()
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"approval-relay ticket key for {scope}".encode())
    return TicketKey(f"{master.kid}.{repository}", hkdf.derive(master.secret), scope)


def sign(
    request: ApprovalRequest, key: TicketKey, audience: str, *, self_contained: bool, stage: str = "", by: str = ""
) -> str:
    """Return a ticket for `request`, for the relay at the origin `audience`.

    Raises Refusal malformed if a self-contained ticket would be longer than `MAX_LENGTH` or hold an action that leads
    to the relay, or if the key was derived for another repository.
    """
    if key.repository and key.repository != request.repository.lower():
        raise malformed("repository", "the ticket key was derived for another repository")
    claims: dict[str, object] = {
        "aud": audience,
        "iat": request.issued_at,
        "exp": request.expires_at,
        "jti": request.id,
    }
    claims |= {name: value for name, value in (("stage", stage), ("by", by)) if value}
    if self_contained:
        check_actions(request, audience)
        claims["req"] = canonical_json.base64url(zlib.compress(canonical_json.encode(to_wire(request)), 9, wbits=-15))
    ticket = _write(claims, key)
    if self_contained and len(ticket) > MAX_LENGTH:
        raise malformed(
            "request",
            f"a self-contained ticket takes at most {MAX_LENGTH} characters and this one has {len(ticket)}; "
            "shorten the payload and text, or register the request with the relay",
        )
    return ticket


def sign_view(
    request: ApprovalRequest, key: TicketKey, audience: str, *, stage: str, view: str, person: str, now: float
) -> str:
    """Return the ticket of a card that is drawn for one person, and good for ten minutes."""
    times = {"iat": int(now), "exp": int(now) + VIEW_LIFETIME}
    return _write({"aud": audience, "jti": request.id, "stage": stage, "view": view, "sub": person, **times}, key)


def _write(claims: Mapping[str, object], key: TicketKey) -> str:
    encoded = canonical_json.encode(claims)
    return jws.write(encoded, algorithm="HS256", kid=key.kid, sign=lambda signed: _signature(signed, key))


def open_ticket(text: str, keys: Sequence[TicketKey], audience: str, *, now: float, born_at: float) -> Ticket:
    """Verify a ticket. Its expiry is left to the judge.

    `keys` are the relay's own; the kid of a derived key names its master. `born_at` is the creation time of the store.
    Raises Refusal not-genuine. Total: any text in, a ticket or Refusal out.
    """
    key, claims = _verified(text, keys)
    issued_at, expires_at, identifier = claims["iat"], claims["exp"], claims["jti"]
    if claims["aud"] != audience:
        raise _not_genuine("audience")
    if not (_is_time(issued_at) and _is_time(expires_at) and isinstance(identifier, str)):
        raise _not_genuine("types of the claims")
    if issued_at > now + LEEWAY:
        raise _not_genuine("issued in the future")
    if not 0 < expires_at - issued_at <= MAX_LIFETIME:
        raise _not_genuine("lives longer than 30 days, or not at all")
    if issued_at < born_at - LEEWAY:  # it may have been decided in a store that is gone
        raise _not_genuine("older than the store")
    stage, by, view, person = _card_claims(claims)
    if "req" in claims and (_OF_THE_RELAY & claims.keys() or len(text) > MAX_LENGTH):
        raise _not_genuine("self-contained, with a claim of the relay's own or too long")
    request = _request(claims["req"], issued_at, expires_at, audience) if "req" in claims else None
    if request is not None and request.id != identifier:
        raise _not_genuine("the id is not the digest of the request")
    if key.repository and (request is None or request.repository.lower() != key.repository):
        raise _not_genuine("signed by another repository's key")
    return Ticket(identifier, issued_at, expires_at, request, stage, by, view, person)


def _card_claims(claims: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Return the claims that only the relay's own cards have, empty where they are missing."""
    stage, by, view, person = (claims.get(name, "") for name in ("stage", "by", "view", "sub"))
    if not all(isinstance(each, str) for each in (stage, by, view, person)):
        raise _not_genuine("types of the claims")
    if by not in ("", BY_RELAY) or bool(view) != bool(person) or (by and view):
        raise _not_genuine("claims of a card")
    return stage, by, view, person


def _verified(text: str, keys: Sequence[TicketKey]) -> tuple[TicketKey, dict[str, Any]]:
    unverified = _read(text)
    key = _key(unverified.header.get("kid"), keys)
    if set(unverified.header) - {"alg", "kid", "typ"} or unverified.header.get("alg") != "HS256":
        raise _not_genuine("header")
    if not hmac.compare_digest(unverified.signature, _signature(unverified.signed, key)):
        raise _not_genuine("signature")
    try:
        claims = canonical_json.parse(unverified.payload)
    except ValueError:
        raise _not_genuine("claims") from None
    if not isinstance(claims, dict) or not set(claims) >= _CLAIMS or set(claims) - _CLAIMS - _OPTIONAL:
        raise _not_genuine("claims")
    return key, claims


def _signature(signed: bytes, key: TicketKey) -> bytes:
    return hmac.digest(key.secret, signed, hashlib.sha256)


def _read(text: str) -> jws.Unverified:
    try:
        if len(text) > 4 * MAX_LENGTH:
            raise ValueError("longer than any ticket")
        unverified = jws.read(text)
        canonical_json.check(unverified.header)  # a lone surrogate in the key id could not be hashed
    except ValueError:
        raise _not_genuine("form") from None
    return unverified


def _key(kid: object, keys: Sequence[TicketKey]) -> TicketKey:
    if not isinstance(kid, str):
        raise _not_genuine("key id")
    master, dot, repository = kid.partition(".")
    for key in keys:
        if key.kid == kid:
            return key
        if dot and key.kid == master and not key.repository:
            return derive(key, repository)
    raise _not_genuine("key id")


def _request(packed: object, issued_at: int, expires_at: int, audience: str) -> ApprovalRequest:
    try:
        if not isinstance(packed, str):
            raise ValueError("not a string")
        inflater = zlib.decompressobj(wbits=-15)
        plain = inflater.decompress(canonical_json.from_base64url(packed), _MAX_REQUEST)
        if not inflater.eof or inflater.unused_data:
            raise ValueError("not one deflated request within bounds")
        wire = canonical_json.parse(plain)
        if not isinstance(wire, dict):
            raise ValueError("not an object")
        request = read_wire(wire, issued_at=issued_at, expires_at=expires_at)
        check_actions(request, audience)
    except (ValueError, zlib.error):
        raise _not_genuine("packed request") from None
    except Refusal as refusal:
        raise _not_genuine(f"packed request, {refusal.check}") from None
    return request


def _is_time(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**40


def _not_genuine(check: str) -> Refusal:
    return Refusal("not-genuine", f"ticket: {check}")
