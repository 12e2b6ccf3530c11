from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.core import debts
from relay.core.model import Case, Debt, Delivered, Outcome, Refused, RetryAfter
from relay.core.request import read_form

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
    settled = debts.settle(case(OWED, debt), 1, "me", outcome, now=now, jitter=jitter)
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
    owed[index] = replace(owed[index], lease="me", due_at=NOW + 19.0)
    assert case(*owed) == leased


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Delivered(), replace(OWED, status="delivered", attempts=1, due_at=NOW + 19.0)),
        (Delivered("rename"), replace(OWED, status="delivered", attempts=1, due_at=NOW + 19.0, cure="rename")),
        (
            Refused("permission missing", "grant it"),
            replace(
                OWED, status="refused", attempts=1, due_at=NOW + 19.0, last_error="permission missing", cure="grant it"
            ),
        ),
        (RetryAfter("answers 500"), replace(OWED, attempts=1, due_at=NOW + 6.0, last_error="answers 500")),
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
    assert debts.settle(case(debt), 0, "me", Delivered(), now=NOW, jitter=0) is None


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
    stuck = replace(stuck, lease="x", attempts=7, last_error="no", cure="grant")
    later = NOW + 2 * DAY + 0.5
    renewed = debts.replay(case(OWED, stuck), 1, now=later)
    assert case(OWED, Debt("deploy", NOW + 2 * DAY, later, attempts=7)) == renewed
    assert debts.is_due(renewed.debts[1], later)


def test_a_dropped_debt_is_dead_and_says_by_whom() -> None:
    dropped = debts.drop(case(LEASED, OWED), 0)
    assert case(replace(LEASED, status="dead", lease="", last_error="dropped by the operator"), OWED) == dropped
