"""Registrations cut short anywhere: complete once repeated, given up once the request could no longer come."""

from itertools import count

import pytest

from relay.approval.groups import rank_of
from relay.model.case import Successor
from tests.outbox.supersede.newcomers import offline, pending
from tests.support import groups, road
from tests.support.groups import ask, press


@pytest.mark.usefixtures("github")
def test_what_was_made_known_and_then_cut_off_is_done_by_the_next_press(here: road.Road) -> None:
    old = ask(here, environment="told")["id"]
    for number in count(1):
        fresh = offline(-30 - number, "told", title=str(number))
        with groups.hooked(here, before=groups.at(number, groups.outage)) as cut:
            outcome = press(cut, fresh, "lin")
            if groups.reached(cut) < number:
                break
        assert outcome in {"busy", "counted"}  # once it is recorded, it is counted whatever happens to its dispatches
        assert press(here, fresh, "lin") in {"counted", "already-counted"}
        assert ("superseded", [fresh.id]) == (here.case(old).status, pending(here))
        old = fresh.id
    assert ("counted", True) == (outcome, number > 10)


@pytest.mark.parametrize("after", [False, True])
def test_a_newcomer_cut_short_anywhere_is_whole_once_the_call_is_repeated(here: road.Road, after: bool) -> None:
    old = ask(here, "first")
    for number in count(1):
        key = f"run {number}"
        hook = groups.at(number, groups.outage)
        with groups.hooked(here, **{"after" if after else "before": hook}) as cut:
            reply = ask(cut, str(number), key=key)
            if groups.reached(cut) < number:
                break
        assert 503 == reply["http"]
        again = ask(here, str(number), key=key)
        assert again["http"] in {200, 201}
        assert "pending" == again["status"]
        assert [again["id"]] == pending(here)
        assert Successor(again["id"], str(number)) == here.case(old["id"]).superseded_by
        old = again
    assert (201, True) == (reply["http"], number > 8)
    assert 1 == here.recorded()["pending"]


def test_one_that_was_cut_short_and_repeated_after_a_newer_came_is_told_so(here: road.Road) -> None:
    for number in count(1):
        with groups.hooked(here, before=groups.at(number, groups.outage)) as cut:
            ask(cut, "early", key=f"run {number}")
            if groups.reached(cut) < number:
                break
        late = ask(here, "late")
        again = ask(here, "early", key=f"run {number}")
        (waits,) = pending(here)
        newest = max((here.case(each["id"]) for each in (late, again)), key=lambda case: rank_of(case.request))
        assert (waits, waits) == (newest.request.id, {"pending": again["id"]}.get(again["status"], late["id"]))
    assert number > 8


def test_a_place_whose_request_never_came_is_given_up_when_it_could_not_come_any_more(here: road.Road) -> None:
    with groups.hooked(here, after=groups.at(2, groups.outage)) as cut:
        assert 503 == ask(cut, "never repeated")["http"]
    assert {"pending": 1, "cases": 0} == {name: here.recorded()[name] for name in ("pending", "cases")}
    for days, left in ((1, 2), (31, 1)):
        here.ahead = days * 86_400
        ask(here, str(days))
        assert left == here.recorded()["pending"]
