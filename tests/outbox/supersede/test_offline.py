"""Offline requests: known from their first verified press on, and ordered by when they were made."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from relay.approval.groups import rank_of
from relay.model.case import Successor
from relay.model.request import ApprovalRequest
from tests.outbox.supersede.newcomers import offline, statuses
from tests.support import groups, road
from tests.support.groups import ask, press


def test_an_offline_request_is_known_from_its_first_genuine_press_on(here: road.Road, github: groups.GitHub) -> None:
    old, new = ask(here, "registered"), offline(-30, title="offline")
    assert ["pending"] == statuses(here, old["id"])
    assert "released" == press(here, new)
    assert Successor(new.id, "offline") == here.case(old["id"]).superseded_by
    assert "superseded" == press(here, old)
    assert [new.id] == github.ids()


def test_an_older_offline_request_can_be_approved_until_a_newer_one_is_known(
    here: road.Road, github: groups.GitHub
) -> None:
    old, new = offline(10, title="1"), offline(0, title="2")
    assert "released" == press(here, old)
    assert "released" == press(here, new)
    assert [old.id, new.id] == github.ids()


def two_of_one_second() -> tuple[ApprovalRequest, ApprovalRequest]:
    old, new = sorted((offline(title="1"), offline(title="2")), key=rank_of)
    assert old.issued_at <= new.issued_at
    return old, replace(new, issued_at=old.issued_at, expires_at=old.expires_at)


@pytest.mark.parametrize(
    "pair", [lambda: (offline(1, "told", title="1"), offline(0, "told", title="2")), two_of_one_second]
)
@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_the_newer_is_told_by_when_it_was_made_then_by_its_id_and_never_by_which_arrived_first(
    here: road.Road,
    github: groups.GitHub,
    pair: Callable[[], tuple[ApprovalRequest, ApprovalRequest]],
    verdict: str,
) -> None:
    old, new = pair()
    person = "lin" if old.environment == "told" else "grace"
    assert press(here, new, person) in {"released", "counted"}
    sent = list(github.ids())
    assert "superseded" == press(here, old, person, verdict)
    assert (sent, Successor(new.id, new.title)) == (github.ids(), here.case(old.id).superseded_by)
    assert statuses(here, new.id) != ["superseded"]


def test_an_older_offline_request_half_approved_is_closed_by_the_first_press_on_a_newer(
    here: road.Road, github: groups.GitHub
) -> None:
    old, new = offline(5, "told", title="1"), offline(0, "told", title="2")
    assert ["counted", "counted"] == [press(here, old, "lin"), press(here, new, "lin")]
    assert ["superseded", "pending"] == statuses(here, old.id, new.id)
    assert ["superseded", "superseded"] == [press(here, old, person) for person in ("ada", "grace")]
    assert [old.id] * 2 + [new.id] * 2 == github.ids()
    assert {"preview", "staged"} == {event for event, _ in github.sent}


@pytest.mark.parametrize("person", ["lin", "ffffffff-0000-4000-8000-000000000009"])
def test_a_press_that_is_refused_makes_nothing_known(here: road.Road, github: groups.GitHub, person: str) -> None:
    old, new = ask(here), offline(-30)
    before = here.recorded()
    assert "not-allowed" == press(here, new, person)
    assert before == here.recorded()
    assert "released" == press(here, old)
    assert [old["id"]] == github.ids()


def test_a_press_after_its_end_makes_nothing_known(here: road.Road) -> None:
    old, new = ask(here), offline(-30)
    here.ahead = 86_400 + 60
    assert "expired" == press(here, new)
    assert ["pending"] == statuses(here, old["id"])
