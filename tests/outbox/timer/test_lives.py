"""Lives: each case has one wake-up for its life, even if timer runs meet or are cut off."""

from contextlib import suppress
from dataclasses import replace
from itertools import product

import pytest

from relay.approval.wake_ups import LIFE, WakeUp
from relay.errors import Outage
from tests.outbox.timer.ages import DAY, HOUR, lives
from tests.support import groups, road
from tests.support.groups import ask, press


def test_each_case_has_one_row_for_its_life_from_its_first_commit_on(here: road.Road, github: groups.GitHub) -> None:
    made, request = ask(here, "1", "production"), road.offline("staged")
    press(here, made)
    press(here, request, "lin")
    press(here, request, "ada")
    ends = {case_id: here.case(case_id).request.expires_at for case_id in (made["id"], request.id)}
    assert {(at, case_id) for case_id, at in ends.items()} == set(lives(here))
    assert {float(at) for at in ends.values()} == {here.case(case_id).life_at for case_id in ends}
    here.ahead = DAY + 60
    here.round()
    assert sorted(ends) == sorted(case_id for _, case_id in lives(here))
    assert {90} == {round((at - here.now()) / DAY) for at, case_id in lives(here) if case_id == request.id}
    assert 1 == len(github.sent)


def test_a_row_of_no_case_is_dropped_after_an_hour_and_one_of_an_older_arrangement_at_once(here: road.Road) -> None:
    made, at = ask(here, "1", "production"), here.now()
    case = here.case(made["id"])
    rows = [WakeUp(at, "no-such-case", LIFE), WakeUp(at - 1, made["id"], LIFE)]
    assert here.world.store.write_case(replace(case, version=2), to_set=rows)
    here.round()
    assert [case_id for _, case_id in lives(here)] == ["no-such-case", made["id"]]
    here.ahead = 2 * HOUR + 60
    here.round()
    assert [(case.life_at, made["id"])] == lives(here)


def test_two_rounds_at_once_end_each_case_once(here: road.Road) -> None:
    ids = [ask(here, str(number), "production")["id"] for number in range(6)]
    here.ahead = DAY + 60
    with groups.hooked(here, before=lambda number: here.round() if number in {3, 5, 8} else None) as met:
        met.timer().run()
    assert {("expired", 2)} == {(here.case(case_id).status, here.case(case_id).version) for case_id in ids}
    assert 6 == here.recorded()["lives"]
    here.ahead = 200 * DAY
    with groups.hooked(here, before=lambda number: here.round() if number in {3, 5, 8} else None) as met:
        met.timer().run()
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize("ahead", [DAY + 60, 100 * DAY])
def test_a_round_that_is_cut_off_anywhere_is_made_good_by_the_next(here: road.Road, ahead: int) -> None:
    for number in range(1, 12):
        here.ahead = 0
        made = ask(here, str(number))
        here.ahead = ahead
        cut_off(here, number, number + 5)
        made_good(here, made["id"])


@pytest.mark.parametrize("ahead", [DAY + 60, 100 * DAY])
def test_two_rounds_that_are_cut_off_at_any_step_are_made_good_by_the_next(here: road.Road, ahead: int) -> None:
    for steps in product(range(1, 8), range(1, 11)):
        here.ahead = 0
        made = ask(here, str(steps))
        here.ahead = ahead
        calls = cut_off(here, *steps)
        made_good(here, made["id"])
    assert calls < 10  # the last round was not cut off: there are no more steps


def made_good(here: road.Road, case_id: str) -> None:
    """Run the timer once, after which the case has ended, and once more when nothing may be left of it."""
    here.round()
    case = here.world.store.load(case_id)
    assert case is None or case.status == "expired"
    here.ahead += 200 * DAY
    here.round()
    assert road.NOTHING == here.recorded()


def cut_off(here: road.Road, *steps: int) -> int:
    """Run the timer for each step, and cut it off there. Return how many calls the last run made to the store."""
    for step in steps:
        with groups.hooked(here, before=groups.at(step, groups.outage)) as cut, suppress(Outage):
            cut.timer().run()
    return groups.reached(cut)
