import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.github import rate_limit
from relay.github.rate_limit import Allowance, CallBudget, Spending

NOW = 1_790_000_000.0


def spent(bucket: CallBudget, calls: int, at: float) -> CallBudget:
    after = rate_limit.spend(bucket, Spending("token", calls, at))
    assert after is not None
    return after


def test_what_was_never_used_has_room_for_a_minutes_calls() -> None:
    assert Allowance(3, 0.0) == rate_limit.allowance(CallBudget(), 3, NOW)
    assert Allowance(80, 0.0) == rate_limit.allowance(CallBudget(), 1_000, NOW)


def test_a_minute_that_is_full_says_when_it_has_room_again() -> None:
    full = spent(spent(CallBudget(), 30, NOW), 50, NOW + 15)
    assert Allowance(0, 60.0) == rate_limit.allowance(full, 1, NOW + 20)
    assert Allowance(0, 1.0) == rate_limit.allowance(full, 1, NOW + 79.5)
    assert Allowance(30, 0.0) == rate_limit.allowance(full, 80, NOW + 80)
    assert Allowance(80, 0.0) == rate_limit.allowance(full, 80, NOW + 90)


def test_an_hour_that_is_full_says_when_it_has_room_again() -> None:
    bucket = CallBudget()
    for number in range(10):
        bucket = spent(bucket, 50, NOW + 80 * number)
    assert Allowance(0, 3_610.0 - 800) == rate_limit.allowance(bucket, 1, NOW + 800)
    assert Allowance(50, 0.0) == rate_limit.allowance(bucket, 80, NOW + 3_610)


def test_nobody_takes_more_than_there_is_room_for() -> None:
    full = spent(CallBudget(), 79, NOW)
    assert rate_limit.spend(full, Spending("token", 2, NOW)) is None
    assert ((179_000_000, 80),) == spent(full, 1, NOW + 9.9).cells


def test_calls_of_one_cell_are_added_and_cells_older_than_an_hour_are_forgotten() -> None:
    bucket = spent(spent(CallBudget(), 2, NOW), 3, NOW + 9)
    assert ((179_000_000, 5),) == bucket.cells
    assert ((179_000_000, 5), (179_000_001, 1)) == spent(bucket, 1, NOW + 10).cells
    assert ((179_000_361, 1),) == spent(bucket, 1, NOW + 3_610).cells


def test_a_closed_bucket_has_no_room_until_it_opens() -> None:
    closed = rate_limit.close(spent(CallBudget(), 80, NOW), NOW + 600)
    assert Allowance(0, 590.0) == rate_limit.allowance(closed, 1, NOW + 10)
    assert Allowance(0, 1.0) == rate_limit.allowance(closed, 1, NOW + 599.5)
    assert rate_limit.spend(closed, Spending("token", 1, NOW + 599)) is None
    assert Allowance(1, 0.0) == rate_limit.allowance(closed, 1, NOW + 600)
    assert closed == rate_limit.close(closed, NOW + 300)


def test_what_was_spent_before_the_clock_jumped_back_does_not_hold_up_anything_for_an_hour() -> None:
    ahead = spent(CallBudget(), 80, NOW + 3_600)
    assert Allowance(80, 0.0) == rate_limit.allowance(ahead, 100, NOW)
    assert ((179_000_000, 1),) == spent(ahead, 1, NOW).cells


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 240), st.integers(1, 90)), min_size=30, max_size=120))
def test_however_they_come_at_most_80_go_in_a_minute_and_500_in_an_hour(
    calls: list[tuple[int, int]],
) -> None:
    bucket, at, gone = CallBudget(), NOW, []
    for pause, wanted in calls:
        at += pause / 4
        allowed, wait = rate_limit.allowance(bucket, wanted, at)
        assert bool(allowed) == (wait == 0.0)
        if not allowed:
            assert 1.0 <= wait <= 3_610.0
            if wait > 1.0:
                assert rate_limit.allowance(bucket, 1, at + wait).calls
                assert not rate_limit.allowance(bucket, 1, at + wait - 1).calls
            continue
        bucket = spent(bucket, allowed, at)
        gone += [at] * allowed
    for limit, span in ((80, 60), (500, 3_600)):
        assert all(gone[index + limit] - gone[index] > span for index in range(len(gone) - limit))


def test_where_an_hour_and_a_minute_are_full_it_takes_until_both_have_room() -> None:
    bucket = spent(CallBudget(), 20, NOW)
    for number in range(5):
        bucket = spent(bucket, 80, NOW + 100 * number + 100)
    bucket = spent(bucket, 80, NOW + 3_590)
    assert Allowance(0, 80.0) == rate_limit.allowance(bucket, 1, NOW + 3_590)
    assert Allowance(20, 0.0) == rate_limit.allowance(bucket, 80, NOW + 3_670)


@pytest.mark.parametrize("wanted", [0, -1])
def test_who_wants_nothing_gets_nothing(wanted: int) -> None:
    assert 0 == rate_limit.allowance(CallBudget(), wanted, NOW).calls


def test_a_call_that_was_not_made_is_given_back_off_the_oldest_of_the_last_minute() -> None:
    bucket = spent(spent(spent(CallBudget(), 2, NOW - 300), 1, NOW - 20), 3, NOW)
    once = rate_limit.give_back(bucket, NOW)
    assert [2, 0, 3] == [count for _, count in once.cells]
    assert [2, 0, 2] == [count for _, count in rate_limit.give_back(once, NOW).cells]


def test_what_was_never_counted_is_not_given_back() -> None:
    assert CallBudget() == rate_limit.give_back(CallBudget(), NOW)
    old = spent(CallBudget(), 2, NOW - 300)
    assert old == rate_limit.give_back(old, NOW)


@given(st.lists(st.tuples(st.integers(0, 25), st.booleans()), max_size=300))
def test_whatever_is_given_back_at_most_80_calls_are_made_in_a_minute(steps: list[tuple[int, bool]]) -> None:
    bucket, now = CallBudget(), NOW
    made: list[float] = []
    unmade: list[float] = []
    for seconds, makes in steps:
        now += seconds / 5
        if unmade and now - unmade[0] < 25:
            unmade.pop(0)
            bucket = rate_limit.give_back(bucket, now)
        after = rate_limit.spend(bucket, Spending("token", 10, now))
        if after is not None:
            bucket = after
            made += [now] * (10 if makes else 9)
            unmade += [] if makes else [now]
        assert rate_limit.MINUTE_LIMIT >= sum(at > now - 60 for at in made)


# Calls that nobody approved


def unapproved(budget: CallBudget, repository: str, calls: int, at: float) -> CallBudget:
    after = rate_limit.spend(budget, Spending("token", calls, at, calls, repository))
    assert after is not None
    return after


def test_unapproved_calls_take_half_of_a_minute_together_and_a_quarter_for_one_repository() -> None:
    noisy = unapproved(CallBudget(), "octo/noisy", 20, NOW)
    assert Allowance(0, 80.0) == rate_limit.unapproved_allowance(noisy, "Octo/Noisy", 1, NOW)
    assert Allowance(20, 0.0) == rate_limit.unapproved_allowance(noisy, "octo/api", 80, NOW)
    assert Allowance(60, 0.0) == rate_limit.allowance(noisy, 80, NOW)
    both = unapproved(noisy, "octo/api", 20, NOW + 10)
    assert Allowance(0, 70.0) == rate_limit.unapproved_allowance(both, "octo/site", 1, NOW + 10)
    assert Allowance(40, 0.0) == rate_limit.allowance(both, 80, NOW + 10)
    assert rate_limit.spend(both, Spending("token", 1, NOW + 10, 1, "octo/site")) is None
    assert Allowance(20, 0.0) == rate_limit.unapproved_allowance(both, "octo/noisy", 80, NOW + 80)


def test_unapproved_calls_take_half_of_an_hour_together_and_a_quarter_for_one_repository() -> None:
    budget = CallBudget()
    for number in range(25):
        budget = unapproved(budget, ("octo/noisy", "octo/loud", "octo/site")[number % 3], 10, NOW + 80 * number)
    later = NOW + 2_100
    assert 0 == rate_limit.unapproved_allowance(budget, "octo/quiet", 1, later).calls
    assert Allowance(80, 0.0) == rate_limit.allowance(budget, 100, later)
    alone = CallBudget()
    for number in range(12):
        alone = unapproved(alone, "octo/noisy", 10, NOW + 80 * number)
    assert Allowance(5, 0.0) == rate_limit.unapproved_allowance(alone, "octo/noisy", 80, later)


def test_an_unapproved_call_that_was_not_made_is_given_back_to_its_repository() -> None:
    full = unapproved(CallBudget(), "octo/noisy", 20, NOW)
    back = rate_limit.give_back(full, NOW, "octo/noisy")
    assert (Allowance(1, 0.0), 61) == (
        rate_limit.unapproved_allowance(back, "octo/noisy", 9, NOW),
        rate_limit.allowance(back, 99, NOW).calls,
    )
    other = rate_limit.give_back(full, NOW, "octo/api")
    assert 0 == rate_limit.unapproved_allowance(other, "octo/noisy", 9, NOW).calls
