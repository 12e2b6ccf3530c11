import json
from typing import Any

import jwt
import pytest

from relay.errors import Refusal
from relay.identity.bearer_tokens import SignedClaims, peek, verify
from relay.identity.token_claims import TokenKind
from relay.signed.canonical_json import base64url
from tests.identity.token_profiles import KINDS, PROFILES, Claims, prove, why
from tests.support import entra_tokens
from tests.support.entra_tokens import (
    CALLER,
    KEY,
    KID,
    NOW,
    OBJECT,
    OTHER_TENANT,
    PUBLIC,
    TENANT,
    header,
    sign,
    token,
    v2_claims,
)

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


# Headers and signatures spoiled


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS512", "PS256", "rs256", "", 5, ["RS256"], None])
def test_any_algorithm_but_rs256_is_refused(algorithm: object) -> None:
    assert "token: alg is not RS256" == why(token(alg=algorithm))
    unsigned = entra_tokens.signing_input(header(alg=algorithm), v2_claims()) + "."
    assert "token: alg is not RS256" == why(unsigned)


def test_a_public_key_is_no_secret_to_sign_with() -> None:
    forged = entra_tokens.sign_hs256(header(alg="HS256"), v2_claims(), entra_tokens.PUBLIC_PEM)
    assert "token: alg is not RS256" == why(forged)
    assert "token: signature" == why(entra_tokens.sign_hs256(header(), v2_claims(), entra_tokens.PUBLIC_PEM))


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"jwk": entra_tokens.jwk(entra_tokens.foreign_key().public_key())},
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/cert"},
        {"x5c": ["MIIB"]},
    ],
)
def test_a_foreign_key_is_not_trusted_wherever_the_token_says_it_is(extra: dict[str, object]) -> None:
    assert "token: signature" == why(sign(header(**extra), v2_claims(), entra_tokens.foreign_key()))


@pytest.mark.parametrize(
    "kid", ["unknown", "../../../../dev/null", "/etc/passwd", "\ud800", "키", KID + " ", "x" * 200]
)
def test_a_key_id_is_looked_up_and_nothing_else(kid: str) -> None:
    assert kid == peek(token(kid=kid), PROFILES)[1]
    assert "token: key id unknown" == why(token(kid=kid))


def test_only_the_named_key_is_tried() -> None:
    profile, _ = peek(token(), PROFILES)
    with pytest.raises(Refusal) as refused:
        verify(token(), profile, {KID: entra_tokens.foreign_key().public_key(), "other": PUBLIC}, NOW)
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
