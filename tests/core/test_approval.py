from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.core.approval import Decision, Step, ends_at, opened, settled_decision, take
from relay.core.closing import cancel
from relay.core.errors import Refusal
from relay.core.model import Actor, ApprovalRequest, Case, Debt, Interaction, Review, Status, Verdict
from relay.core.policy import Person, Policy, Rule, Stage

NOW: Final = 2_000.7
ADA: Final = Person("ada", "Ada Lovelace", entra="t/ada", slack="T/ADA", github="ada")
GRACE: Final = Person("grace", "Grace Hopper", entra="t/grace", github="grace")
LIN: Final = Person("lin", "Lin", entra="t/lin", github="lin")
PEOPLE: Final = (ADA, GRACE, LIN)
QA: Final = Stage("qa", ("ada", "lin"))
RELEASE: Final = Stage("release", ("ada", "grace"), 2)
RULE: Final = Rule(
    repository="octo/api",
    event_types=("deploy",),
    reject_event_types=("rejected",),
    expires_in=5_000,
    stages=(QA, RELEASE),
)
POLICY: Final = Policy(
    rules=(RULE,),
    people={person.key: person for person in PEOPLE},
    by_id={f"entra:{person.entra}": person for person in PEOPLE} | {"slack:T/ADA": ADA},
)
REQUEST: Final = ApprovalRequest(
    id="r1",
    repository="octo/api",
    title="Deploy",
    issued_at=1_000,
    expires_at=9_000,
    nonce="n",
    event_type="deploy",
    requested_by="octocat",
)
CASE: Final = Case(REQUEST, "oidc", stage="qa", version=3, commit_id="c3")


def press(who: str, verdict: Verdict = "approve", comment: str = "") -> Interaction:
    return Interaction("ticket", verdict, comment, Actor(who if ":" in who else f"entra:t/{who}", "as the token says"))


def said(who: Person, stage: str, verdict: Verdict = "approve", comment: str = "") -> Review:
    return Review(verdict, Actor(f"entra:{who.entra}", who.name), stage, int(NOW), comment)


def after(*presses: Interaction, case: Case = CASE, policy: Policy = POLICY, drawn_for: str = "") -> Step:
    """Take one press after another, each on the case that the one before left."""
    for interaction in presses:
        step = take(case, interaction, policy, now=NOW, drawn_for=drawn_for)
        case = step.case
    return step


def with_stages(*stages: Stage, policy: Policy = POLICY) -> Policy:
    return replace(policy, rules=(replace(policy.rules[0], stages=stages),))


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


# Pressing again


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
    expected = Step(Decision("already-counted", "release", 2), passed, changed=False)
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
    assert Decision("already-counted", "three", 2) == decision


def test_a_double_click_on_a_passed_stage_by_one_without_a_say_in_the_next_is_no_refusal() -> None:
    passed = after(press("lin")).case
    assert "already-counted" == after(press("lin"), case=passed).decision.code
    with pytest.raises(Refusal, match="not-allowed"):
        after(press("lin"), case=passed, drawn_for="release")


def test_rejecting_with_an_older_button_is_a_word_on_the_stage_that_waits() -> None:
    passed = after(press("ada")).case
    assert Decision("rejected", "release") == after(press("ada", "reject"), case=passed).decision


# Refusals


@pytest.mark.parametrize(
    ("case", "interaction", "code"),
    [
        (CASE, press("grace"), "not-allowed"),
        (CASE, press("grace", "reject"), "not-allowed"),
        (CASE, press("stranger"), "not-allowed"),
        (replace(CASE, request=replace(REQUEST, requested_by="LIN")), press("lin"), "own-request"),
        (replace(CASE, request=replace(REQUEST, requested_by="LIN")), press("lin", "reject"), "own-request"),
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


# What is decided stays decided

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


# The policy in force


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
    who = {stage: {review.by.name for review in case.reviews if review.stage == stage} for stage in ("qa", "release")}
    released = len(who["qa"]) == 1 and who["release"] == {"Ada Lovelace", "Grace Hopper"}
    assert released is (case.status == "approved")
    assert (int(released), int(released)) == (approvals, len(case.debts))


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


# What is dispatched before the last word

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
