"""Whatever is changed in a platform token, it is proven as it was or refused."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.identity.token_claims import ENTRA_V2
from tests.identity.token_profiles import proof_or_refusal, prove, why
from tests.support.entra_tokens import OBJECT, OTHER_TENANT, TENANT, header, sign, token, v2_claims
from tests.support.json_values import JSON

GENUINE = token()


@settings(deadline=None, max_examples=400)
@given(st.integers(0, len(GENUINE) - 1), st.characters())
def test_one_changed_character_spoils_a_token(position: int, character: str) -> None:
    spoiled = GENUINE[:position] + character + GENUINE[position + 1 :]
    if spoiled == GENUINE:
        assert OBJECT == prove(spoiled).object_id
    else:
        assert why(spoiled)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(GENUINE) - 1), st.integers(0, 5))
def test_one_changed_bit_spoils_a_token(position: int, bit: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    character = GENUINE[position]
    other = "A" if character == "." else alphabet[alphabet.index(character) ^ 1 << bit]
    assert why(GENUINE[:position] + other + GENUINE[position + 1 :])


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(GENUINE) - 1))
def test_a_truncated_token_is_refused(length: int) -> None:
    assert why(GENUINE[:length])


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted({*ENTRA_V2.required, *ENTRA_V2.optional})), JSON | st.text() | st.uuids().map(str))
@example("name", "에이다")
@example("oid", OTHER_TENANT.upper())
def test_any_value_of_any_claim_ends_in_a_proof_or_a_refusal(name: str, value: object) -> None:
    proven = proof_or_refusal(token({**v2_claims(), name: value}))
    person = value.lower() if name == "oid" and isinstance(value, str) else OBJECT
    assert proven is None or (TENANT, person) == (proven.tenant, proven.object_id)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(["alg", "kid", "crit", "typ", "jwk", "jku", "x5u", "x5c", "b64"]), JSON)
@example("typ", "at+jwt")
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
