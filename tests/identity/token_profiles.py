"""Platform tokens under the profiles of the tests: proven, or refused with the check that failed."""

from collections.abc import Callable

import pytest

from relay.errors import Refusal
from relay.identity.bearer_tokens import SignedClaims, peek, verify
from relay.identity.token_claims import (
    ENTRA_V1,
    ENTRA_V2,
    TokenKind,
    TokenProfile,
    entra_profiles,
)
from tests.support.entra_tokens import (
    AUDIENCE,
    AUTHORITY,
    CALLER,
    KID,
    NOW,
    PUBLIC,
    TENANT,
    V1_ISSUER,
    v1_claims,
    v2_claims,
)

Claims = Callable[..., dict[str, object]]
KEYS = {KID: PUBLIC}


def entra(audiences: tuple[str, ...] = (AUDIENCE,)) -> tuple[TokenProfile, ...]:
    return entra_profiles(
        tenants=[TENANT.upper()],
        authority=AUTHORITY,
        v1_issuer=V1_ISSUER,
        audiences=audiences,
        callers=[CALLER.upper()],
    )


PROFILES = entra()
KINDS = pytest.mark.parametrize(
    ("claims", "kind"),
    [(v2_claims, ENTRA_V2), (v1_claims, ENTRA_V1)],
    ids=["v2", "v1"],
)


def prove(text: str, now: float = NOW, profiles: tuple[TokenProfile, ...] = PROFILES) -> SignedClaims:
    profile, _ = peek(text, profiles)
    return verify(text, profile, KEYS, now)


def why(text: str, now: float = NOW, profiles: tuple[TokenProfile, ...] = PROFILES) -> str:
    with pytest.raises(Refusal) as refused:
        prove(text, now, profiles)
    assert "not-genuine" == refused.value.code
    return refused.value.check


def proof_or_refusal(text: str) -> SignedClaims | None:
    try:
        return prove(text)
    except Refusal:
        return None


EVERY_KIND: list[tuple[Claims, TokenKind]] = [(v2_claims, ENTRA_V2), (v1_claims, ENTRA_V1)]
