"""Outages of GitHub and of the store, and clocks that jump: nothing is lost, doubled or overtaken."""

import sqlite3
from contextlib import closing
from dataclasses import replace

from tests.outbox.turns.approving import DAY, HOUR, approve, debts, offline
from tests.support import groups, road
from tests.support.groups import GONE, ask, press


def test_while_github_is_down_a_round_stops_after_three_that_fail(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [GONE] * 99
    for number in range(6):
        for title in ("a", "b"):  # the second waits behind the first, which tells nothing about GitHub
            approve(here, f"{title}{number}", event_type=f"deploy-{number}")
    assert 6 == len(github.sent)
    here.ahead += 60
    here.round()
    assert 9 == len(github.sent)
    github.answers = []
    for _ in range(3):
        here.ahead += 60
        here.round()
    assert (0, 9 + 12) == (here.recorded()["due"], len(github.sent))


def test_one_that_succeeds_between_shows_that_github_is_there(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [GONE] * 5
    for number in range(5):
        approve(here, str(number), event_type=f"deploy-{number}")
    here.ahead += 60
    github.answers = [GONE, GONE, 204, GONE, GONE]
    assert 5 == here.round()


def test_a_clock_that_jumps_neither_loses_nor_doubles_a_dispatch(here: road.Road, github: groups.GitHub) -> None:
    born_a_day_ago(here)
    github.answers = [500, GONE, 500]
    ids = []
    for number, ahead in enumerate((0, HOUR, -HOUR, 0, 2 * HOUR, 60)):
        here.ahead = ahead
        at = int(here.now())
        request = replace(offline(str(number), event_type=f"deploy-{number}"), issued_at=at - 60, expires_at=at + DAY)
        press(here, request)
        ids.append(request.id)
        here.round()
    for ahead in (HOUR, -HOUR, 0, HOUR, -HOUR, 3 * HOUR, 3 * HOUR + 120):
        here.ahead = ahead
        here.round()
    assert sorted(ids) == sorted(case_id for case_id in ids if here.case(case_id).status == "approved")
    assert ["delivered"] * 6 == debts(here, *ids)
    assert 0 == here.recorded()["due"]
    assert 6 + 3 == len(github.sent)


def born_a_day_ago(here: road.Road) -> None:
    here.world.store.born_at()
    here.world.store.close()
    with closing(sqlite3.connect(here.path / "relay.db")) as connection:
        connection.execute("UPDATE marks SET at = at - 86400 WHERE name = 'birth'")
        connection.commit()
    here.world.store.load("")


def test_every_back_off_lies_between_five_seconds_and_an_hour_for_a_day_and_then_it_is_dead(
    here: road.Road, github: groups.GitHub
) -> None:
    groups.waiting(here, 0.999)
    github.answers = [GONE] * 999
    first, _ = approve(here, "1")
    waits = []
    while (debt := here.case(first).debts[0]).status == "owed":
        waits.append(debt.due_at - here.now())
        here.ahead += waits[-1] + 0.5
        assert 1 == here.round()
    assert 5 <= min(waits) < 11
    assert 3_500 < max(waits) <= 3_600
    assert DAY - HOUR - 60 < sum(waits) <= DAY
    assert ("dead", True) == (debt.status, "replay" in debt.cure)


def test_what_could_not_be_asked_of_the_store_is_sent_later(here: road.Road, github: groups.GitHub) -> None:
    made = ask(here, "1")
    with groups.hooked(here) as counted:
        assert "released" == press(counted, made)
        needed = groups.reached(counted)
    unpaid = 0
    for number in range(1, needed + 1):
        here.ahead += 2
        made = ask(here, str(number), "production", event_type=f"deploy-{number}")
        with groups.hooked(here, before=groups.at(number, groups.outage)) as cut:
            outcome = press(cut, made)
        sent, case = github.ids().count(made["id"]), here.case(made["id"])
        assert {"busy": "pending", "released": "approved", "approved-retrying": "approved"}[outcome] == case.status
        assert int(outcome == "released") == sent
        unpaid += case.status == "approved" and debts(here, made["id"]) == ["owed"]
    assert 1 == unpaid  # before its turn was known; its outcome is recorded at the second attempt
    here.ahead += 60
    assert 1 == here.round()
    assert 0 == here.recorded()["due"]
