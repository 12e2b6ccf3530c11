"""When a debt is tried again, and until when."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.approval import backoff
from relay.model.debts import Delivered, RetryAfter
from tests.approval.owing import DAY, LEASED, NOW, settle


@pytest.mark.parametrize(("maybe_sent", "expected"), [(False, NOW + 1.0), (True, 5.0)])
def test_the_first_try_is_that_which_may_have_been_lost(maybe_sent: bool, expected: float) -> None:
    leased = replace(LEASED, since=5.0, maybe_sent=maybe_sent)
    assert expected == settle(leased, Delivered()).tried_at


def test_a_wait_for_its_turn_is_no_try() -> None:
    assert 0.0 == settle(LEASED, RetryAfter("behind", tried=False)).tried_at


@settings(deadline=None, max_examples=100)
@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.floats(0, 7_200), st.booleans())
def test_a_wait_is_between_5_seconds_and_an_hour_unless_more_was_asked(
    attempts: int,
    jitter: float,
    asked: float,
    ambiguous: bool,
) -> None:
    wait = backoff.wait(RetryAfter("x", asked, ambiguous), attempts, jitter)
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
    assert expected == backoff.wait(RetryAfter("x"), attempts, jitter)


def test_what_the_outside_asked_for_is_obeyed() -> None:
    assert NOW + 1 + 120.0 == settle(LEASED, RetryAfter("rate limit", 120.0)).due_at


def test_after_an_ambiguous_answer_the_wait_is_ten_seconds_at_least() -> None:
    assert NOW + 1 + 10.0 == settle(LEASED, RetryAfter("timed out", ambiguous=True)).due_at


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, 2.0), (1.0, 4.0)])
def test_a_notice_is_tried_again_sooner_than_a_dispatch(jitter: float, wait: float) -> None:
    after = settle(replace(LEASED, kind="notice"), RetryAfter("answers 500"), jitter=jitter)
    assert (NOW + 1 + wait, NOW + 3.0) == (after.due_at, after.not_before)


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
