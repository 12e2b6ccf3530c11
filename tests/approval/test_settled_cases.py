"""Settled cases: a decision stays, and an ended request can be neither pressed nor cancelled."""

from dataclasses import replace
from typing import Final

import pytest

from relay.approval.endings import cancel
from relay.approval.judge import Decision, Step, ends_at, settled_decision, take
from relay.approval.policy import Policy
from relay.model.delivery import Interaction
from relay.model.request import Status
from tests.approval.two_stages import CASE, NOW, POLICY, REQUEST, press

DECIDED: Final[list[tuple[Status, str]]] = [
    ("approved", "already-approved"),
    ("rejected", "already-rejected"),
    ("superseded", "superseded"),
    ("cancelled", "cancelled"),
    ("expired", "expired"),
]


@pytest.mark.parametrize(("status", "code"), DECIDED)
@pytest.mark.parametrize("interaction", [press("lin"), press("stranger"), press("ada", "reject")])
def test_a_decided_case_answers_what_it_is_and_nothing_else_happens(
    status: Status, code: str, interaction: Interaction
) -> None:
    case = replace(CASE, status=status, stage="release")
    for policy in (POLICY, Policy()):
        step = take(case, interaction, policy, now=NOW)
        assert (code, "release", case, False) == (step.decision.code, step.decision.stage, step.case, step.changed)


@pytest.mark.parametrize(("status", "code"), DECIDED)
def test_a_decided_case_cannot_be_cancelled(status: Status, code: str) -> None:
    case = replace(CASE, status=status)
    step = cancel(case, POLICY, NOW)
    assert (code, case, False) == (step.decision.code, step.case, step.changed)


def test_a_pending_case_can_be_cancelled_and_owes_nothing() -> None:
    expected = Step(Decision("cancelled"), replace(CASE, status="cancelled", decided_at=2_000), changed=True)
    assert expected == cancel(CASE, POLICY, NOW)


@pytest.mark.parametrize(
    ("expires_at", "policy", "end"),
    [(9_000, POLICY, 6_000), (3_000, POLICY, 3_000), (9_000, Policy(), 9_000)],
)
def test_a_case_expires_when_its_request_or_its_rule_says(expires_at: int, policy: Policy, end: int) -> None:
    case = replace(CASE, request=replace(REQUEST, expires_at=expires_at))
    assert end == ends_at(case, policy)
    assert None is settled_decision(case, policy, end - 0.1)
    expected = Step(Decision("expired", "qa"), case, changed=False)
    assert expected == take(case, press("lin"), policy, now=end)
    assert expected == cancel(case, policy, end)
