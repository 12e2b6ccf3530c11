"""What is dispatched before the last word: when a request is made, and when a stage passes."""

from dataclasses import replace
from typing import Final

import pytest

from relay.approval.judge import Decision, opened
from relay.model.case import Case
from relay.model.debts import Debt
from tests.approval.two_stages import CASE, NOW, POLICY, QA, RELEASE, REQUEST, RULE, after, press, with_stages

ANNOUNCING: Final = replace(
    POLICY,
    rules=(
        replace(RULE, on_request="preview", stages=(replace(QA, on_pass="stage"), replace(RELEASE, on_pass="all"))),
    ),
)
REQUESTED: Final = Debt("preview", created_at=2_000, due_at=NOW, since=NOW, decision="requested")
QA_PASSED: Final = Debt("stage", created_at=2_000, due_at=NOW, since=NOW, decision="approved", passed=("qa",))


def test_a_new_request_owes_what_its_rule_dispatches_when_it_is_made() -> None:
    new = Case(REQUEST, "oidc")
    assert replace(new, debts=(REQUESTED,)) == opened(new, ANNOUNCING.rules[0], NOW)
    assert new == opened(new, RULE, NOW)


@pytest.mark.parametrize("version", [0, 1])
def test_a_request_made_offline_is_announced_with_the_first_press_that_counts(version: int) -> None:
    policy = replace(ANNOUNCING, rules=(replace(ANNOUNCING.rules[0], requests=("offline",)),))
    step = after(press("lin"), case=replace(CASE, proof="offline", version=version), policy=policy)
    assert (Decision("counted", "release", 2, "qa"), (REQUESTED, QA_PASSED)) == (step.decision, step.case.debts)
    again = after(press("grace"), case=step.case, policy=policy)
    assert (Decision("counted", "release", 1), step.case.debts) == (again.decision, again.case.debts)


def test_a_registered_request_was_announced_when_it_was_made() -> None:
    assert (QA_PASSED,) == after(press("lin"), policy=ANNOUNCING).case.debts


def test_each_stage_is_told_of_once_and_the_last_one_with_the_release() -> None:
    released = after(press("lin"), press("grace"), press("ada"), policy=ANNOUNCING).case
    everything = replace(QA_PASSED, event_type="all", passed=("qa", "release"))
    assert (QA_PASSED, everything, Debt("deploy", 2_000, NOW, since=NOW)) == released.debts


def test_a_stage_that_must_pass_again_is_not_told_of_again() -> None:
    waiting = after(press("ada"), policy=ANNOUNCING).case
    first, second = ANNOUNCING.rules[0].stages
    stricter = with_stages(replace(first, approvers=("lin",)), second, policy=ANNOUNCING)
    again = after(press("lin"), case=waiting, policy=stricter)
    assert (Decision("counted", "release", 2, "qa"), (QA_PASSED,)) == (again.decision, again.case.debts)


def test_a_rejection_takes_back_what_was_announced_and_not_sent_yet() -> None:
    case = replace(opened(CASE, ANNOUNCING.rules[0], NOW), request=replace(REQUEST, reject_event_type="rejected"))
    step = after(press("lin", "reject"), case=case, policy=ANNOUNCING)
    assert [("preview", "cancelled"), ("rejected", "owed")] == [
        (debt.event_type, debt.status) for debt in step.case.debts
    ]
