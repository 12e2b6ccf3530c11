import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.core.canonical import base64url
from relay.core.errors import Refusal
from relay.core.platform_tokens import SignedClaims, bearer, peek, verify
from relay.core.token_profiles import (
    ENTRA_V1,
    ENTRA_V2,
    LEGACY,
    TokenKind,
    TokenProfile,
    entra_profiles,
    legacy_profiles,
)
from tests import genuine
from tests.genuine import (
    AUDIENCE,
    AUTHORITY,
    CALLER,
    KEY,
    KID,
    LEGACY_ISSUER,
    LEGACY_JWKS_URL,
    NOW,
    OBJECT,
    ORIGIN,
    OTHER_TENANT,
    PUBLIC,
    TENANT,
    V1_ISSUER,
    header,
    legacy_claims,
    sign,
    token,
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


def legacy(issuer: str = LEGACY_ISSUER) -> tuple[TokenProfile, ...]:
    return legacy_profiles(
        issuer=issuer,
        jwks_url=LEGACY_JWKS_URL,
        tenants=[TENANT.upper()],
        audiences=[AUDIENCE],
        public_origin=ORIGIN,
        callers=[CALLER.upper()],
    )


PROFILES = (*entra(), *legacy())
KINDS = pytest.mark.parametrize(
    ("claims", "kind"),
    [(v2_claims, ENTRA_V2), (v1_claims, ENTRA_V1), (legacy_claims, LEGACY)],
    ids=["v2", "v1", "legacy"],
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


# What is genuine


@KINDS
def test_a_genuine_token_proves_tenant_and_object(claims: Claims, kind: TokenKind) -> None:
    profile, kid = peek(token(claims()), PROFILES)
    assert (kind, KID) == (profile.kind, kid)
    proven = prove(token(claims()))
    assert (TENANT, OBJECT) == (proven.tenant, proven.object_id)


def test_a_token_made_by_another_library_is_genuine() -> None:
    made = jwt.encode(v2_claims(), KEY, algorithm="RS256", headers={"kid": KID})
    assert SignedClaims(TENANT, OBJECT, "Ada Lovelace") == prove(made)


def test_ids_in_upper_case_come_out_in_lower_case() -> None:
    shouted = v2_claims(tid=TENANT.upper(), oid=OBJECT.upper(), azp=CALLER.upper())
    assert SignedClaims(TENANT, OBJECT, "Ada Lovelace") == prove(token(shouted))


@KINDS
def test_the_table_knows_every_claim_of_a_genuine_token_once(claims: Claims, kind: TokenKind) -> None:
    columns = (set(kind.required), set(kind.optional), set(kind.ignored))
    known = set().union(*columns)
    assert set() == set(claims()) - known
    assert sum(map(len, columns)) == len(known)


def test_a_claim_that_nobody_knows_is_left_alone() -> None:
    assert OBJECT == prove(token(v2_claims(xms_new={"a": [1]}))).object_id


@KINDS
def test_optional_claims_may_be_missing(claims: Claims, kind: TokenKind) -> None:
    bare = {name: value for name, value in claims().items() if name in kind.required}
    assert SignedClaims(TENANT, OBJECT, "") == prove(token(bare))


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"name": "에이다", "preferred_username": "p", "upn": "u"}, "에이다"),
        ({"name": "", "preferred_username": "p", "upn": "u"}, "p"),
        ({"name": None, "preferred_username": "\n", "upn": "u"}, "u"),
        ({"name": "Ada\r\nSet-Cookie: \u202ex\ud800 ", "upn": "u"}, "Ada Set-Cookie: x"),
        ({"name": "x" * 5_000}, "x" * 200),
    ],
)
def test_the_name_is_the_first_that_can_be_shown(names: dict[str, Any], shown: str) -> None:
    assert shown == prove(token(v2_claims(**names))).name


def test_a_user_token_may_say_so() -> None:
    assert OBJECT == prove(token(v2_claims(idtyp="user"))).object_id


def test_times_have_five_minutes_of_leeway_and_no_more() -> None:
    claims = v2_claims(iat=NOW, nbf=NOW, exp=NOW + 60)
    assert OBJECT == prove(token(claims), NOW - 300).object_id
    assert OBJECT == prove(token(claims), NOW + 60 + 299).object_id
    assert "token: claim nbf is not as required" == why(token(claims), NOW - 301)
    assert "token: claim iat is not as required" == why(token(claims | {"nbf": NOW - 400}), NOW - 301)
    assert "token: claim exp is not as required" == why(token(claims), NOW + 60 + 300)


# Profiles


def test_profiles_name_issuers_and_keys_of_listed_tenants_only() -> None:
    v2, v1 = entra()
    keys = f"{AUTHORITY}/{TENANT}/discovery/v2.0/keys"
    assert ("entra-v2", f"{AUTHORITY}/{TENANT}/v2.0", keys) == (v2.kind.name, v2.issuer, v2.jwks_url)
    assert ("entra-v1", f"{V1_ISSUER}{TENANT}/", keys) == (v1.kind.name, v1.issuer, v1.jwks_url)
    assert "token: issuer unknown" == why(token(v2_claims(tenant=OTHER_TENANT)))
    assert "token: issuer unknown" == why(token(v1_claims(tenant=OTHER_TENANT)))


def test_without_tenants_nobody_is_known() -> None:
    nobody = entra_profiles(
        tenants=[], authority=AUTHORITY, v1_issuer=V1_ISSUER, audiences=[AUDIENCE], callers=[CALLER]
    )
    assert () == nobody
    assert "token: issuer unknown" == why(token(), profiles=nobody)


@pytest.mark.parametrize("claims", [v2_claims, v1_claims])
def test_without_audiences_no_entra_token_is_taken(claims: Claims) -> None:
    closed = entra(audiences=())
    assert "token: no audience is configured (RELAY_CARD_AUDIENCE)" == why(token(claims()), profiles=closed)
    for profile in closed:
        with pytest.raises(Refusal):
            verify(token(claims()), profile, KEYS, NOW)


def test_the_retired_format_is_off_until_its_issuer_is_configured() -> None:
    assert () == legacy(issuer="")
    assert "token: issuer unknown" == why(token(legacy_claims()), profiles=entra())


def test_the_retired_format_is_made_for_the_relays_origin_or_a_configured_audience() -> None:
    assert OBJECT == prove(token(legacy_claims(aud=ORIGIN))).object_id
    assert OBJECT == prove(token(legacy_claims(aud=AUDIENCE))).object_id
    assert "token: claim aud is not as required" == why(token(legacy_claims(aud="https://elsewhere.example")))
    assert "token: claim aud is not as required" == why(token(v2_claims(aud=ORIGIN)))


def test_the_retired_format_takes_no_mail_address_for_a_person() -> None:
    assert "token: claim sub is not as required" == why(token(legacy_claims(sub="ada@contoso.example")))


# Claims spoiled one at a time

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
EVERY_KIND: list[tuple[Claims, TokenKind]] = [(v2_claims, ENTRA_V2), (v1_claims, ENTRA_V1), (legacy_claims, LEGACY)]


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
        (legacy_claims(appid=None, azp=CALLER), "claim appid is missing"),
        (v2_claims(ver="1.0"), "claim ver is not as required"),
        (v1_claims(ver="2.0"), "claim ver is not as required"),
        (v2_claims(iss=f"{V1_ISSUER}{TENANT}/"), "claim appid is missing"),
        (v1_claims(iss=f"{AUTHORITY}/{TENANT}/v2.0"), "claim azp is missing"),
        (v2_claims(iss=LEGACY_ISSUER), "claim appid is missing"),
        (v2_claims(oid=None, sub=OBJECT), "claim oid is missing"),
        (legacy_claims(sub=None, oid=OBJECT), "claim sub is missing"),
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


# Headers and signatures spoiled


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS512", "PS256", "rs256", "", 5, ["RS256"], None])
def test_any_algorithm_but_rs256_is_refused(algorithm: object) -> None:
    assert "token: alg is not RS256" == why(token(alg=algorithm))
    unsigned = genuine.signing_input(header(alg=algorithm), v2_claims()) + "."
    assert "token: alg is not RS256" == why(unsigned)


def test_a_public_key_is_no_secret_to_sign_with() -> None:
    forged = genuine.sign_hs256(header(alg="HS256"), v2_claims(), genuine.PUBLIC_PEM)
    assert "token: alg is not RS256" == why(forged)
    assert "token: signature" == why(genuine.sign_hs256(header(), v2_claims(), genuine.PUBLIC_PEM))


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"jwk": genuine.jwk(genuine.foreign_key().public_key())},
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/cert"},
        {"x5c": ["MIIB"]},
    ],
)
def test_a_foreign_key_is_not_trusted_wherever_the_token_says_it_is(extra: dict[str, object]) -> None:
    assert "token: signature" == why(sign(header(**extra), v2_claims(), genuine.foreign_key()))


@pytest.mark.parametrize(
    "kid", ["unknown", "../../../../dev/null", "/etc/passwd", "\ud800", "키", KID + " ", "x" * 200]
)
def test_a_key_id_is_looked_up_and_nothing_else(kid: str) -> None:
    assert kid == peek(token(kid=kid), PROFILES)[1]
    assert "token: key id unknown" == why(token(kid=kid))


def test_only_the_named_key_is_tried() -> None:
    profile, _ = peek(token(), PROFILES)
    with pytest.raises(Refusal) as refused:
        verify(token(), profile, {KID: genuine.foreign_key().public_key(), "other": PUBLIC}, NOW)
    assert "token: signature" == refused.value.check


@pytest.mark.parametrize("kid", [None, "", "x" * 201, 5, [KID], {"kid": KID}])
def test_a_key_id_is_a_string_of_bounded_length(kid: object) -> None:
    assert "token: key id is not a string of 1 to 200 characters" == why(token(kid=kid))


@pytest.mark.parametrize("crit", [[], ["exp"], "exp", False])
def test_critical_extensions_are_refused(crit: object) -> None:
    assert "token: crit is present" == why(token(crit=crit))
    assert "token: crit is present" == why(sign({**header(), "crit": None}, v2_claims()))


def test_long_tokens_are_refused_first() -> None:
    assert OBJECT == prove(token(v2_claims(groups=["g" * 9_000]))).object_id
    assert "token: longer than 16 KiB" == why(token(v2_claims(groups=["g" * 16_384])))
    assert "token: longer than 16 KiB" == why("." * 16_385)


PARTS = token().split(".")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..." * 3,
        "a",
        ".".join(PARTS[:2]),
        ".".join([*PARTS, ""]),
        ".".join([*PARTS, PARTS[2]]),
        f" {token()}",
        f"{token()}\n",
        f"{token()}=",
        f"{PARTS[0]}.{PARTS[1]}+.{PARTS[2]}",
        f"{PARTS[0]}.{PARTS[1]}.\ud800",
        f"{PARTS[0]}.{PARTS[1]}.키",
        f"{PARTS[0]}.{PARTS[1]}.{PARTS[2]}AAA",
        f"{PARTS[0]}.{PARTS[1]}.{PARTS[2][:-1]}_",
    ],
    ids=range(14),
)
def test_what_is_not_three_parts_of_base64url_is_refused(text: str) -> None:
    assert "token: not three parts of base64url" == why(text)


BAD_JSON = [
    b"",
    b"\xff",
    b"{",
    b'{"a":1,"a":1}',
    b'{"a":NaN}',
    b"[" * 2_000,
    b"\xef\xbb\xbf{}",
    b'{"a":' + b"9" * 5_000 + b"}",
]


@pytest.mark.parametrize("part", BAD_JSON, ids=range(len(BAD_JSON)))
def test_header_and_payload_are_strict_json(part: bytes) -> None:
    assert "token: header is not JSON" == why(sign(part, v2_claims()))
    assert "token: payload is not JSON" == why(sign(header(), part))


@pytest.mark.parametrize("part", [b"[]", b'"text"', b"1", b"null", b"[1,2]"])
def test_header_and_payload_are_objects(part: bytes) -> None:
    assert "token: header is not an object" == why(sign(part, v2_claims()))
    assert "token: payload is not an object" == why(sign(header(), part))


def test_doubled_claims_are_refused_even_when_signed() -> None:
    payload = json.dumps(v2_claims()).encode()
    doubled = payload[:-1] + b', "oid": "' + OTHER_TENANT.encode() + b'"}'
    assert "token: payload is not JSON" == why(sign(header(), doubled))


def test_an_empty_signature_is_refused() -> None:
    assert "token: signature" == why(f"{PARTS[0]}.{PARTS[1]}.")


def test_a_payload_changed_after_signing_is_refused() -> None:
    changed = base64url(json.dumps(v2_claims(oid=OTHER_TENANT)).encode())
    assert "token: signature" == why(f"{PARTS[0]}.{changed}.{PARTS[2]}")


# Totality

GENUINE = token()


@settings(deadline=None, max_examples=400)
@given(st.integers(0, len(GENUINE) - 1), st.characters())
def test_one_changed_character_spoils_a_token(place: int, character: str) -> None:
    spoiled = GENUINE[:place] + character + GENUINE[place + 1 :]
    if spoiled == GENUINE:
        assert OBJECT == prove(spoiled).object_id
    else:
        assert why(spoiled)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(GENUINE) - 1), st.integers(0, 5))
def test_one_changed_bit_spoils_a_token(place: int, bit: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    character = GENUINE[place]
    other = "A" if character == "." else alphabet[alphabet.index(character) ^ 1 << bit]
    assert why(GENUINE[:place] + other + GENUINE[place + 1 :])


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(GENUINE) - 1))
def test_a_truncated_token_is_refused(length: int) -> None:
    assert why(GENUINE[:length])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted({*ENTRA_V2.required, *ENTRA_V2.optional})), JSON)
def test_any_value_of_any_claim_ends_in_a_proof_or_a_refusal(name: str, value: object) -> None:
    proven = proof_or_refusal(token({**v2_claims(), name: value}))
    if proven:
        person = value.lower() if name == "oid" and isinstance(value, str) else OBJECT
        assert (TENANT, person) == (proven.tenant, proven.object_id)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(["alg", "kid", "crit", "typ", "jwk", "jku", "x5u", "x5c", "b64"]), JSON)
def test_any_value_in_a_header_ends_in_a_proof_or_a_refusal(name: str, value: object) -> None:
    proven = proof_or_refusal(sign({**header(), name: value}, v2_claims()))
    assert proven is None or OBJECT == proven.object_id


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(codec=None)))
def test_any_text_is_refused(text: str) -> None:
    assert why(text)


def test_a_refusal_never_quotes_the_sender() -> None:
    for text in (
        token(v2_claims(oid="SECRET")),
        token(kid="SECRET"),
        token(alg="SECRET"),
        token(v2_claims(iss="SECRET")),
    ):
        assert "SECRET" not in why(text)


# The header that carries the token


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer a.b.c"},
        {"authorization": "bearer a.b.c"},
        {"authorization": "  BEARER a.b.c\t"},
        {"action-authorization": "Bearer a.b.c"},
        {"authorization": "", "action-authorization": "Bearer a.b.c"},
        {"authorization": " ", "action-authorization": "Bearer a.b.c"},
        {"authorization": "Bearer a.b.c", "action-authorization": ""},
        {"authorization": "Bearer a.b.c", "action-authorization": "Bearer a.b.c"},
    ],
)
def test_the_bearer_token_is_found_in_either_header(headers: dict[str, str]) -> None:
    assert "a.b.c" == bearer(headers)


@pytest.mark.parametrize(
    ("headers", "check"),
    [
        ({}, "no Authorization or Action-Authorization header"),
        ({"authorization": "", "action-authorization": " "}, "no Authorization or Action-Authorization header"),
        (
            {"authorization": "Bearer a", "action-authorization": "Bearer b"},
            "Authorization and Action-Authorization differ",
        ),
        ({"authorization": "Bearer"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer "}, "Authorization is not one bearer token"),
        ({"authorization": "a.b.c"}, "Authorization is not one bearer token"),
        ({"authorization": "Basic YTpi"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer  a"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer a b"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer\ta"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer a,Bearer a"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer a,"}, "Authorization is not one bearer token"),
        ({"action-authorization": "Béarer \ud800"}, "Authorization is not one bearer token"),
    ],
)
def test_headers_without_one_bearer_token_are_refused(headers: dict[str, str], check: str) -> None:
    with pytest.raises(Refusal) as refused:
        bearer(headers)
    assert ("not-genuine", f"token: {check}") == (refused.value.code, refused.value.check)


def test_a_scheme_of_the_cards_own_does_not_hide_the_bearer() -> None:
    for own, other in (("authorization", "action-authorization"), ("action-authorization", "authorization")):
        assert "t.o.k" == bearer({own: "Basic YTpi", other: "Bearer t.o.k"})
        with pytest.raises(Refusal, match="not one bearer"):
            bearer({own: "Basic YTpi", other: "Digest x"})
