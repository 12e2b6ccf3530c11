"""Registered requests: a newer one closes older ones, and their cards and statuses show it."""

from typing import Any

import pytest

from relay.model.case import Successor
from tests.outbox.supersede.newcomers import offline, statuses
from tests.support import groups, road
from tests.support.groups import ask, press

HOUR = 3_600


def test_a_newer_request_closes_the_older_whose_card_and_state_say_so(here: road.Road, github: groups.GitHub) -> None:
    old = ask(here, "Deploy 2.4")
    new = ask(here, "Deploy *2.5*")
    assert [("pending", 201)] * 2 == [(made["status"], made["http"]) for made in (old, new)]
    assert "superseded" == road.said(here.show(old["id"]))["status"]
    assert Successor(new["id"], "Deploy *2.5*") == here.case(old["id"]).superseded_by
    for verdict in ("approve", "reject"):
        reply = here.press("ada", verdict, old["ticket"])
        assert (200, "superseded") == road.outcome(reply)
        (standing, *_) = road.said(reply)["sections"]
        assert "Superseded by a newer request" == standing["title"]
        assert [{"name": "Newer request", "value": rf"Deploy \*2.5\* ({new['id']})"}] == standing["facts"]
    assert [] == github.sent
    assert "released" == press(here, new)
    assert [new["id"]] == github.ids()
    assert "superseded" == press(here, old)
    assert [new["id"]] == github.ids()
    assert {"pending": 1, "lives": 2, "due": 0} == {name: here.recorded()[name] for name in ("pending", "lives", "due")}


def test_what_is_decided_stays_decided_whatever_comes_after_it(here: road.Road, github: groups.GitHub) -> None:
    approved, rejected, cancelled = (ask(here, str(number)) for number in range(3))
    assert ["superseded", "superseded", "pending"] == statuses(here, approved["id"], rejected["id"], cancelled["id"])
    assert 200 == here.cancel(cancelled["id"]).status
    rejected = ask(here, "r")
    assert "rejected" == press(here, rejected, verdict="reject")
    approved = ask(here, "a")
    assert "released" == press(here, approved)
    ask(here, "newer")
    ids = [each["id"] for each in (cancelled, rejected, approved)]
    assert ["cancelled", "rejected", "approved"] == statuses(here, *ids)
    assert ["cancelled", "already-rejected", "already-approved"] == [
        press(here, each) for each in (cancelled, rejected, approved)
    ]
    assert [approved["id"]] == github.ids()


@pytest.mark.parametrize("fields", [{"repository": "octo/web"}, {"event_type": "deploy-web"}, {"environment": "told"}])
@pytest.mark.usefixtures("github")
def test_another_repository_environment_or_event_type_closes_nothing(here: road.Road, fields: dict[str, str]) -> None:
    old = ask(here)
    ask(here, **({"environment": "newest"} | fields))
    assert ["pending"] == statuses(here, old["id"])


def test_a_group_is_the_same_however_it_is_written(here: road.Road) -> None:
    old = ask(here)
    ask(here, repository="Octo/API", environment="NEWEST", event_type="Deploy-Api")
    assert ["superseded"] == statuses(here, old["id"])


@pytest.mark.parametrize("offline_ones", [False, True])
def test_without_supersede_two_that_wait_never_touch_each_other(
    here: road.Road, github: groups.GitHub, offline_ones: bool
) -> None:
    first: Any = offline(1, "production", title="1") if offline_ones else ask(here, "1", "production")
    second: Any = offline(0, "production", title="2") if offline_ones else ask(here, "2", "production")
    ids = [each.id if offline_ones else each["id"] for each in (first, second)]
    assert "released" == press(here, second)
    assert "released" == press(here, first)
    assert ids[::-1] == github.ids()
    assert 0 == here.recorded()["pending"]


def test_requests_of_one_second_are_dated_one_after_another_so_that_the_last_counts(here: road.Road) -> None:
    made = [ask(here, str(number)) for number in range(5)]
    cases = [here.case(each["id"]) for each in made]
    assert ["superseded"] * 4 + ["pending"] == [case.status for case in cases]
    times = [case.request.issued_at for case in cases]
    assert times == sorted(set(times))
    assert {86_400} == {case.request.expires_at - case.request.issued_at for case in cases}


def test_one_made_while_the_clock_is_an_hour_back_is_told_that_a_newer_one_is_known(here: road.Road) -> None:
    here.ahead = HOUR
    newest = ask(here, "from the future")
    here.ahead = 0
    old = ask(here, "now")
    assert (201, "superseded") == (old["http"], old["status"])
    assert ["superseded", "pending"] == statuses(here, old["id"], newest["id"])
    here.ahead = HOUR + 1
    assert "pending" == ask(here, "later")["status"]


def test_a_newest_that_is_gone_is_named_by_its_id_alone(here: road.Road) -> None:
    old, new = offline(10), ask(here)
    case = here.case(new["id"])
    assert here.world.store.remove(case, [])
    assert "superseded" == press(here, old)
    assert Successor(new["id"], "") == here.case(old.id).superseded_by
