"""Token claims: a table for each format of token, and the issuers that a relay accepts.

https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
https://learn.microsoft.com/outlook/actionable-messages/security-requirements
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, NamedTuple

from relay.identity.directory import is_guid

LEEWAY: Final = 300  # seconds

Check = Callable[[object, "TokenProfile", float], bool]


class TokenKind(NamedTuple):
    """The claims of one format of token. `person` is the claim that holds the object id.

    A required claim must be there and pass its check. An optional one must pass if it is there. An ignored one is not
    checked, on purpose.
    """

    # A claim in none of the tables is ignored too, since Entra adds claims without notice.

    name: str
    person: str
    required: Mapping[str, Check]
    optional: Mapping[str, Check]
    ignored: frozenset[str]


class TokenProfile(NamedTuple):
    """The tokens of one issuer: the address of its keys, and the accepted values of claims. GUIDs are in lower case."""

    kind: TokenKind
    issuer: str
    jwks_url: str
    tenants: frozenset[str]
    audiences: frozenset[str]
    callers: frozenset[str]


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


def id_token_profiles(*, tenants: Iterable[str], authority: str, client_id: str) -> tuple[TokenProfile, ...]:
    """Return the profiles of the ID tokens that each listed tenant (GUIDs) issues to the app registration `client_id`.

    https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    """
    base, none, ours = authority.rstrip("/"), frozenset[str](), frozenset({client_id})
    return tuple(
        TokenProfile(
            ENTRA_ID, f"{base}/{tenant}/v2.0", f"{base}/{tenant}/discovery/v2.0/keys", frozenset({tenant}), ours, none
        )
        for tenant in sorted(_lower(tenants))
    )


def bot_profile(*, app_id: str, issuer: str, keys_url: str) -> TokenProfile:
    """Return the profile of the tokens that the Bot Framework sends to the bot `app_id` with its activities.

    https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
    """
    none: frozenset[str] = frozenset()
    return TokenProfile(BOT, issuer, keys_url, none, frozenset({app_id}), none)


def _lower(values: Iterable[str]) -> frozenset[str]:
    return frozenset(value.lower() for value in values)


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
    return isinstance(value, str) and is_guid(value)


def _is_text(value: object, _profile: TokenProfile, _now: float) -> bool:
    return isinstance(value, str)


def _has_begun(value: object, _profile: TokenProfile, now: float) -> bool:
    return type(value) is int and value <= now + LEEWAY  # type() since a bool is an int too


def _has_not_ended(value: object, _profile: TokenProfile, now: float) -> bool:
    return type(value) is int and value > now - LEEWAY


NAMES: Final = ("name", "preferred_username", "upn")  # the first that says anything is shown
_ALWAYS: Final[Mapping[str, Check]] = {
    "iss": _is_issuer,
    "aud": _is_audience,
    "exp": _has_not_ended,
    "nbf": _has_begun,
    "iat": _has_begun,
    "tid": _is_tenant,
}
_SHOWN: Final[Mapping[str, Check]] = dict.fromkeys(NAMES, _is_text)
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
    optional={**_SHOWN, "ver": _is("2.0"), "idtyp": _is("user")},  # the other types of token are of no person
    ignored=_IGNORED | {"azpacr", "sub"},
)
ENTRA_V1: Final = TokenKind(
    name="entra-v1",
    person="oid",
    required={**_ALWAYS, "appid": _is_caller, "oid": _is_guid},
    optional={**_SHOWN, "ver": _is("1.0"), "idtyp": _is("user")},
    ignored=_IGNORED | {"appidacr", "sub"},
)
ENTRA_ID: Final = TokenKind(
    name="entra-id",
    person="oid",
    required={**_ALWAYS, "oid": _is_guid, "nonce": _is_text},  # the sign-in compares the nonce with its own
    optional={**_SHOWN, "ver": _is("2.0"), "idtyp": _is("user")},
    ignored=_IGNORED | {"at_hash", "azp", "c_hash", "sub"},
)
BOT: Final = TokenKind(
    name="bot",
    person="",  # it proves the chat alone; the activity that came with it names the person
    required={
        "iss": _is_issuer,
        "aud": _is_audience,
        "exp": _has_not_ended,
        "nbf": _has_begun,
        "serviceurl": _is_text,
    },
    optional={"iat": _has_begun},
    ignored=frozenset(),
)
