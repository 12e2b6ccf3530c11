from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.approval import judge
from relay.approval.judge import Decision, Step, take
from relay.approval.policy import Stage
from relay.errors import Refusal
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.delivery import Interaction
from relay.model.people import Actor
from relay.model.request import Origin
from tests.approval.two_stages import ADA, CASE, GRACE, LIN, NOW, POLICY, REQUEST, after, press, said, with_stages

# What a press comes to


def test_the_first_approval_passes_its_stage_and_the_next_one_waits() -> None:
    expected = Step(
        Decision("counted", "release", 2, "qa"),
        replace(CASE, stage="release", reviews=(said(LIN, "qa"),)),
        changed=True,
    )
    assert expected == after(press("lin"))


def test_an_approval_that_leaves_others_missing_is_counted() -> None:
    expected = Step(
        Decision("counted", "release", 1),
        replace(CASE, stage="release", reviews=(said(LIN, "qa"), said(GRACE, "release"))),
        changed=True,
    )
    assert expected == after(press("lin"), press("grace"))


def test_the_last_approval_releases_and_owes_one_dispatch() -> None:
    expected = Step(
        Decision("approved", "release"),
        replace(
            CASE,
            status="approved",
            stage="release",
            decided_at=2_000,
            reviews=(said(LIN, "qa"), said(GRACE, "release"), said(ADA, "release")),
            debts=(Debt("deploy", created_at=2_000, due_at=NOW, since=NOW),),
        ),
        changed=True,
    )
    assert expected == after(press("lin"), press("grace"), press("ada"))


def test_one_person_may_stand_in_two_stages_where_each_press_was_meant() -> None:
    passed = after(press("ada")).case
    assert Decision("counted", "release", 1) == after(press("ada"), case=passed, drawn_for="release").decision


def test_a_comment_is_kept_and_the_name_is_that_of_the_policy() -> None:
    (review,) = after(press("lin", comment="확인했습니다")).case.reviews
    assert said(LIN, "qa", comment="확인했습니다") == review


def test_a_stranger_keeps_the_name_of_the_platform_where_anyone_may_approve() -> None:
    (review,) = after(press("stranger"), policy=with_stages(Stage("all", ("anyone",), 2))).case.reviews
    assert Actor("entra:t/stranger", "as the token says") == review.by


@pytest.mark.parametrize(
    ("reject_event_type", "debts"),
    [("", ()), ("rejected", (Debt("rejected", created_at=2_000, due_at=NOW, since=NOW),))],
)
def test_one_reject_rejects_and_dispatches_only_what_the_request_named(
    reject_event_type: str, debts: tuple[Debt, ...]
) -> None:
    case = replace(CASE, request=replace(REQUEST, reject_event_type=reject_event_type))
    expected = Step(
        Decision("rejected", "qa"),
        replace(
            case,
            status="rejected",
            stage="qa",
            decided_at=2_000,
            reviews=(said(LIN, "qa", "reject", "no"),),
            debts=debts,
        ),
        changed=True,
    )
    assert expected == after(press("lin", "reject", "no"), case=case)


def test_a_later_stage_can_be_rejected_by_one_who_approved_it() -> None:
    step = after(press("lin"), press("grace"), press("grace", "reject"))
    assert Decision("rejected", "release") == step.decision
    assert (said(LIN, "qa"), said(GRACE, "release"), said(GRACE, "release", "reject")) == step.case.reviews


# Refusals


@pytest.mark.parametrize(
    ("case", "interaction", "code"),
    [
        (CASE, press("grace"), "not-allowed"),
        (CASE, press("grace", "reject"), "not-allowed"),
        (CASE, press("stranger"), "not-allowed"),
        (replace(CASE, request=replace(REQUEST, requested_by="LIN")), press("lin"), "own-request"),
        (
            replace(CASE, request=replace(REQUEST, requested_by="LIN"), origin=Origin("1", ("requester",))),
            press("lin", "reject"),
            "own-request",
        ),
        (replace(CASE, request=replace(REQUEST, approvers=("ada",))), press("lin"), "not-allowed"),
        (replace(CASE, request=replace(REQUEST, repository="octo/web")), press("lin"), "no-rule"),
        (replace(CASE, request=replace(REQUEST, reject_event_type="other")), press("lin"), "no-rule"),
        (replace(CASE, proof="offline"), press("lin"), "no-rule"),
        (replace(CASE, request=replace(REQUEST, require_comment=True)), press("lin"), "comment-required"),
        (
            replace(CASE, request=replace(REQUEST, require_comment=True)),
            press("lin", comment=" \n"),
            "comment-required",
        ),
        (replace(CASE, request=replace(REQUEST, require_comment=True)), press("lin", "reject"), "comment-required"),
        (
            replace(CASE, request=replace(REQUEST, require_comment=True)),
            replace(press("lin"), comment="\u200b \x00\n"),
            "comment-required",
        ),
        (replace(CASE, request=replace(REQUEST, require_comment=True)), press("grace"), "not-allowed"),
    ],
)
def test_the_policy_refuses(case: Case, interaction: Interaction, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        take(case, interaction, POLICY, now=NOW)
    assert code == caught.value.code


def test_a_comment_that_was_asked_for_lets_the_press_count() -> None:
    case = replace(CASE, request=replace(REQUEST, require_comment=True))
    assert "counted" == after(press("lin", comment="ok"), case=case).decision.code


def test_a_double_click_without_its_comment_is_asked_for_it_first() -> None:
    policy = with_stages(Stage("all", ("ada", "lin"), 2))
    case = replace(CASE, request=replace(REQUEST, require_comment=True))
    once = after(press("ada", comment="ok"), case=case, policy=policy).case
    with pytest.raises(Refusal, match="comment-required"):
        after(press("ada"), case=once, policy=policy)
    assert "already-counted" == after(press("ada", comment="ok"), case=once, policy=policy).decision.code


# Whatever is pressed


PRESSES: Final = st.builds(
    lambda interaction, drawn_for: (interaction, drawn_for),
    st.builds(press, st.sampled_from(["ada", "grace", "lin", "stranger", "slack:T/ADA"]), st.just("approve")),
    st.sampled_from(["", "qa", "release"]),
)


@given(presses=st.lists(PRESSES, max_size=12))
@settings(deadline=None, max_examples=150)
def test_whatever_is_pressed_in_whatever_order_one_dispatch_is_owed_and_only_with_a_full_quorum(
    presses: list[tuple[Interaction, str]],
) -> None:
    case, approvals = CASE, 0
    for interaction, drawn_for in presses:
        try:
            step = take(case, interaction, POLICY, now=NOW, drawn_for=drawn_for)
        except Refusal:
            continue
        assert step.changed or step.case == case
        approvals += step.decision.code == "approved"
        case = step.case
    reviewers = {
        stage: {review.by.name for review in case.reviews if review.stage == stage} for stage in ("qa", "release")
    }
    released = len(reviewers["qa"]) == 1 and reviewers["release"] == {"Ada Lovelace", "Grace Hopper"}
    assert released is (case.status == "approved")
    assert (int(released), int(released)) == (approvals, len(case.debts))


def test_what_the_relay_itself_shows_needs_no_second_press() -> None:
    assert (True, False) == (judge.confirmed("qa"), judge.unconfirmed("qa"))
