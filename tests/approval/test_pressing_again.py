"""Double clicks, and buttons that were drawn for an earlier stage."""

import pytest

from relay.approval.judge import Decision, Step
from relay.approval.policy import Stage
from relay.errors import Refusal
from tests.approval.two_stages import after, press, with_stages


@pytest.mark.parametrize("again", ["entra:t/ada", "slack:T/ADA"])
def test_the_same_approval_twice_counts_once_through_whatever_id(again: str) -> None:
    policy = with_stages(Stage("all", ("ada", "lin"), 2))
    once = after(press("ada"), policy=policy).case
    assert Step(Decision("already-counted", "all", 1), once, changed=False) == after(
        press(again), case=once, policy=policy
    )


@pytest.mark.parametrize("drawn_for", ["", "qa", "a stage that was renamed"])
def test_an_older_button_pressed_again_after_its_stage_passed_is_a_double_click(drawn_for: str) -> None:
    passed = after(press("ada")).case
    expected = Step(Decision("already-counted", "release", 2, "qa"), passed, changed=False)
    assert expected == after(press("slack:T/ADA"), case=passed, drawn_for=drawn_for)


@pytest.mark.parametrize("drawn_for", ["", "qa", "release"])
def test_a_button_of_any_age_is_a_first_word_of_who_had_none(drawn_for: str) -> None:
    passed = after(press("ada")).case
    assert Decision("counted", "release", 1) == after(press("grace"), case=passed, drawn_for=drawn_for).decision


def test_a_button_drawn_for_a_stage_between_is_a_first_word_of_who_spoke_before_it() -> None:
    policy = with_stages(Stage("one", ("ada",)), Stage("two", ("lin",)), Stage("three", ("ada", "grace"), 2))
    passed = after(press("ada"), press("lin"), policy=policy).case
    decision = after(press("ada"), case=passed, policy=policy, drawn_for="two").decision
    assert Decision("counted", "three", 1) == decision
    decision = after(press("ada"), case=passed, policy=policy, drawn_for="one").decision
    assert Decision("already-counted", "three", 2, "one") == decision


def test_a_double_click_on_a_passed_stage_by_one_without_a_say_in_the_next_is_no_refusal() -> None:
    passed = after(press("lin")).case
    assert "already-counted" == after(press("lin"), case=passed).decision.code
    with pytest.raises(Refusal, match="not-allowed"):
        after(press("lin"), case=passed, drawn_for="release")


def test_rejecting_with_an_older_button_is_a_word_on_the_stage_that_waits() -> None:
    passed = after(press("ada")).case
    assert Decision("rejected", "release") == after(press("ada", "reject"), case=passed).decision
