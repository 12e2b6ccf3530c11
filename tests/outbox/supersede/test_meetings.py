"""Registrations and presses at the same moment: at most one request waits, and every answer is true."""

import json
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from relay.approval.groups import rank_of
from relay.model.request import ApprovalRequest
from tests.outbox.supersede.newcomers import check_only_the_newest_waits, offline, pending
from tests.races.starting import child
from tests.support import groups, road
from tests.support.at_once import at_once
from tests.support.groups import ask, press

CROWD = 12


def test_of_many_that_come_at_once_exactly_one_waits(here: road.Road) -> None:
    answered: list[str] = []

    def come(number: int) -> Any:
        made = []
        for turn in range(3):
            before = list(answered)
            made.append(ask(here, f"{number}.{turn}"))
            if made[-1]["status"] == "pending":  # a 201 says so only once all it knew of were closed
                mine = rank_of(here.case(made[-1]["id"]).request)
                for case in map(here.case, before):
                    assert "pending" != case.status or rank_of(case.request) > mine
            answered.append(made[-1]["id"])
        return made

    made = [each for those in at_once([partial(come, number) for number in range(CROWD)]) for each in those]
    check_only_the_newest_waits(here, made)
    assert 1 == here.recorded()["pending"]


def test_of_many_that_come_at_once_to_two_processes_exactly_one_waits(tmp_path: Path, here: road.Road) -> None:
    environ = road.environ(tmp_path, RELAY_POLICY=groups.POLICY)
    form = {"repository": "octo/api", "event_type": "deploy-api", "environment": "newest"}
    forms = [[form | {"title": f"{relay}.{number}"} for number in range(CROWD)] for relay in range(2)]
    with (
        child("asking", environ=environ, key=road.API_KEY, forms=forms[0]) as one,
        child("asking", environ=environ, key=road.API_KEY, forms=forms[1]) as two,
    ):
        assert ["ready", "ready"] == [one.hear(), two.hear()]
        one.say("go")
        two.say("go")
        made = json.loads(one.hear()) + json.loads(two.hear())
    assert 2 * CROWD == len(made)
    check_only_the_newest_waits(here, made)


def test_two_newcomers_may_meet_at_any_step_and_one_waits(here: road.Road) -> None:
    for number in count(1):
        inside: list[Any] = []
        with groups.hooked(here, before=groups.at(number, groups.into(inside, partial(ask, here, "inside")))) as met:
            outside = ask(met, "outside")
            if groups.reached(met) < number:
                break
        check_only_the_newest_waits(here, [outside, *inside])
    assert number > 8


def test_a_registered_request_pressed_while_a_newcomer_comes_is_released_or_superseded_and_never_both(
    here: road.Road, github: groups.GitHub
) -> None:
    assert {"released", "superseded"} == pressed_while_a_newcomer_comes(here, github, lambda: ask(here, "old"))


def test_one_made_offline_pressed_while_a_newcomer_comes_is_released_or_superseded_and_never_both(
    here: road.Road, github: groups.GitHub
) -> None:
    def made() -> ApprovalRequest:
        here.ahead += 9  # so that it is newer than those before
        return offline(2 - int(here.ahead), title=str(here.ahead))

    assert {"released", "superseded"} == pressed_while_a_newcomer_comes(here, github, made)


def pressed_while_a_newcomer_comes(here: road.Road, github: groups.GitHub, made: Callable[[], Any]) -> set[str]:
    """Press while a newer request is registered at each step in turn, and return the outcomes of the presses."""
    outcomes: set[str] = set()
    for number in count(1):
        old = made()
        case_id = old.id if isinstance(old, ApprovalRequest) else old["id"]
        inside: list[Any] = []
        before = len(github.sent)
        with groups.hooked(here, before=groups.at(number, groups.into(inside, partial(ask, here, "new")))) as met:
            outcome = press(met, old)
            if groups.reached(met) < number:
                return outcomes
        outcomes.add(outcome)
        status = here.case(case_id).status
        assert {"released": "approved", "superseded": "superseded"}[outcome] == status
        assert [case_id] * (status == "approved") == github.ids()[before:]
        assert [inside[0]["id"]] == pending(here)
    raise AssertionError


def test_a_newcomer_that_meets_a_press_on_the_older_at_any_step_leaves_one_truth(
    here: road.Road, github: groups.GitHub
) -> None:
    outcomes: list[str] = []
    for number in count(1):
        old = ask(here, "old")
        pressed: list[str] = []
        before = len(github.sent)
        with groups.hooked(here, before=groups.at(number, groups.into(pressed, partial(press, here, old)))) as met:
            new = ask(met, "new")
            if groups.reached(met) < number:
                break
        outcomes += pressed
        status = here.case(old["id"]).status
        assert [{"released": "approved", "superseded": "superseded"}[code] for code in pressed] == [status]
        assert [old["id"]] * (status == "approved") == github.ids()[before:]
        assert (201, "pending") == (new["http"], new["status"])
    assert {"released", "superseded"} == set(outcomes)


def test_two_first_presses_on_one_made_offline_may_meet_at_any_step(here: road.Road, github: groups.GitHub) -> None:
    for number in count(1):
        request = offline(-number, title=str(number))
        others: list[str] = []
        with groups.hooked(
            here, before=groups.at(number, groups.into(others, partial(press, here, request, "grace")))
        ) as met:
            outcome = press(met, request)
            if groups.reached(met) < number:
                break
        assert ["already-approved", "released"] == sorted([outcome, *others])
        assert (1, 1) == (github.ids().count(request.id), len(here.case(request.id).reviews))
    assert number > 8
