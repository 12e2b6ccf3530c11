import pytest

from relay.errors import Refusal
from relay.identity.bearer_tokens import verify
from relay.identity.token_claims import TokenKind, entra_profiles
from tests.identity.token_profiles import KEYS, KINDS, Claims, entra, why
from tests.support.entra_tokens import (
    AUDIENCE,
    AUTHORITY,
    CALLER,
    NOW,
    OTHER_TENANT,
    TENANT,
    V1_ISSUER,
    token,
    v1_claims,
    v2_claims,
)


@KINDS
def test_the_table_knows_every_claim_of_a_genuine_token_once(claims: Claims, kind: TokenKind) -> None:
    columns = (set(kind.required), set(kind.optional), set(kind.ignored))
    known = set().union(*columns)
    assert set() == set(claims()) - known
    assert sum(map(len, columns)) == len(known)


def test_profiles_name_issuers_and_keys_of_listed_tenants_only() -> None:
    v2, v1 = entra()
    keys = f"{AUTHORITY}/{TENANT}/discovery/v2.0/keys"
    assert ("entra-v2", f"{AUTHORITY}/{TENANT}/v2.0", keys) == (v2.kind.name, v2.issuer, v2.jwks_url)
    assert ("entra-v1", f"{V1_ISSUER}{TENANT}/", keys) == (v1.kind.name, v1.issuer, v1.jwks_url)
    assert "token: issuer unknown" == why(token(v2_claims(tenant=OTHER_TENANT)))
    assert "token: issuer unknown" == why(token(v1_claims(tenant=OTHER_TENANT)))


def test_without_tenants_nobody_is_known() -> None:
    none = entra_profiles(tenants=[], authority=AUTHORITY, v1_issuer=V1_ISSUER, audiences=[AUDIENCE], callers=[CALLER])
    assert () == none
    assert "token: issuer unknown" == why(token(), profiles=none)


@pytest.mark.parametrize("claims", [v2_claims, v1_claims])
def test_without_audiences_no_entra_token_is_taken(claims: Claims) -> None:
    closed = entra(audiences=())
    assert "token: no audience is configured (RELAY_CARD_AUDIENCE)" == why(token(claims()), profiles=closed)
    for profile in closed:
        with pytest.raises(Refusal):
            verify(token(claims()), profile, KEYS, NOW)
