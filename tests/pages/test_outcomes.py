"""The sentences of a press: English from the chats, and a Korean twin of each."""

import re
from dataclasses import replace

import pytest

from relay.approval import wording
from relay.approval.judge import Decision, DecisionCode
from relay.approval.targets import OTHER_REFS
from relay.github import answers
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.runs import Gate
from relay.pages.outcomes import phrase, refusal, sentence
from tests.support.road import offline

DEBT = Debt("deploy-api", 1, 1.0)
STATES = {
    "none": (),
    "owed": (DEBT,),
    "tried": (replace(DEBT, last_error="it cannot be reached"),),
    "delivered": (replace(DEBT, status="delivered"),),
    "refused": (replace(DEBT, status="refused", last_error="it answers with error 418"),),
    "dead": (replace(DEBT, status="dead", row="x", last_error="it did not answer in time"),),
    "dropped": (replace(DEBT, status="dead", last_error="it did not answer in time"),),
    "cancelled": (
        replace(DEBT, status="cancelled", last_error="a newer approval of the same came before it was sent"),
    ),
}
CODES: list[DecisionCode] = [
    *("approved", "rejected", "counted", "already-counted", "already-approved", "already-rejected"),
    *("superseded", "cancelled", "expired"),
]


@pytest.mark.parametrize("check", [OTHER_REFS, wording.UNDECIDED, wording.NO_RETRY, wording.RAN_OFTEN])
def test_a_check_that_has_a_sentence_of_its_own_has_one_in_both_languages(check: str) -> None:
    english, korean = (refusal(language, "not-allowed", check) for language in ("en", "ko"))
    assert wording.refusal("not-allowed") != english == wording.refusal("not-allowed", check)
    assert english.isascii()
    assert re.search("[가-힣]", korean)
    assert korean != refusal("ko", "not-allowed")


def case(state: str) -> Case:
    return Case(offline(issued_at=1_790_000_000), "offline", debts=STATES[state])


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("code", CODES)
def test_every_outcome_is_told_in_both_languages(code: DecisionCode, state: str) -> None:
    decision = Decision(code, "qa", 2)
    told = case(state)
    english = wording.sentence(decision, wording.paid_outcome(wording.deciding(told.debts)), told)
    assert english == sentence("en", decision, told)
    korean = sentence("ko", decision, told)
    assert re.search("[가-힣]", korean)
    assert not re.search("[a-z]{3,}", korean.replace("qa", ""))


def test_different_outcomes_are_told_differently() -> None:
    told = {sentence("ko", Decision(code, "qa", 2), case("none")) for code in CODES}
    paid = {sentence("ko", Decision(code, "qa"), case(state)) for state in STATES for code in ("approved", "rejected")}
    assert len(CODES) == len(told)
    assert 13 == len(paid)  # what is dead and what was dropped is told the same, and so is what was not tried yet


def test_a_run_that_waits_gets_no_event_of_its_rejection() -> None:
    waited = replace(case("delivered"), gate=Gate("1"))
    english, korean = (sentence(language, Decision("rejected", "qa"), waited) for language in ("en", "ko"))
    assert "Rejected. Nothing will be released. GitHub has taken it." == english
    assert "거절했습니다. 아무것도 실행되지 않습니다. GitHub가 받았습니다." == korean


def test_a_rejection_that_came_after_a_decision_on_github_promises_nothing() -> None:
    late = replace(DEBT, status="cancelled", last_error="decided on GitHub")
    waited = replace(case("none"), gate=Gate("1"), debts=(late,))
    english, korean = (sentence(language, Decision("rejected", "qa"), waited) for language in ("en", "ko"))
    assert "Rejected. But it was decided on GitHub before, so nothing was sent." == english
    assert "거절했습니다. 그러나 이미 GitHub에서 결정되어 아무것도 보내지 않았습니다." == korean


def test_a_stage_that_passed_and_the_next_are_named() -> None:
    told = sentence("ko", Decision("counted", "배포", 2, "검토"), case("none"))
    assert "집계했습니다. 단계 “검토” 통과. 다음 단계 “배포”에는 승인이 2개 필요합니다." == told


@pytest.mark.parametrize(
    "code",
    [
        *("too-large", "not-genuine", "malformed", "unknown-request", "no-rule", "not-allowed", "own-request"),
        *("stale", "comment-required", "busy"),
    ],
)
def test_every_refusal_of_a_press_is_told_in_both_languages(code: str) -> None:
    assert wording.refusal(code) == refusal("en", code)
    assert re.search("[가-힣]", refusal("ko", code))


@pytest.mark.parametrize(
    "said",
    [
        *(each.phrase for each in answers.REFUSED.values()),
        answers.MOVED.phrase,
        answers.NOT_GITHUB.phrase,
        answers.SSO.phrase,
        answers.LIMITED,
        answers.LOCKED_OUT,
        "it answers with error 503",
    ],
)
def test_what_is_said_of_github_has_a_korean_twin(said: str) -> None:
    assert said == phrase("en", said)
    assert re.search("[가-힣]", phrase("ko", said))


def test_what_has_none_is_shown_as_it_is() -> None:
    assert "something new" == phrase("ko", "something new")
