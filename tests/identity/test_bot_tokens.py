"""The Bot Framework's token, the proof of Teams' service, spoiled one thing at a time."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.identity.bearer_tokens import peek, prove
from relay.identity.token_claims import BOT, bot_profile, entra_profiles
from tests.support import entra_tokens, teams_activities
from tests.support.entra_tokens import KEY, KID, NOW, PUBLIC

PROFILE = bot_profile(app_id=teams_activities.APP, issuer=teams_activities.ISSUER, keys_url=teams_activities.KEYS_URL)
KEYS = {KID: PUBLIC}


def proven(text: str, now: float = NOW) -> Mapping[str, Any]:
    profile, _ = peek(text, [PROFILE])
    return prove(text, profile, KEYS, now)


def spoiled_claims(name: str, value: object) -> dict[str, object]:
    return {key: said for key, said in (teams_activities.claims() | {name: value}).items() if said is not None}


def why(text: str, now: float = NOW) -> str:
    with pytest.raises(Refusal) as refused:
        proven(text, now)
    assert "not-genuine" == refused.value.code
    return refused.value.check


def test_a_genuine_token_proves_the_service() -> None:
    assert (PROFILE, KID) == peek(teams_activities.token(), [PROFILE])
    assert teams_activities.SERVICE == prove(teams_activities.token(), PROFILE, KEYS, NOW)["serviceurl"]


def test_times_have_five_minutes_of_leeway_and_no_more() -> None:
    made = teams_activities.token(exp=NOW + 60)
    assert prove(made, PROFILE, KEYS, NOW - 300)
    assert prove(made, PROFILE, KEYS, NOW + 60 + 299)
    assert "token: claim nbf is not as required" == why(made, NOW - 301)
    assert "token: claim exp is not as required" == why(made, NOW + 60 + 300)


def test_a_time_of_issue_may_be_missing_and_may_not_lie_ahead() -> None:
    assert prove(teams_activities.token(iat=NOW), PROFILE, KEYS, NOW)
    assert "token: claim iat is not as required" == why(teams_activities.token(iat=NOW + 301))


BAD_VALUES: dict[str, list[object]] = {
    "iss": ["https://api.botframework.us", "https://api.botframework.com/", "", [teams_activities.ISSUER], 5],
    "aud": [
        entra_tokens.CALLER,
        f"api://{teams_activities.APP}",
        "",
        [teams_activities.APP],
        {teams_activities.APP: 1},
        5,
    ],
    "exp": [NOW - 300, str(NOW), NOW + 60.0, True, {}],
    "nbf": [NOW + 301, str(NOW), float(NOW), True, {}],
    "serviceurl": [[teams_activities.SERVICE], 5, {}, True],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD_VALUES.items() for value in [*values, None]]
)
def test_a_claim_that_is_wrong_or_missing_is_refused_by_its_name(name: str, value: object) -> None:
    spoiled = "is missing" if value is None else "is not as required"
    expected = "token: issuer unknown" if name == "iss" else f"token: claim {name} {spoiled}"
    assert expected == why(entra_tokens.sign(entra_tokens.header(), spoiled_claims(name, value)))


def test_every_required_claim_was_spoiled() -> None:
    assert set(BOT.required) == set(BAD_VALUES)


def test_a_token_of_a_person_is_none_of_the_bot_framework() -> None:
    assert "token: issuer unknown" == why(entra_tokens.token())
    assert "token: claim serviceurl is missing" == why(
        entra_tokens.token(entra_tokens.v2_claims(iss=teams_activities.ISSUER, aud=teams_activities.APP))
    )


def test_a_token_of_the_bot_framework_is_none_of_a_person() -> None:
    profiles = entra_profiles(
        tenants=[entra_tokens.TENANT],
        authority=entra_tokens.AUTHORITY,
        v1_issuer=entra_tokens.V1_ISSUER,
        audiences=[teams_activities.APP],
        callers=[entra_tokens.CALLER],
    )
    with pytest.raises(Refusal, match="issuer unknown"):
        peek(teams_activities.token(), profiles)


def test_a_key_that_is_not_among_those_of_teams_proves_nothing() -> None:
    with pytest.raises(Refusal, match="key id unknown"):
        prove(teams_activities.token(), PROFILE, {}, NOW)
    forged = entra_tokens.sign(entra_tokens.header(), teams_activities.claims(), entra_tokens.foreign_key())
    assert "token: signature" == why(forged)


@settings(deadline=None, max_examples=150)
@given(name=st.sampled_from(sorted(BOT.required)), value=st.none() | st.text() | st.integers() | st.lists(st.text()))
def test_no_other_value_of_a_claim_proves_more(name: str, value: object) -> None:
    made = entra_tokens.sign(entra_tokens.header(), {**teams_activities.claims(), name: value}, KEY)
    try:
        proven = prove(made, PROFILE, KEYS, NOW)
    except Refusal:
        return
    assert (teams_activities.ISSUER, teams_activities.APP) == (proven["iss"], proven["aud"])
    assert isinstance(proven["serviceurl"], str)
    assert proven["nbf"] - 300 <= NOW < proven["exp"] + 300


@settings(deadline=None, max_examples=150)
@given(position=st.integers(0, 10_000), letter=st.characters(codec="utf-8"))
def test_a_token_with_one_letter_changed_proves_nothing(position: int, letter: str) -> None:
    made = teams_activities.token()
    at = position % len(made)
    changed = made[:at] + letter + made[at + 1 :]
    try:
        proven(changed)
    except Refusal:
        return
    assert made == changed
