from dataclasses import replace
from typing import Final

import pytest

from relay.approval import endings
from relay.approval.judge import Decision, Step
from relay.approval.policy import Policy, Rule, Stage
from relay.model.case import Case, Successor
from relay.model.debts import Debt
from relay.model.request import ApprovalRequest, Status

NOW: Final = 2_000.7
POLICY: Final = Policy(
    rules=(Rule("octo/api", ("deploy",), expires_in=5_000, supersede=True, stages=(Stage("release", ("anyone",)),)),)
)
REQUEST: Final = ApprovalRequest("r1", "octo/api", "Deploy", 1_000, 9_000, "n", event_type="deploy")
ANNOUNCED: Final = Debt("preview", 1_000, 1_000.0, decision="requested")
CASE: Final = Case(REQUEST, "oidc", debts=(ANNOUNCED,), version=3, commit_id="c3")
NEWER: Final = Successor("r2", "Deploy 2")
ENDED: Final = replace(ANNOUNCED, status="cancelled", last_error="the request ended first")


def test_a_pending_case_is_closed_by_a_newer_one_and_says_by_which() -> None:
    closed = replace(CASE, status="superseded", decided_at=2_000, superseded_by=NEWER, debts=(ENDED,))
    assert Step(Decision("superseded"), closed, changed=True) == endings.supersede(CASE, NEWER, POLICY, NOW)


def test_a_pending_case_is_cancelled_and_so_is_what_it_announced() -> None:
    closed = replace(CASE, status="cancelled", decided_at=2_000, debts=(ENDED,))
    assert Step(Decision("cancelled"), closed, changed=True) == endings.cancel(CASE, POLICY, NOW)


def test_what_is_being_sent_is_left_to_its_sender() -> None:
    leased = replace(CASE, debts=(replace(ANNOUNCED, lease="me", due_at=NOW + 19),))
    assert leased.debts == endings.supersede(leased, NEWER, POLICY, NOW).case.debts


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("approved", "already-approved"),
        ("rejected", "already-rejected"),
        ("superseded", "superseded"),
        ("cancelled", "cancelled"),
        ("expired", "expired"),
    ],
)
def test_a_decided_case_is_closed_by_nothing(status: Status, code: str) -> None:
    case = replace(CASE, status=status)
    for step in (endings.supersede(case, NEWER, POLICY, NOW), endings.cancel(case, POLICY, NOW)):
        assert (code, case, False) == (step.decision.code, step.case, step.changed)


def test_what_has_expired_is_closed_by_nothing_even_where_nobody_marked_it_so() -> None:
    for step in (endings.supersede(CASE, NEWER, POLICY, 6_000), endings.cancel(CASE, POLICY, 6_000)):
        assert ("expired", CASE, False) == (step.decision.code, step.case, step.changed)


@pytest.mark.parametrize(("policy", "end"), [(POLICY, 6_000), (Policy(), 9_000)])
def test_an_expired_case_is_dated_by_its_own_end(policy: Policy, end: int) -> None:
    expected = replace(CASE, status="expired", decided_at=end, debts=(ENDED,))
    assert expected == endings.expire(CASE, policy)
