"""The proof of who pressed: a bearer token that Microsoft Entra signed for the actionable-message service.

https://learn.microsoft.com/outlook/actionable-messages/enable-entra-token-for-actionable-messages
https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from relay.core import canonical
from relay.core.errors import Refusal

MAX_LENGTH: Final = 16 * 1024  # characters of a token
LEEWAY: Final = 300  # seconds
_MAX_KID: Final = 200
_MAX_NAME: Final = 200
_GUID: Final = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Check = Callable[[object, "TokenProfile", float], bool]


@dataclass(frozen=True, slots=True)
class TokenKind:
    """What is known of every claim of one format of token; `person` is the claim that holds the object id.

    A required claim must be there and pass its check, an optional one must pass where it is there, and an ignored one
    is left alone knowingly. A claim that stands nowhere is left alone too: Entra adds claims without notice.
    """

    name: str
    person: str
    required: Mapping[str, Check]
    optional: Mapping[str, Check]
    ignored: frozenset[str]


@dataclass(frozen=True, slots=True)
class TokenProfile:
    """Tokens of one issuer: where its keys are, and what they must say. GUIDs are in lower case."""

    kind: TokenKind
    issuer: str
    jwks_url: str
    tenants: frozenset[str]
    audiences: frozenset[str]
    callers: frozenset[str]


@dataclass(frozen=True, slots=True)
class SignedClaims:
    """Who pressed: tenant and object id as lower-case GUIDs, and a name fit to show, which may be empty."""

    tenant: str
    object_id: str
    name: str


def entra_profiles(
    *, tenants: Iterable[str], authority: str, v1_issuer: str, audiences: Collection[str], callers: Iterable[str]
) -> tuple[TokenProfile, ...]:
    """Return the v2 and v1 profiles of each listed tenant (GUIDs). Without audiences no token is accepted."""
    base, accepted, ours = authority.rstrip("/"), frozenset(audiences), _lower(callers)
    return tuple(
        TokenProfile(kind, issuer, f"{base}/{tenant}/discovery/v2.0/keys", frozenset({tenant}), accepted, ours)
        for tenant in sorted(_lower(tenants))
        for kind, issuer in ((ENTRA_V2, f"{base}/{tenant}/v2.0"), (ENTRA_V1, f"{v1_issuer}{tenant}/"))
    )


def legacy_profiles(
    *,
    issuer: str,
    jwks_url: str,
    tenants: Iterable[str],
    audiences: Collection[str],
    public_origin: str,
    callers: Iterable[str],
) -> tuple[TokenProfile, ...]:
    """Return the profile of the retired format, or none where its issuer is not configured.

    Its audience was the origin of the card's target, so the relay's own counts beside the configured ones.
    https://learn.microsoft.com/outlook/actionable-messages/security-requirements
    """
    if not issuer:
        return ()
    accepted = frozenset({*audiences, public_origin})
    return (TokenProfile(LEGACY, issuer, jwks_url, _lower(tenants), accepted, _lower(callers)),)


def bearer(headers: Mapping[str, str]) -> str:
    """Return the one bearer token of a click's headers (names in lower case).

    A card that sets an empty Authorization header gets the token moved to Action-Authorization.
    Raises Refusal not-genuine where there is none, or more than one.
    """
    found = {headers.get(name, "").strip(" \t") for name in ("authorization", "action-authorization")} - {""}
    if not found:
        raise _not_genuine("no Authorization or Action-Authorization header")
    if len(found) > 1:
        raise _not_genuine("Authorization and Action-Authorization differ")
    scheme, _, token = found.pop().partition(" ")
    if scheme.lower() != "bearer" or not token or " " in token or "," in token:  # hosts join doubled headers by commas
        raise _not_genuine("Authorization is not one bearer token")
    return token


def peek(token: str, profiles: Sequence[TokenProfile]) -> tuple[TokenProfile, str]:
    """Return the profile whose issuer an unproven token names, and its key id: only to know which keys to fetch.

    Raises Refusal not-genuine, whatever the text is.
    """
    unverified = _read(token)
    unverified_issuer = unverified.claims.get("iss")
    for profile in profiles:
        if profile.issuer == unverified_issuer:
            if not profile.audiences:
                raise _not_genuine("no audience is configured (RELAY_CARD_AUDIENCE)")
            return profile, unverified.kid
    raise _not_genuine("issuer unknown")


def verify(token: str, profile: TokenProfile, keys: Mapping[str, RSAPublicKey], now: float) -> SignedClaims:
    """Prove a token by the key that its key id names among `keys`, and check its claims by the profile's table.

    Nothing inside a token (jwk, jku, x5c, x5u) ever says which key to trust.
    Raises Refusal not-genuine, whatever the text is; `check` names the claim and never its value.
    """
    unverified = _read(token)
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
    shown = (_shown(claims[name]) for name in _NAMES if name in claims)
    return SignedClaims(claims["tid"].lower(), claims[kind.person].lower(), next(filter(None, shown), ""))


@dataclass(frozen=True, slots=True)
class _Unverified:
    """The parts of a token of which nothing is proven."""

    kid: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def _read(token: str) -> _Unverified:
    if len(token) > MAX_LENGTH:
        raise _not_genuine("longer than 16 KiB")
    try:
        head, body, signature = (canonical.from_base64url(part) for part in token.split("."))
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


def _json_object(part: bytes, what: str) -> dict[str, Any]:
    try:
        value = canonical.parse(part)
    except ValueError:
        raise _not_genuine(f"{what} is not JSON") from None
    if not isinstance(value, dict):
        raise _not_genuine(f"{what} is not an object")
    return value


def _shown(name: str) -> str:
    """Return a name without what cannot be printed or stored; a directory may hold anything."""
    return " ".join("".join(each if each.isprintable() else " " for each in name).split())[:_MAX_NAME]


def _lower(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value.lower() for value in values)


def _not_genuine(check: str) -> Refusal:
    return Refusal("not-genuine", f"token: {check}")


def _is(expected: str) -> Check:
    return lambda value, _profile, _now: value == expected


def _is_issuer(value: object, profile: TokenProfile, _now: float) -> bool:
    return value == profile.issuer


def _is_audience(value: object, profile: TokenProfile, _now: float) -> bool:
    return isinstance(value, str) and value in profile.audiences


def _is_tenant(value: object, profile: TokenProfile, _now: float) -> bool:
    return isinstance(value, str) and value.lower() in profile.tenants


def _is_caller(value: object, profile: TokenProfile, _now: float) -> bool:
    return isinstance(value, str) and value.lower() in profile.callers


def _is_guid(value: object, _profile: TokenProfile, _now: float) -> bool:
    return isinstance(value, str) and _GUID.fullmatch(value) is not None


def _is_text(value: object, _profile: TokenProfile, _now: float) -> bool:
    return isinstance(value, str)


def _has_begun(value: object, _profile: TokenProfile, now: float) -> bool:
    return type(value) is int and value <= now + LEEWAY  # type() since a bool is an int too


def _has_not_ended(value: object, _profile: TokenProfile, now: float) -> bool:
    return type(value) is int and value > now - LEEWAY


_NAMES: Final = ("name", "preferred_username", "upn")  # the first that says anything is shown
_ALWAYS: Final[Mapping[str, Check]] = {
    "iss": _is_issuer,
    "aud": _is_audience,
    "exp": _has_not_ended,
    "nbf": _has_begun,
    "iat": _has_begun,
    "tid": _is_tenant,
}
_SHOWN: Final[Mapping[str, Check]] = dict.fromkeys(_NAMES, _is_text)
# A person is tenant and object id alone: sub differs from application to application, names and e-mails change hands.
_IGNORED: Final = frozenset(
    "acct acr acrs aio amr auth_time ctry email family_name given_name groups hasgroups idp in_corp ipaddr login_hint "  # noqa: SIM905 - one name a line would hide the table
    "onprem_sid platf puid pwd_exp pwd_url rh roles scp sid tenant_ctry tenant_region_scope unique_name uti "
    "verified_primary_email verified_secondary_email wids xms_cc xms_ftd xms_idrel xms_tcdt".split()
)

ENTRA_V2: Final = TokenKind(
    name="entra-v2",
    person="oid",
    required={**_ALWAYS, "azp": _is_caller, "oid": _is_guid},
    optional={**_SHOWN, "ver": _is("2.0"), "idtyp": _is("user")},  # the other types of token stand for no person
    ignored=_IGNORED | {"azpacr", "sub"},
)
ENTRA_V1: Final = TokenKind(
    name="entra-v1",
    person="oid",
    required={**_ALWAYS, "appid": _is_caller, "oid": _is_guid},
    optional={**_SHOWN, "ver": _is("1.0"), "idtyp": _is("user")},
    ignored=_IGNORED | {"appidacr", "sub"},
)
LEGACY: Final = TokenKind(
    name="legacy",
    person="sub",  # an e-mail address from some clouds, which proves nobody
    required={**_ALWAYS, "appid": _is_caller, "sub": _is_guid},
    optional={**_SHOWN, "ver": _is("STI.ExternalAccessToken.V1"), "idtyp": _is("user")},
    ignored=_IGNORED | {"appidacr", "oid", "sender"},
)
