from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.approval import debts
from relay.approval.debts import LIFE, WakeUp
from relay.approval.groups import group_of
from relay.model import Case, Debt, DebtStatus, Delivered, Outcome, Refused, RetryAfter, Status
from relay.signed.request import read_form

NOW = 1_790_000_000
DAY = 86_400
REQUEST = read_form(
    {"repository": "octo/api", "event_type": "deploy", "title": "t"}, issued_at=NOW, nonce="n" * 22, lifetime=DAY
)
OWED = Debt("deploy", NOW, NOW)
LEASED = replace(OWED, lease="me", due_at=NOW + 19.0)


def case(*owed: Debt) -> Case:
    return Case(REQUEST, "oidc", debts=owed)


def settle(debt: Debt, outcome: Outcome, *, now: float = NOW + 1, jitter: float = 0.0) -> Debt:
    settled = debts.record_outcome(case(OWED, debt), 1, "me", outcome, now=now, jitter=jitter, nonce="n")
    assert settled is not None
    assert (OWED, 2) == (settled.debts[0], len(settled.debts))
    return settled.debts[1]


@pytest.mark.parametrize(
    ("debt", "now", "due"),
    [
        (OWED, NOW - 0.1, False),
        (OWED, NOW, True),
        (LEASED, NOW + 18.9, False),
        (LEASED, NOW + 19, True),
        (replace(OWED, status="delivered"), NOW + 9, False),
        (replace(OWED, status="refused"), NOW + 9, False),
        (replace(OWED, status="dead"), NOW + 9, False),
    ],
)
def test_a_debt_is_due_when_its_lease_or_wait_has_ended(debt: Debt, now: float, due: bool) -> None:
    assert due == debts.is_due(debt, now)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_lease_changes_its_debt_alone(index: int) -> None:
    owed = [OWED, replace(OWED, event_type="second"), replace(OWED, event_type="third")]
    leased = debts.lease(case(*owed), index, holder="me", until=NOW + 19.0)
    owed[index] = replace(owed[index], lease="me", row=f"me.{index}", due_at=NOW + 19.0)
    assert case(*owed) == leased


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Delivered(), replace(OWED, status="delivered", attempts=1, due_at=NOW + 19.0)),
        (Delivered("rename"), replace(OWED, status="delivered", attempts=1, due_at=NOW + 19.0, cure="rename")),
        (
            Refused("permission missing", "grant it"),
            replace(
                OWED,
                status="refused",
                attempts=1,
                due_at=NOW + 19.0,
                last_error="permission missing",
                cure="grant it",
                row="n.1",
            ),
        ),
        (
            RetryAfter("answers 500"),
            replace(OWED, attempts=1, due_at=NOW + 6.0, last_error="answers 500", row="n.1", not_before=NOW + 6.0),
        ),
    ],
)
def test_an_attempt_settles_a_debt(outcome: Outcome, expected: Debt) -> None:
    assert expected == settle(LEASED, outcome)


def test_a_success_clears_what_failed_before() -> None:
    failed = replace(LEASED, attempts=3, last_error="answers 500", cure="wait")
    expected = replace(failed, status="delivered", lease="", attempts=4, last_error="", cure="")
    assert expected == settle(failed, Delivered())


@pytest.mark.parametrize(
    "debt",
    [
        OWED,
        replace(LEASED, lease="another"),
        replace(LEASED, status="delivered"),
        replace(LEASED, status="refused"),
        replace(LEASED, status="dead"),
    ],
)
def test_only_the_holder_of_the_lease_settles(debt: Debt) -> None:
    assert debts.record_outcome(case(debt), 0, "me", Delivered(), now=NOW, jitter=0, nonce="n") is None


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.floats(0, 7_200), st.booleans())
def test_a_wait_is_between_5_seconds_and_an_hour_unless_more_was_asked(
    attempts: int,
    jitter: float,
    asked: float,
    ambiguous: bool,
) -> None:
    wait = debts.wait(RetryAfter("x", asked, ambiguous), attempts, jitter)
    assert max(5.0, asked) <= wait <= max(3_600.0, asked)
    assert wait >= (10.0 if ambiguous else 5.0)


@pytest.mark.parametrize(
    ("attempts", "jitter", "expected"),
    [
        (1, 0.0, 5.0),
        (1, 0.5, 7.5),
        (1, 1.0, 10.0),
        (2, 1.0, 20.0),
        (9, 1.0, 2_560.0),
        (10, 1.0, 3_600.0),
        (40, 0.0, 5.0),
    ],
)
def test_waits_double(attempts: int, jitter: float, expected: float) -> None:
    assert expected == debts.wait(RetryAfter("x"), attempts, jitter)


def test_what_the_outside_asked_for_is_obeyed() -> None:
    assert NOW + 1 + 120.0 == settle(LEASED, RetryAfter("rate limit", 120.0)).due_at


def test_after_an_ambiguous_answer_the_wait_is_ten_seconds_at_least() -> None:
    assert NOW + 1 + 10.0 == settle(LEASED, RetryAfter("timed out", ambiguous=True)).due_at


@pytest.mark.parametrize(
    ("now", "seconds", "status"),
    [
        (NOW + DAY - 5, 0.0, "owed"),
        (NOW + DAY - 4, 0.0, "dead"),
        (NOW + DAY + 9, 0.0, "dead"),
        (NOW + 1, DAY - 1.0, "owed"),
        (NOW + 1, DAY * 1.0, "dead"),
    ],
)
def test_a_debt_that_cannot_be_paid_within_a_day_is_dead(now: float, seconds: float, status: str) -> None:
    after = settle(LEASED, RetryAfter("answers 500", seconds), now=now)
    assert (status, "answers 500", "") == (after.status, after.last_error, after.lease)
    assert ("relay outbox replay" in after.cure) == (status == "dead")


@pytest.mark.parametrize(
    "stuck", [replace(OWED, status="owed"), replace(OWED, status="refused"), replace(OWED, status="dead")]
)
def test_a_replayed_debt_is_due_now_and_has_another_day(stuck: Debt) -> None:
    stuck = replace(stuck, attempts=7, last_error="no", cure="grant", not_before=NOW + 9 * DAY)
    later = NOW + 2 * DAY + 0.5
    renewed = debts.replay(case(OWED, stuck), 1, now=later, nonce="n", last=False)
    assert case(OWED, Debt("deploy", NOW + 2 * DAY, later, attempts=7, row="n.1")) == renewed
    assert debts.is_due(renewed.debts[1], later)


def test_a_dropped_debt_is_dead_and_says_by_whom() -> None:
    dropped = debts.drop(case(LEASED, OWED), 0)
    assert case(replace(LEASED, status="dead", lease="", last_error="dropped by the operator"), OWED) == dropped


@pytest.mark.parametrize("last", [False, True])
def test_a_replayed_debt_keeps_its_place_in_its_group_unless_it_is_to_go_last(last: bool) -> None:
    renewed = debts.replay(case(replace(OWED, since=NOW - 9.0)), 0, now=NOW, nonce="n", last=last)
    assert (NOW if last else NOW - 9.0) == renewed.debts[0].since


def test_what_a_holder_never_told_the_end_of_may_have_been_sent() -> None:
    lapsed = case(LEASED)
    for after in (
        debts.lease(lapsed, 0, holder="you", until=NOW + 60),
        debts.postpone(lapsed, 0, nonce="n", until=NOW + 60),
        debts.replay(lapsed, 0, now=NOW + 60, nonce="n", last=False),
    ):
        assert after.debts[0].maybe_sent
    for nobodys in (OWED, replace(OWED, maybe_sent=True)):
        assert nobodys.maybe_sent == debts.lease(case(nobodys), 0, holder="you", until=NOW).debts[0].maybe_sent


@pytest.mark.parametrize(
    ("outcome", "sent", "not_before"),
    [
        (RetryAfter("refused to connect"), False, NOW + 6.0),
        (RetryAfter("timed out", ambiguous=True), True, NOW + 11.0),
        (RetryAfter("limits", 60.0, limited=True), False, NOW + 61.0),
        (RetryAfter("an earlier one is sent first", 600.0, tried=False), False, NOW - 5.0),
    ],
)
def test_what_was_not_taken_may_be_tried_before_its_time_but_never_before_what_the_outside_asked(
    outcome: RetryAfter, sent: bool, not_before: float
) -> None:
    after = settle(replace(LEASED, not_before=NOW - 5.0), outcome)
    assert (sent, not_before) == (after.maybe_sent, after.not_before)
    assert settle(replace(LEASED, maybe_sent=True), outcome).maybe_sent


@pytest.mark.parametrize(("asked", "wait"), [(0.0, 1.0), (0.2, 1.0), (45.0, 45.0)])
def test_who_had_to_wait_its_turn_was_not_tried(asked: float, wait: float) -> None:
    after = settle(replace(LEASED, attempts=3), RetryAfter("behind", asked, tried=False))
    assert ("owed", 3, NOW + 1 + wait) == (after.status, after.attempts, after.due_at)


ANNOUNCED = replace(OWED, decision="requested")


@pytest.mark.parametrize(
    ("status", "announced", "decided"),
    [
        ("pending", True, True),
        ("approved", True, True),
        ("rejected", False, True),
        ("superseded", False, False),
        ("cancelled", False, False),
        ("expired", False, False),
    ],
)
def test_what_was_announced_ends_with_its_request_and_what_was_decided_does_not(
    status: Status, announced: bool, decided: bool
) -> None:
    ended = replace(case(ANNOUNCED, OWED), status=status)
    assert [announced, decided] == [debts.is_still_wanted(ended, debt) for debt in ended.debts]
    kept = ["owed" if is_still_wanted else "cancelled" for is_still_wanted in (announced, decided)]
    assert kept == [debt.status for debt in debts.without_unwanted(ended, NOW).debts]


def test_what_somebody_may_be_sending_is_withdrawn_when_they_are_done() -> None:
    closed = replace(case(replace(LEASED, decision="requested")), status="cancelled")
    assert closed == debts.without_unwanted(closed, NOW + 18)
    assert "cancelled" == debts.without_unwanted(closed, NOW + 19).debts[0].status
    for outcome, status in (
        (Delivered(), "delivered"),
        (Refused("no", "grant"), "refused"),
        (RetryAfter("x"), "cancelled"),
    ):
        after = debts.record_outcome(closed, 0, "me", outcome, now=NOW + 1, jitter=0, nonce="n")
        assert after
        assert status == after.debts[0].status


@pytest.mark.parametrize(
    ("debt", "now", "leased"),
    [
        (LEASED, NOW + 18.9, True),
        (LEASED, NOW + 19, False),
        (replace(OWED, due_at=NOW + 9), NOW, False),
        (replace(LEASED, status="refused"), NOW, False),
    ],
)
def test_a_debt_is_leased_while_somebody_may_be_sending_it(debt: Debt, now: float, leased: bool) -> None:
    assert leased == debts.is_leased(debt, now)


@pytest.mark.parametrize(
    ("status", "parked"),
    [("owed", False), ("refused", True), ("dead", True), ("delivered", None), ("cancelled", None)],
)
def test_each_debt_that_is_not_done_with_has_one_row_and_the_case_one_for_its_life(
    status: DebtStatus, parked: bool | None
) -> None:
    debt = replace(OWED, event_type="other", status=status, row="n.1", since=NOW - 5.0, due_at=NOW + 7.0)
    owes = replace(case(replace(OWED, row="n.0"), debt), life_at=NOW + 60.0)
    group = group_of(REQUEST, "deploy")
    rows = {WakeUp(NOW, REQUEST.id, "n.0", group), WakeUp(NOW + 60.0, REQUEST.id, LIFE)}
    if parked is not None:
        rows.add(WakeUp(NOW + 7.0, REQUEST.id, "n.1", group_of(REQUEST, "other"), NOW - 5.0, parked))
    assert rows == debts.rows_of(owes)
    assert frozenset() == debts.rows_of(case(OWED))
    assert frozenset() == debts.rows_of(debts.drop(case(replace(OWED, row="n.0")), 0))


def test_a_debt_that_is_cancelled_says_why() -> None:
    expected = replace(LEASED, status="cancelled", lease="", last_error="overtaken")
    assert case(OWED, expected) == debts.cancel(case(OWED, LEASED), 1, "overtaken")
