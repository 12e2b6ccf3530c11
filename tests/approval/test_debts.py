from dataclasses import replace

import pytest

from relay.approval import debts, wake_ups
from relay.approval.groups import group_of
from relay.approval.wake_ups import LIFE, WakeUp
from relay.model.debts import Card, Debt, DebtStatus, Delivered, Outcome, Refused, RetryAfter
from relay.model.request import ORIGIN, Status
from tests.approval.owing import DAY, LEASED, NOW, OWED, REQUEST, case, settle

TRIED = replace(OWED, attempts=1, tried_at=NOW + 1.0)


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


@pytest.mark.parametrize(
    ("channel", "outcome", "status"),
    [
        (ORIGIN, Refused("not in the channel", "invite it", of_place=True), "cancelled"),
        (ORIGIN, Refused("the token was revoked", "renew it"), "refused"),
        ("ops", Refused("not in the channel", "invite it", of_place=True), "refused"),
    ],
)
def test_a_card_where_the_app_may_not_post_is_no_work_for_the_operator_if_a_command_was_said_there(
    channel: str, outcome: Refused, status: str
) -> None:
    card = replace(OWED, event_type=channel, kind="card", card=Card(channel), lease="me")
    after = debts.record_outcome(case(card), 0, "me", outcome, now=NOW, jitter=0.0, nonce="n")
    assert after is not None
    assert (status, outcome.phrase) == (after.debts[0].status, after.debts[0].last_error)
    assert (status == "refused") == bool(wake_ups.rows_of(after))


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_lease_changes_its_debt_alone(index: int) -> None:
    owed = [OWED, replace(OWED, event_type="second"), replace(OWED, event_type="third")]
    leased = debts.lease(case(*owed), index, holder="me", until=NOW + 19.0)
    owed[index] = replace(owed[index], lease="me", row=f"me.{index}", due_at=NOW + 19.0)
    assert case(*owed) == leased


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Delivered(), replace(TRIED, status="delivered", due_at=NOW + 19.0)),
        (Delivered("rename"), replace(TRIED, status="delivered", due_at=NOW + 19.0, cure="rename")),
        (
            Refused("permission missing", "grant it"),
            replace(
                TRIED,
                status="refused",
                due_at=NOW + 19.0,
                last_error="permission missing",
                cure="grant it",
                row="n.1",
            ),
        ),
        (
            RetryAfter("answers 500"),
            replace(TRIED, due_at=NOW + 6.0, last_error="answers 500", row="n.1", not_before=NOW + 6.0),
        ),
    ],
)
def test_an_attempt_settles_a_debt(outcome: Outcome, expected: Debt) -> None:
    assert expected == settle(LEASED, outcome)


def test_a_success_clears_what_failed_before() -> None:
    failed = replace(LEASED, attempts=3, last_error="answers 500", cure="wait", tried_at=NOW - 60.0)
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
    assert rows == wake_ups.rows_of(owes)
    assert frozenset() == wake_ups.rows_of(case(OWED))
    assert frozenset() == wake_ups.rows_of(debts.drop(case(replace(OWED, row="n.0")), 0))


def test_a_debt_that_is_cancelled_says_why() -> None:
    expected = replace(LEASED, status="cancelled", lease="", last_error="overtaken")
    assert case(OWED, expected) == debts.cancel(case(OWED, LEASED), 1, "overtaken")
