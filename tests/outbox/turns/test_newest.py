"""Rules where the newest counts: an older approval that was never sent is cancelled."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from relay.approval.judge import opened
from relay.approval.policy import rule_for
from relay.model.case import Case
from relay.outbox.commit import commit_and_lease
from tests.outbox.turns.approving import approve_newest, debts, left_behind, offline
from tests.support import groups, road
from tests.support.groups import GONE, SLOW, ask, press

LIMITED = httpx.Response(429, headers={"Retry-After": "600"}, json={})


@pytest.mark.parametrize("failure", [GONE, LIMITED])
def test_a_newer_approval_cancels_an_older_one_that_was_never_sent(
    here: road.Road, github: groups.GitHub, failure: Any
) -> None:
    github.answers = [failure]
    first, outcome = approve_newest(here, "1")
    assert ("approved-retrying", [first]) == (outcome, github.ids())
    second, outcome = approve_newest(here, "2")
    for _ in range(2):
        here.ahead += 601
        here.round()
    assert [first, second] == github.ids()
    assert ["cancelled", "delivered"] == debts(here, first, second)
    assert 0 == here.recorded()["due"]
    dispatch = road.said(here.show(first))["dispatch"]
    assert ("dead", "a newer approval of the same came before it was sent") == (
        dispatch["status"],
        dispatch["last_error"],
    )


def test_the_card_of_one_that_was_never_sent_says_so(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [GONE]
    made = ask(here, "1")
    assert "approved-retrying" == press(here, made)
    assert "released" == approve_newest(here, "2")[1]
    reply = here.press("grace", "approve", made["ticket"])
    assert (200, "already-approved") == road.outcome(reply)
    said = "This was already approved. It was never sent to GitHub: a newer approval of the same came first."
    assert said == reply.headers["CARD-ACTION-STATUS"]


@pytest.mark.parametrize("failure", [500, SLOW])
def test_an_older_one_that_github_may_have_taken_is_sent_before_the_newer(
    here: road.Road, github: groups.GitHub, failure: Any
) -> None:
    github.answers = [failure]
    first, _ = approve_newest(here, "1")
    second, outcome = approve_newest(here, "2")
    assert ("approved-retrying", [first]) == (outcome, github.ids())
    here.ahead += 12
    assert 2 == here.round()
    assert [first, first, second] == github.ids()
    assert ["delivered"] * 2 == debts(here, first, second)


def test_an_older_one_whose_relay_is_gone_may_have_been_sent_and_is_sent_before_the_newer(
    here: road.Road, github: groups.GitHub
) -> None:
    first = left_behind(here, "1", "newest")
    here.ahead = 30
    second, outcome = approve_newest(here, "2")
    assert ("released", [first, second]) == (outcome, github.ids())
    assert ["delivered"] * 2 == debts(here, first, second)


def test_a_newer_one_whose_relay_is_gone_takes_the_place_of_the_older_all_the_same(
    here: road.Road, github: groups.GitHub
) -> None:
    github.answers = [GONE]
    first, _ = approve_newest(here, "1")
    here.ahead += 2
    made = ask(here, "2")
    stop = 0
    while not here.case(made["id"]).reviews:  # so that it is committed and never paid
        stop += 1
        with groups.hooked(here, after=groups.at(stop, groups.outage)) as cut:
            press(cut, made)
    here.ahead += 60
    here.round()
    assert (first, "cancelled") == (github.ids()[0], debts(here, first)[0])
    here.round()
    assert [first, made["id"]] == github.ids()


def test_a_newer_rejection_does_not_take_the_place_of_an_older_one(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [GONE]
    rejected = []
    for title in ("1", "2"):
        made = ask(here, title, reject_event_type="refused-api")
        assert "rejected" == press(here, made, verdict="reject")
        rejected.append(made["id"])
    here.ahead += 60
    here.round()
    assert [("refused-api", each) for each in (rejected[0], *rejected)] == github.sent


def test_what_a_superseded_request_announced_is_never_sent_by_one_that_waits_behind_it(
    here: road.Road, github: groups.GitHub
) -> None:
    rule = rule_for(here.world.policy, "octo/api", "told", "deploy-api")
    assert rule
    old, at = offline("1", "told"), here.now()
    case = opened(Case(old, "offline"), rule, at)
    for waiting in (case, replace(case, status="superseded")):  # closed while its relay, which is gone, was sending
        kept = here.world.store.load(old.id) or waiting
        after = replace(waiting, debts=kept.debts, version=kept.version)
        assert commit_and_lease(
            here.world.store, here.world.policy, kept, after, holder="it", now=at, until=at + 19, identity="token"
        )
    here.ahead = 20
    made = ask(here, "2", "told")
    assert [("preview", made["id"])] == github.sent
    assert ("cancelled", "delivered") == (debts(here, old.id)[0], debts(here, made["id"])[0])


def test_paying_an_earlier_one_does_not_take_on_what_else_its_request_owes(
    here: road.Road, github: groups.GitHub
) -> None:
    """Pay the earlier debt alone: with all of its case, two requests could wait for each other in two groups."""
    github.answers = [GONE] * 3
    one, two = ask(here, "1", "untold"), ask(here, "2", "untold")
    assert [("preview", one["id"])] == github.sent
    assert ["approved-retrying"] * 2 == [press(here, two), press(here, one)]
    here.ahead += 120
    started = here.ahead
    github.answers = []
    assert 3 == here.round()  # and one on the way to another
    assert started == here.ahead
    expected = [("deploy-api", two), ("deploy-api", one), ("preview", one), ("preview", two)]
    assert sorted((event_type, made["id"]) for event_type, made in expected) == sorted(github.sent[-4:])
    for event_type in ("deploy-api", "preview"):
        told = [case_id for name, case_id in github.sent[-4:] if name == event_type]
        assert [made["id"] for name, made in expected if name == event_type] == told
