"""Tokens of GitHub Actions with one thing spoilt: each is refused, and the check is named."""

from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.identity.github_oidc import GITHUB, WorkflowToken
from relay.signed.canonical_json import base64url
from tests.identity.github_oidc.proving import prove, why
from tests.support.entra_tokens import PUBLIC, PUBLIC_PEM, foreign_key, header, jwk, sign, sign_hs256, signing_input
from tests.support.github_tokens import ISSUER, KID, NOW, ORIGIN, SLUG_ISSUER, claims, token
from tests.support.json_values import JSON

GENUINE = token()
HEADER = header(kid=KID)

# Signature and header


def test_a_token_without_a_signature_is_refused() -> None:
    for algorithm in ("none", "None", "NONE", ""):
        unsigned = signing_input(header(kid=KID, alg=algorithm), claims())
        assert "token: alg is not RS256" == why(f"{unsigned}.")
    assert "token: signature" == why(f"{signing_input(HEADER, claims())}.")


def test_a_token_signed_by_hmac_with_the_public_key_is_refused() -> None:
    der = PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for secret in (PUBLIC_PEM, PUBLIC_PEM.strip(), der):
        assert "token: alg is not RS256" == why(sign_hs256(header(kid=KID, alg="HS256"), claims(), secret))
        assert "token: signature" == why(sign_hs256(HEADER, claims(), secret))


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", 5, None, ["RS256"]])
def test_another_algorithm_is_refused(algorithm: object) -> None:
    assert "token: alg is not RS256" == why(sign(header(kid=KID, alg=algorithm), claims()))


def test_a_key_inside_the_token_is_never_trusted() -> None:
    foreign = jwk(foreign_key().public_key(), kid=KID)
    for members in (
        {"jwk": foreign},
        {"jku": "https://evil.example/.well-known/jwks"},
        {"x5u": "https://evil.example/key.pem"},
        {"x5c": ["MIIB"]},
    ):
        assert "token: signature" == why(sign({**HEADER, **members}, claims(), foreign_key()))
        assert "token: key id unknown" == why(sign({**HEADER, **members, "kid": "evil"}, claims(), foreign_key()))


@pytest.mark.parametrize(
    "kid", ["../../dev/null", "/dev/null", "..\\..\\key", "https://evil.example/jwks", "' OR 1=1 --", f"{KID}\0", " "]
)
def test_a_key_id_is_a_name_and_never_a_path(kid: str) -> None:
    assert "token: key id unknown" == why(token(kid=kid))


@pytest.mark.parametrize("kid", [None, "", 5, [KID], {}, "k" * 201])
def test_a_key_id_of_another_form_is_refused(kid: object) -> None:
    assert "token: key id is not a string of 1 to 200 characters" == why(token(kid=kid))


# Claims

TEXTS: list[object] = ["", 5, True, [], ["x"], {}, None, "x\n", "x" * 1_025, "\u200b"]
NUMBERS: list[object] = ["", "0", "-1", "01", "1.0", " 1", "1 ", "٣", "1" * 21, 1, True, ["1"], {}, None]
TIMES: list[object] = ["1790000100", NOW + 60.5, True, [NOW], {}, None, "", -(10**400)]
SPOILT: dict[str, list[object]] = {
    "iss": [
        f"{ISSUER}/",
        f"{ISSUER}.evil.example",
        f"{ISSUER}/octo",
        f"{ISSUER}/octo-inc/x",
        ISSUER[:-1],
        ISSUER.upper(),
        ISSUER.replace("https", "http"),
        "https://evil.example",
        [ISSUER],
        "",
        5,
        None,
    ],
    "aud": [
        f"{ORIGIN}/",
        ORIGIN[:-1],
        f"{ORIGIN}.evil.example",
        f"{ORIGIN}:443",
        f"{ORIGIN}/api",
        ORIGIN.upper(),
        [ORIGIN, "https://other.example"],
        [ORIGIN, ORIGIN],
        ["https://other.example"],
        [[ORIGIN]],
        [],
        {ORIGIN: 1},
        "",
        "https://github.com/octo",
        True,
        None,
    ],
    "exp": [NOW - 300, 0, -1, *TIMES],
    "iat": [NOW + 301, 10**400, *TIMES[:-1]],
    "nbf": [NOW + 301, 10**400, *TIMES[:5]],
    "jti": ["", "j" * 129, "a b", "é", 5, [], None],
    "repository": [
        "octo",
        "octo/",
        "/api",
        "octo/api/x",
        "octo/a pi",
        "octo\\api",
        "octo/api\n",
        "-o/api",
        5,
        ["octo/api"],
        "",
        None,
    ],
    "repository_id": NUMBERS,
    "repository_owner_id": NUMBERS,
    "ref": TEXTS,
    "sha": ["", "5f0c1d9", "g" * 40, "A" * 40, "a" * 41, "a" * 63, 5, ["a" * 40], None],
    "run_id": NUMBERS,
    "run_attempt": [*NUMBERS, "1" * 7],
    "actor": ["", "octo cat", "octocat[bot]x", "[bot]", "octocat\n", "x" * 101, 5, ["octocat"], None],
    "actor_id": NUMBERS,
    "event_name": ["", "Push", "push ", "push\n", "../push", 5, ["push"], {}, None],
    "job_workflow_ref": TEXTS,
    "environment": [each for each in TEXTS if each is not None],
}


def test_every_required_and_optional_claim_is_spoilt_here() -> None:
    assert {*GITHUB.required, *GITHUB.optional} == SPOILT.keys()


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in SPOILT.items() for value in values if value is not None]
)
def test_a_claim_that_is_wrong_or_mistyped_is_refused_by_name(name: str, value: object) -> None:
    check = why(token({**claims(), name: value}))
    assert (
        check in {"token: issuer unknown", "token: payload is not JSON"}
        or f"token: claim {name} is not as required" == check
    )


@pytest.mark.parametrize("name", GITHUB.required)
def test_a_required_claim_that_is_missing_or_null_is_refused(name: str) -> None:
    made = claims()
    assert f"token: claim {name} is not as required" == why(token({**made, name: None})) or name == "iss"
    del made[name]
    assert why(token(made)) in {f"token: claim {name} is missing", "token: issuer unknown"}


def test_an_issuer_that_is_not_of_the_list_is_refused() -> None:
    assert "token: issuer unknown" == why(token(claims(iss=f"{SLUG_ISSUER}-2")))


def test_a_claim_written_twice_is_refused() -> None:
    payload = b'{"repository": "evil/other", ' + jwt.utils.base64url_decode(GENUINE.split(".")[1])[1:]
    assert "token: payload is not JSON" == why(sign(HEADER, payload))


def test_the_leeway_is_five_minutes_either_way() -> None:
    begins, ends = claims()["iat"], claims()["exp"]
    assert prove(GENUINE, begins - 300) == prove(GENUINE, ends + 299)
    assert "token: claim iat is not as required" == why(GENUINE, begins - 301)
    assert "token: claim exp is not as required" == why(GENUINE, ends + 300)


# One thing of a genuine token spoilt


@settings(deadline=None, max_examples=400)
@given(st.integers(0, len(GENUINE) - 1), st.characters())
def test_one_changed_character_spoils_a_token(place: int, character: str) -> None:
    spoilt = GENUINE[:place] + character + GENUINE[place + 1 :]
    if spoilt == GENUINE:
        assert "octo/api" == prove(spoilt).repository
    else:
        assert why(spoilt)


@settings(deadline=None, max_examples=400)
@given(st.sampled_from([*GITHUB.required, *GITHUB.optional, *GITHUB.ignored]), JSON | st.text())
def test_any_value_of_any_claim_ends_in_a_proof_of_it_or_a_refusal(name: str, value: object) -> None:
    proven = proof_or_refusal(token({**claims(), name: value}))
    if proven is not None and name in WorkflowToken.__slots__:
        assert str(value) == str(getattr(proven, name))


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(["alg", "kid", "crit", "typ", "jwk", "jku", "x5u", "x5c", "b64"]), JSON)
def test_any_value_in_a_header_ends_in_a_proof_or_a_refusal(name: str, value: object) -> None:
    proven = proof_or_refusal(sign({**HEADER, name: value}, claims()))
    assert proven in {None, prove(GENUINE)}


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=64).map(base64url), st.integers(0, 2))
def test_another_part_spoils_a_token(part: str, place: int) -> None:
    parts = GENUINE.split(".")
    assert why(".".join([*parts[:place], part, *parts[place + 1 :]]))


def proof_or_refusal(text: str) -> Any:
    try:
        return prove(text)
    except Refusal:
        return None
