"""Dispatches of one group are paid in the order in which they came to be owed."""

from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from relay.outbox.commit import leased_to
from tests.outbox.turns.approving import DAY, HOUR, approve, debts, left_behind, offline
from tests.support import groups, road
from tests.support.groups import GONE, SLOW, press


@pytest.mark.parametrize("failure", [500, 502, SLOW, GONE])
def test_a_later_approval_waits_for_an_earlier_one_that_github_did_not_take(
    here: road.Road, github: groups.GitHub, failure: Any
) -> None:
    github.answers = [failure]
    first, outcome = approve(here, "1")
    assert "approved-retrying" == outcome
    second, outcome = approve(here, "2")
    assert ("approved-retrying", [first]) == (outcome, github.ids())
    assert (0, 0) == (here.case(second).debts[0].attempts, here.round())
    here.ahead += 12
    assert 2 == here.round()
    assert [first, first, second] == github.ids()
    assert ["delivered"] * 2 == debts(here, first, second)
    assert 0 == here.recorded()["due"]


def test_many_that_wait_are_sent_in_the_order_of_their_approval_whatever_the_order_of_their_rows(
    here: road.Road, github: groups.GitHub
) -> None:
    github.answers = [503] * 2
    ids = []
    for number in range(8):
        here.ahead += 1
        ids.append(approve(here, str(number))[0])
    here.ahead += 60
    here.round()
    here.ahead += 60
    here.round()
    sent = list(dict.fromkeys(github.ids()))
    assert ids == sent
    assert ["delivered"] * 8 == debts(here, *ids)


def test_what_waits_does_not_hold_up_another_group(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [500]
    approve(here, "1")
    assert "released" == approve(here, "2", event_type="deploy-web")[1]
    assert "released" == approve(here, "3", "newest")[1]
    assert "released" == approve(here, "4", repository="octo/web")[1]


@pytest.mark.parametrize(
    ("outcome", "status"), [(404, "refused"), (422, "refused"), (401, "refused"), (403, "refused")]
)
def test_what_github_refused_for_good_is_parked_at_once_with_the_cure_and_holds_up_nobody(
    here: road.Road, github: groups.GitHub, outcome: int, status: str
) -> None:
    github.answers = [outcome]
    first, code = approve(here, "1")
    debt = here.case(first).debts[0]
    assert ("approved-refused", status, 1) == (code, debt.status, debt.attempts)
    assert debt.cure
    assert [True] == [row.parked for row in here.world.store.rows()]
    assert "released" == approve(here, "2")[1]
    here.ahead += DAY
    assert 0 == here.round()
    assert 2 == len(github.sent)


def test_what_is_dead_holds_up_nobody(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [500, 500]
    first, _ = approve(here, "1")
    here.ahead += DAY
    assert 1 == here.round()
    assert ["dead"] == debts(here, first)
    request = replace(offline("2"), issued_at=int(here.now()), expires_at=int(here.now()) + HOUR)
    assert "released" == press(here, request)


def test_a_later_press_pulls_an_earlier_one_forward_as_soon_as_github_may_be_asked_again(
    here: road.Road, github: groups.GitHub
) -> None:
    groups.waiting(here, 0.99)
    github.answers = [500] * 4
    first, _ = approve(here, "1")
    for _ in range(3):
        here.ahead += 41
        here.round()
    first_due = here.case(first).debts[0].due_at
    assert (4, True) == (len(github.sent), first_due > here.now() + 70)
    second, outcome = approve(here, "2")
    assert ("approved-retrying", 4) == (outcome, len(github.sent))  # ten seconds since the last have not passed
    assert first_due == pytest.approx(here.case(second).debts[0].due_at, abs=1)
    here.ahead += 11
    third, outcome = approve(here, "3")
    assert ("released", [first, second, third]) == (outcome, github.ids()[4:])
    assert 0 == here.recorded()["due"]


def test_an_earlier_one_that_fails_again_is_tried_once_by_each_press_and_its_own_back_off_grows(
    here: road.Road, github: groups.GitHub
) -> None:
    github.answers = [GONE] * 9
    first, _ = approve(here, "1")
    second, _ = approve(here, "2")  # five seconds have not passed
    assert [first] == github.ids()
    here.ahead += 6
    third, outcome = approve(here, "3")
    assert ("approved-retrying", [first, first]) == (outcome, github.ids())
    assert [2, 0, 0] == [here.case(each).debts[0].attempts for each in (first, second, third)]


def test_what_waits_behind_another_is_asked_no_more_than_the_other(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [GONE] * 99
    ids = [approve(here, str(number))[0] for number in range(6)]
    for _ in range(4):
        here.ahead += 60
        here.round()
    assert {ids[0]} == set(github.ids())
    assert 5 == len(github.sent)
    assert [5, 0, 0, 0, 0, 0] == [here.case(each).debts[0].attempts for each in ids]


def test_leases_are_known_by_their_holder(here: road.Road) -> None:
    first = left_behind(here, "1")
    assert [0] == leased_to(here.case(first), "the relay of 1")
    assert [] == leased_to(here.case(first), "another")
    with closing(here.world.store):
        assert 1 == len(here.world.store.queue(next(iter(here.world.store.rows())).group))
