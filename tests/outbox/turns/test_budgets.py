"""Presses among debts that wait or are being sent: they keep the order, and wait no longer than they must."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from pytest_httpx import HTTPXMock

from relay.outbox import turns
from tests.outbox.turns.approving import approve, left_behind, offline
from tests.support import clicks, groups, road
from tests.support.groups import GONE


def test_presses_of_the_same_seconds_go_side_by_side(here: road.Road, github: groups.GitHub) -> None:
    arrived, told = Event(), Event()

    def held() -> int:
        arrived.set()
        assert told.wait(60)
        return 204

    with ThreadPoolExecutor(1) as people:
        github.answers = [held]
        earlier = people.submit(approve, here, "1")
        assert arrived.wait(60)
        second, outcome = approve(here, "2")
        told.set()
        first, first_outcome = earlier.result(5)
    assert ("released", "released", [first, second]) == (first_outcome, outcome, github.ids())


def test_a_press_waits_within_its_budget_for_one_that_waited_and_is_being_sent(
    tmp_path: Path, httpx_mock: HTTPXMock, github: groups.GitHub
) -> None:
    arrived, second_looks = Event(), Event()

    def held() -> int:
        arrived.set()
        assert second_looks.wait(60)
        return 204

    def pause(_seconds: float) -> None:
        second_looks.set()
        Event().wait(0.01)

    with groups.made(tmp_path / "timed", httpx_mock) as here, ThreadPoolExecutor(1) as timer:
        here.world = replace(here.world, payer=replace(here.world.payer, pause=pause))
        github.answers = [500, held]
        first, _ = approve(here, "1")
        here.ahead = 30
        retried = timer.submit(here.round)
        assert arrived.wait(60)
        second, outcome = approve(here, "2")
        assert 1 == retried.result(5)
    assert ("released", [first, first, second]) == (outcome, github.ids())


def test_a_press_behind_one_whose_relay_is_gone_waits_no_longer_than_its_budget(
    here: road.Road, github: groups.GitHub
) -> None:
    first = left_behind(here, "1")
    here.ahead = 6
    started = here.now()
    second, outcome = approve(here, "2")
    assert ("approved-retrying", []) == (outcome, github.sent)
    assert here.now() - started <= here.world.channels["messagecard"].budget.all_until
    here.ahead = 31
    assert 2 == here.round()
    assert [first, second] == github.ids()


def test_a_press_pays_all_that_it_may_before_its_own_however_many_they_are(
    here: road.Road, github: groups.GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PAGE", 2)
    ids = []
    for number in range(5):
        here.ahead += 1
        ids.append(left_behind(here, str(number)))
    here.ahead += 30
    mine, outcome = approve(here, "mine")
    assert ("released", [*ids, mine]) == (outcome, github.ids())


def test_a_press_that_waited_for_one_looks_again_at_those_it_took_to_be_under_way(
    here: road.Road, github: groups.GitHub
) -> None:
    first = left_behind(here, "1")
    here.ahead += 30
    second = left_behind(here, "2")
    here.ahead += 3  # its relay may still be about to send it

    def slowly() -> int:
        here.ahead += 2.5
        return 204

    github.answers = [slowly]
    mine, outcome = approve(here, "mine")
    assert ("approved-retrying", [first]) == (outcome, github.ids())
    here.ahead += 60
    here.round()
    assert [first, second, mine] == github.ids()


def test_one_press_late_in_its_budget_begins_nothing_for_an_earlier_one(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [GONE]
    first, _ = approve(here, "1")
    here.ahead += 30
    request = offline("2")
    late = here.world.channels["messagecard"].budget.github_until - 0.5
    assert (
        "approved-retrying"
        == road.outcome(here.send(clicks.headers("ada", "approve", road.ticket(request)), late=late))[1]
    )
    assert [first] == github.ids()
    here.ahead += 2
    assert 2 == here.round()
    assert [first, first, request.id] == github.ids()
