from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.model.case import Case
from relay.model.people import Actor, Review
from relay.pages.form_token import OUTCOME_LIFETIME, PRESS_LIFETIME, FormToken, fingerprint
from relay.signed import tickets
from tests.support.road import MASTER, offline

NOW = 1_790_000_000
OTHER = tickets.TicketKey("k2", bytes(range(1, 33)))
SEAL = FormToken([MASTER], "entra:t/ada", "a" * 32)
WORD = "b" * 32
TOKEN = SEAL.sign_press(WORD, NOW)


def refused(seal: FormToken, token: str, now: float = NOW) -> bool:
    with pytest.raises(Refusal) as found:
        seal.read_press(token, now)
    return found.value.code == "not-genuine"


def test_a_token_tells_what_its_page_showed() -> None:
    assert WORD == SEAL.read_press(TOKEN, NOW + 5)


def test_the_other_keys_of_the_relay_verify_as_well() -> None:
    assert WORD == replace(SEAL, keys=[OTHER, MASTER]).read_press(TOKEN, NOW)


@pytest.mark.parametrize(
    "seal",
    [
        replace(SEAL, person="entra:t/grace"),
        replace(SEAL, request_id="c" * 32),
        replace(SEAL, keys=[OTHER]),
        replace(SEAL, keys=[replace(MASTER, secret=MASTER.secret + b"x")]),
    ],
    ids=["another person", "another request", "another relay", "another secret"],
)
def test_a_token_is_good_for_its_person_request_and_relay_alone(seal: FormToken) -> None:
    assert refused(seal, TOKEN)


def test_a_token_ends() -> None:
    assert WORD == SEAL.read_press(TOKEN, NOW + PRESS_LIFETIME - 1)
    assert refused(SEAL, TOKEN, NOW + PRESS_LIFETIME)


def test_neither_purpose_serves_the_other() -> None:
    outcome = SEAL.sign_outcome("approved", NOW)
    assert "approved" == SEAL.read_outcome(outcome, NOW)
    assert "" == SEAL.read_outcome(outcome, NOW + OUTCOME_LIFETIME)
    assert "" == SEAL.read_outcome(TOKEN, NOW)
    assert "" == replace(SEAL, person="entra:t/grace").read_outcome(outcome, NOW)
    assert refused(SEAL, outcome)


@given(st.integers(0, 200), st.characters())
def test_no_character_of_a_token_can_be_another(place: int, character: str) -> None:
    at = place % len(TOKEN)
    spoiled = TOKEN[:at] + character + TOKEN[at + 1 :]
    assert spoiled == TOKEN or refused(SEAL, spoiled)


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    assert refused(SEAL, text)
    assert "" == SEAL.read_outcome(text, NOW)


def test_a_token_is_no_ticket() -> None:
    with pytest.raises(Refusal):
        tickets.open_ticket(TOKEN, [MASTER], "https://relay.example", now=NOW, born_at=0)


def test_what_was_seen_changes_with_what_people_decide_and_not_with_what_is_paid() -> None:
    case = Case(offline(issued_at=NOW), "offline")
    review = Review("approve", Actor("entra:t/ada", "Ada"), "qa", NOW)
    words = {
        fingerprint(case, "qa"),
        fingerprint(case, "release"),
        fingerprint(replace(case, status="cancelled"), "qa"),
        fingerprint(replace(case, reviews=(review,)), "qa"),
        fingerprint(replace(case, request=offline(issued_at=NOW, title="Another")), "qa"),
    }
    assert 5 == len(words)
    assert fingerprint(case, "qa") == fingerprint(replace(case, version=7, commit_id="x"), "qa")
