"""The progress of a request: its current stage, and the approvals it still needs."""

from dataclasses import replace

import pytest

from relay.approval.approvers import progress, stage_of
from relay.approval.policy import Stage
from relay.model.case import Case
from relay.model.people import Review
from tests.approval.reviewers import BY_ID, LIN, POLICY, QA, RELEASE, REQUEST, RULE, review


@pytest.mark.parametrize(
    ("reviews", "expected"),
    [
        ([], ("qa", 1, (), "release", 0)),
        ([review("grace")], ("qa", 1, (), "release", 0)),
        ([review("lin", verdict="reject")], ("qa", 1, (), "release", 0)),
        ([review("lin")], ("release", 2, ("qa",), "", 0)),
        ([review("lin"), review("ada")], ("release", 2, ("qa",), "", 0)),
        ([review("lin"), review("ada", "release")], ("release", 1, ("qa",), "", 1)),
        ([review("lin"), review("ada", "release"), review("ada", "release")], ("release", 1, ("qa",), "", 1)),
        ([review("lin"), review("ada", "release"), review("slack:T/ADA", "release")], ("release", 1, ("qa",), "", 1)),
        ([review("lin"), review("ada", "release"), review("grace", "release")], ("release", 0, ("qa",), "", 2)),
        ([review("ada"), review("ada", "release"), review("grace", "release")], ("release", 0, ("qa",), "", 2)),
        ([review("ada", "release"), review("grace", "release")], ("qa", 1, (), "release", 0)),
    ],
)
def test_stages_pass_in_order_and_a_person_counts_once_in_each(
    reviews: list[Review], expected: tuple[str, int, tuple[str, ...], str, int]
) -> None:
    """Expected: the stage, how many are missing, the stages passed, the next one, how many count."""
    current = progress(POLICY, RULE, REQUEST, reviews)
    found = (current.stage.name, current.missing, current.passed, current.next_stage, len(current.counted))
    assert expected == found


def test_more_approvals_than_required_leave_none_missing() -> None:
    rule = replace(RULE, stages=(Stage("qa", ("anyone",)),))
    assert 0 == progress(POLICY, rule, REQUEST, [review("lin"), review("ada"), review("grace")]).missing


def test_two_strangers_are_two_where_anyone_may_approve() -> None:
    rule = replace(RULE, stages=(Stage("qa", ("anyone",), 3),))
    assert 1 == progress(POLICY, rule, REQUEST, [review("x"), review("y"), review("x")]).missing


def test_a_policy_that_changed_judges_the_stored_reviews_anew() -> None:
    reviews = [review("lin"), review("ada", "release")]
    without_lin = replace(POLICY, groups={**POLICY.groups, "qa": ("ada",)})
    assert "qa" == progress(without_lin, RULE, REQUEST, reviews).stage.name
    gone = replace(POLICY, by_id={key: person for key, person in BY_ID.items() if person != LIN})
    assert "qa" == progress(gone, RULE, REQUEST, reviews).stage.name
    stricter = replace(RULE, stages=(replace(QA, required=2), RELEASE))
    current = progress(POLICY, stricter, REQUEST, reviews)
    assert ("qa", 1) == (current.stage.name, current.missing)
    milder = replace(RULE, stages=(QA, replace(RELEASE, required=1)))
    assert 0 == progress(POLICY, milder, REQUEST, reviews).missing
    renamed = replace(RULE, stages=(replace(QA, name="test"), RELEASE))
    assert "test" == progress(POLICY, renamed, REQUEST, reviews).stage.name


def test_an_open_request_waits_in_a_stage_of_the_present_policy_and_an_ended_one_keeps_its_own() -> None:
    renamed = replace(POLICY, rules=(replace(RULE, stages=(QA, replace(RELEASE, name="ship"))),))
    waiting = Case(REQUEST, "key", stage="release", reviews=(review("lin"),))
    assert ("release", "ship") == (stage_of(POLICY, waiting), stage_of(renamed, waiting))
    assert "release" == stage_of(renamed, replace(waiting, status="rejected"))
    assert "release" == stage_of(replace(POLICY, rules=()), waiting)
