"""Stored reviews are judged again under the policy in force."""

from dataclasses import replace

from relay.approval.judge import Decision
from relay.approval.policy import Stage
from tests.approval.two_stages import ADA, GRACE, LIN, QA, RELEASE, after, press, said, with_stages


def test_an_approval_that_no_longer_counts_is_left_out_of_what_is_released() -> None:
    halfway = after(press("ada"), press("grace")).case
    stricter = with_stages(replace(QA, approvers=("lin",)), RELEASE)
    back = after(press("lin"), case=halfway, policy=stricter)
    assert Decision("counted", "release", 1, "qa") == back.decision
    released = after(press("ada"), case=back.case, policy=stricter, drawn_for="release")
    assert "approved" == released.decision.code
    assert (said(GRACE, "release"), said(LIN, "qa"), said(ADA, "release")) == released.case.reviews


def test_a_milder_policy_releases_with_the_next_word() -> None:
    policy = with_stages(Stage("qa", ("ada", "lin", "grace"), 3))
    waiting = after(press("ada"), press("lin"), policy=policy).case
    milder = with_stages(Stage("qa", ("ada", "lin", "grace"), 2))
    assert Decision("approved", "qa") == after(press("grace"), case=waiting, policy=milder).decision


def test_a_milder_policy_releases_too_when_one_who_counts_already_presses_again() -> None:
    waiting = after(press("ada"), policy=with_stages(Stage("all", ("ada", "lin"), 2))).case
    milder = with_stages(Stage("all", ("ada", "lin")))
    step = after(press("ada"), case=waiting, policy=milder)
    assert Decision("approved", "all") == step.decision
    assert ((said(ADA, "all"),), 1) == (step.case.reviews, len(step.case.debts))


def test_a_release_names_the_last_stage_even_where_an_earlier_one_was_said_last() -> None:
    one = replace(RELEASE, required=1)
    waiting = after(press("lin"), press("grace"), policy=with_stages(QA, RELEASE)).case
    case = replace(waiting, reviews=waiting.reviews[1:])
    assert Decision("approved", "release") == after(press("lin"), case=case, policy=with_stages(QA, one)).decision
