"""Claims of platform tokens, spoiled one at a time."""

import pytest

from relay.errors import Refusal
from relay.identity.bearer_tokens import verify
from relay.identity.token_claims import entra_profiles
from tests.identity.token_profiles import EVERY_KIND, KEYS, Claims, entra, prove, why
from tests.support.entra_tokens import (
    AUDIENCE,
    AUTHORITY,
    CALLER,
    NOW,
    OBJECT,
    OTHER_TENANT,
    TENANT,
    V1_ISSUER,
    token,
    v1_claims,
    v2_claims,
)

BAD_VALUES: dict[str, list[object]] = {
    "iss": [f"{AUTHORITY}/{OTHER_TENANT}/v2.0", f"{AUTHORITY}/{TENANT}/v2.0/", f"{AUTHORITY.upper()}/{TENANT}/v2.0"],
    "aud": ["", AUDIENCE + "/", AUDIENCE.upper(), [AUDIENCE], [AUDIENCE, AUDIENCE], {AUDIENCE: 1}],
    "exp": [NOW - 300, str(NOW + 60), NOW + 60.0, True, -1, [NOW + 60]],
    "nbf": [NOW + 301, str(NOW), float(NOW), True, [NOW], 10**400],
    "iat": [NOW + 301, str(NOW), float(NOW), False, [NOW], 10**400],
    "tid": [OTHER_TENANT, "", f" {TENANT}", [TENANT], "common"],
    "oid": [
        "",
        "ada@contoso.example",
        OBJECT + "\n",
        OBJECT.replace("-", ""),
        f"{{{OBJECT}}}",
        [OBJECT],
        "\u0665" + OBJECT[1:],
    ],
    "sub": ["", "ada@contoso.example", [OBJECT]],
    "azp": [OTHER_TENANT, "", CALLER[:-1], [CALLER]],
    "appid": [OTHER_TENANT, "", CALLER[:-1], [CALLER]],
    "ver": ["", "3.0", 2.0, ["2.0"], ["1.0"]],
    "idtyp": ["app", "device", "APP", "", ["user"]],
    "name": [["Ada"], {}],
    "preferred_username": [["ada"], True],
    "upn": [["ada"], 0],
}


@pytest.mark.parametrize(
    ("claims", "name", "value"),
    [
        pytest.param(claims, name, value, id=f"{kind.name}-{name}-{value!a:.40}")
        for claims, kind in EVERY_KIND
        for name in (*kind.required, *kind.optional)
        for value in (*BAD_VALUES[name], 5 if name not in {"exp", "nbf", "iat"} else {})
    ],
)
def test_a_claim_that_is_wrong_or_mistyped_is_refused_by_its_name(claims: Claims, name: str, value: object) -> None:
    expected = "token: issuer unknown" if name == "iss" else f"token: claim {name} is not as required"
    assert expected == why(token(claims(**{name: value})))


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        pytest.param(claims, name, id=f"{kind.name}-{name}")
        for claims, kind in EVERY_KIND
        for name in (*kind.required, *kind.optional)
    ],
)
def test_a_claim_that_is_null_is_refused(claims: Claims, name: str) -> None:
    expected = "token: issuer unknown" if name == "iss" else f"token: claim {name} is not as required"
    assert expected == why(token({**claims(), name: None}))


@pytest.mark.parametrize(
    ("claims", "name"),
    [pytest.param(claims, name, id=f"{kind.name}-{name}") for claims, kind in EVERY_KIND for name in kind.required],
)
def test_a_required_claim_that_is_missing_is_refused(claims: Claims, name: str) -> None:
    expected = "token: issuer unknown" if name == "iss" else f"token: claim {name} is missing"
    assert expected == why(token(claims(**{name: None})))


@pytest.mark.parametrize(
    ("claims", "check"),
    [
        (v2_claims(azp=None, appid=CALLER), "claim azp is missing"),
        (v1_claims(appid=None, azp=CALLER), "claim appid is missing"),
        (v2_claims(ver="1.0"), "claim ver is not as required"),
        (v1_claims(ver="2.0"), "claim ver is not as required"),
        (v2_claims(iss=f"{V1_ISSUER}{TENANT}/"), "claim appid is missing"),
        (v1_claims(iss=f"{AUTHORITY}/{TENANT}/v2.0"), "claim azp is missing"),
        (v2_claims(oid=None, sub=OBJECT), "claim oid is missing"),
    ],
)
def test_a_token_of_one_kind_does_not_pass_for_another(claims: dict[str, object], check: str) -> None:
    assert f"token: {check}" == why(token(claims))


def test_a_token_is_proven_only_under_the_issuer_it_names() -> None:
    v2, v1 = entra()
    for text, other in ((token(), v1), (token(v1_claims()), v2)):
        with pytest.raises(Refusal) as refused:
            verify(text, other, KEYS, NOW)
        assert "token: claim" in refused.value.check


def test_a_tenant_of_the_list_cannot_speak_for_another_one() -> None:
    both = entra_profiles(
        tenants=[TENANT, OTHER_TENANT],
        authority=f"{AUTHORITY}/",
        v1_issuer=V1_ISSUER,
        audiences=[AUDIENCE],
        callers=[CALLER],
    )
    assert TENANT == prove(token(), profiles=both).tenant
    assert "token: claim tid is not as required" == why(token(v2_claims(tid=OTHER_TENANT)), profiles=both)
