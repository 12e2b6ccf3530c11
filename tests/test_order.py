"""Dispatches of one group are paid in the order in which they came to be owed; nobody waits longer than they must."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay import payer
from relay.cases import commit_leased, leased_to
from relay.core.approval import opened
from relay.core.model import ApprovalRequest, Case, Debt
from relay.core.policy import rule_for
from tests import queues, road
from tests.queues import GONE, SLOW, ask, press

HOUR = 3_600
DAY = 86_400
LIMITED = httpx.Response(429, headers={"Retry-After": "600"}, json={})


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with queues.made(tmp_path, httpx_mock) as made:
        queues.never_pausing(made)
        queues.waiting(made, 0.0)
        yield made


@pytest.fixture
def github(httpx_mock: HTTPXMock) -> queues.GitHub:
    return queues.GitHub(httpx_mock)


def offline(title: str, environment: str = "production", **fields: Any) -> ApprovalRequest:
    return road.offline(environment, title=title, **fields)


def approve(here: road.Road, title: str, environment: str = "production", **fields: Any) -> tuple[str, str]:
    """Approve a request made offline; return its id and the outcome's code."""
    request = offline(title, environment, **fields)
    return request.id, press(here, request)


def approve_newest(here: road.Road, title: str) -> tuple[str, str]:
    """Approve a registered request that takes the place of those before it."""
    made = ask(here, title)
    return made["id"], press(here, made)


def debts(here: road.Road, *ids: str) -> list[str]:
    return [here.case(case_id).debts[-1].status for case_id in ids]


def left_behind(here: road.Road, title: str, environment: str = "production") -> str:
    """Approve a request whose relay stops before it pays; its lease runs for 19 s. Return the id."""
    at, request = here.now(), offline(title, environment)
    debt = Debt(event_type="deploy-api", created_at=int(at), due_at=at, since=at)
    case = Case(request, "offline", status="approved", decided_at=int(at), debts=(debt,))
    holder = f"the relay of {title}"
    after = commit_leased(here.world.store, case, case, holder=holder, now=at, until=at + 19, identity="token")
    assert after
    return request.id


# First come, first served


@pytest.mark.parametrize("failure", [500, 502, SLOW, GONE])
def test_a_later_approval_waits_for_an_earlier_one_that_github_did_not_take(
    here: road.Road, github: queues.GitHub, failure: Any
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
    here: road.Road, github: queues.GitHub
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


def test_what_waits_does_not_hold_up_another_group(here: road.Road, github: queues.GitHub) -> None:
    github.answers = [500]
    approve(here, "1")
    assert "released" == approve(here, "2", event_type="deploy-web")[1]
    assert "released" == approve(here, "3", "newest")[1]
    web = replace(offline("4"), repository="octo/web")
    assert "released" == press(here, road.offline(title="4", repository=web.repository))


@pytest.mark.parametrize(
    ("outcome", "status"), [(404, "refused"), (422, "refused"), (401, "refused"), (403, "refused")]
)
def test_what_github_refused_for_good_is_parked_at_once_with_the_cure_and_holds_up_nobody(
    here: road.Road, github: queues.GitHub, outcome: int, status: str
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


def test_what_is_dead_holds_up_nobody(here: road.Road, github: queues.GitHub) -> None:
    github.answers = [500, 500]
    first, _ = approve(here, "1")
    here.ahead += DAY
    assert 1 == here.round()
    assert ["dead"] == debts(here, first)
    request = replace(offline("2"), issued_at=int(here.now()), expires_at=int(here.now()) + HOUR)
    assert "released" == press(here, request)


def test_a_later_press_pulls_an_earlier_one_forward_as_soon_as_github_may_be_asked_again(
    here: road.Road, github: queues.GitHub
) -> None:
    queues.waiting(here, 0.99)
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
    here: road.Road, github: queues.GitHub
) -> None:
    github.answers = [GONE] * 9
    first, _ = approve(here, "1")
    second, _ = approve(here, "2")  # five seconds have not passed
    assert [first] == github.ids()
    here.ahead += 6
    third, outcome = approve(here, "3")
    assert ("approved-retrying", [first, first]) == (outcome, github.ids())
    assert [2, 0, 0] == [here.case(each).debts[0].attempts for each in (first, second, third)]


def test_what_waits_behind_another_is_asked_no_more_than_the_other(here: road.Road, github: queues.GitHub) -> None:
    github.answers = [GONE] * 99
    ids = [approve(here, str(number))[0] for number in range(6)]
    for _ in range(4):
        here.ahead += 60
        here.round()
    assert {ids[0]} == set(github.ids())
    assert 5 == len(github.sent)
    assert [5, 0, 0, 0, 0, 0] == [here.case(each).debts[0].attempts for each in ids]


def test_presses_of_the_same_seconds_go_side_by_side(here: road.Road, github: queues.GitHub) -> None:
    arrived, told = Event(), Event()

    def held() -> int:
        arrived.set()
        assert told.wait(5)
        return 204

    with ThreadPoolExecutor(1) as people:
        github.answers = [held]
        earlier = people.submit(approve, here, "1")
        assert arrived.wait(5)
        second, outcome = approve(here, "2")
        told.set()
        first, first_outcome = earlier.result(5)
    assert ("released", "released", [first, second]) == (first_outcome, outcome, github.ids())


def test_a_press_waits_within_its_budget_for_one_that_waited_and_is_being_sent(
    tmp_path: Path, httpx_mock: HTTPXMock, github: queues.GitHub
) -> None:
    arrived, second_looks = Event(), Event()

    def held() -> int:
        arrived.set()
        assert second_looks.wait(5)
        return 204

    def pause(_seconds: float) -> None:
        second_looks.set()
        Event().wait(0.01)

    with queues.made(tmp_path / "timed", httpx_mock) as here, ThreadPoolExecutor(1) as timer:
        here.world = replace(here.world, payer=replace(here.world.payer, pause=pause))
        github.answers = [500, held]
        first, _ = approve(here, "1")
        here.ahead = 30
        retried = timer.submit(here.round)
        assert arrived.wait(5)
        second, outcome = approve(here, "2")
        assert 1 == retried.result(5)
    assert ("released", [first, first, second]) == (outcome, github.ids())


def test_a_press_behind_one_whose_relay_is_gone_waits_no_longer_than_its_budget(
    here: road.Road, github: queues.GitHub
) -> None:
    first = left_behind(here, "1")
    here.ahead = 6
    started = here.now()
    second, outcome = approve(here, "2")
    assert ("approved-retrying", []) == (outcome, github.sent)
    assert here.now() - started <= here.world.channels["messagecard"].budget
    here.ahead = 31
    assert 2 == here.round()
    assert [first, second] == github.ids()


def test_a_press_pays_all_that_it_may_before_its_own_however_many_they_are(
    here: road.Road, github: queues.GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payer, "PAGE", 2)
    ids = []
    for number in range(5):
        here.ahead += 1
        ids.append(left_behind(here, str(number)))
    here.ahead += 30
    mine, outcome = approve(here, "mine")
    assert ("released", [*ids, mine]) == (outcome, github.ids())


def test_a_press_that_waited_for_one_looks_again_at_those_it_took_to_be_under_way(
    here: road.Road, github: queues.GitHub
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


def test_one_press_late_in_its_budget_begins_nothing_for_an_earlier_one(here: road.Road, github: queues.GitHub) -> None:
    github.answers = [GONE]
    first, _ = approve(here, "1")
    here.ahead += 30
    request = offline("2")
    late = here.world.channels["messagecard"].budget - 0.5
    assert (
        "approved-retrying"
        == road.outcome(here.send(road.headers("ada", "approve", road.ticket(request)), late=late))[1]
    )
    assert [first] == github.ids()
    here.ahead += 2
    assert 2 == here.round()
    assert [first, first, request.id] == github.ids()


# Where the newest counts


@pytest.mark.parametrize("failure", [GONE, LIMITED])
def test_a_newer_approval_cancels_an_older_one_that_was_never_sent(
    here: road.Road, github: queues.GitHub, failure: Any
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


def test_the_card_of_one_that_was_never_sent_says_so(here: road.Road, github: queues.GitHub) -> None:
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
    here: road.Road, github: queues.GitHub, failure: Any
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
    here: road.Road, github: queues.GitHub
) -> None:
    first = left_behind(here, "1", "newest")
    here.ahead = 30
    second, outcome = approve_newest(here, "2")
    assert ("released", [first, second]) == (outcome, github.ids())
    assert ["delivered"] * 2 == debts(here, first, second)


def test_a_newer_one_whose_relay_is_gone_takes_the_place_of_the_older_all_the_same(
    here: road.Road, github: queues.GitHub
) -> None:
    github.answers = [GONE]
    first, _ = approve_newest(here, "1")
    here.ahead += 2
    made = ask(here, "2")
    stop = 0
    while not here.case(made["id"]).reviews:  # so that it is committed and never paid
        stop += 1
        with queues.hooked(here, after=queues.at(stop, queues.outage)) as cut:
            press(cut, made)
    here.ahead += 60
    here.round()
    assert (first, "cancelled") == (github.ids()[0], debts(here, first)[0])
    here.round()
    assert [first, made["id"]] == github.ids()


def test_a_newer_rejection_does_not_take_the_place_of_an_older_one(here: road.Road, github: queues.GitHub) -> None:
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
    here: road.Road, github: queues.GitHub
) -> None:
    rule = rule_for(here.world.policy, "octo/api", "told", "deploy-api")
    assert rule
    old, at = offline("1", "told"), here.now()
    case = opened(Case(old, "offline"), rule, at)
    for waiting in (case, replace(case, status="superseded")):  # closed while its relay, which is gone, was sending
        kept = here.world.store.load(old.id) or waiting
        after = replace(waiting, debts=kept.debts, version=kept.version)
        assert commit_leased(here.world.store, kept, after, holder="it", now=at, until=at + 19, identity="token")
    here.ahead = 20
    made = ask(here, "2", "told")
    assert [("preview", made["id"])] == github.sent
    assert ("cancelled", "delivered") == (debts(here, old.id)[0], debts(here, made["id"])[0])


def test_paying_an_earlier_one_does_not_take_on_what_else_its_request_owes(
    here: road.Road, github: queues.GitHub
) -> None:
    """Else two that wait for each other in two groups would hold each other up until their time is over."""
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


# Outages, and clocks that jump


def test_while_github_is_down_a_round_stops_after_three_that_fail(here: road.Road, github: queues.GitHub) -> None:
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


def test_one_that_succeeds_between_shows_that_github_is_there(here: road.Road, github: queues.GitHub) -> None:
    github.answers = [GONE] * 5
    for number in range(5):
        approve(here, str(number), event_type=f"deploy-{number}")
    here.ahead += 60
    github.answers = [GONE, GONE, 204, GONE, GONE]
    assert 5 == here.round()


def test_a_clock_that_jumps_neither_loses_nor_doubles_a_dispatch(here: road.Road, github: queues.GitHub) -> None:
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
    here: road.Road, github: queues.GitHub
) -> None:
    queues.waiting(here, 0.999)
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


def test_what_could_not_be_asked_of_the_store_is_sent_later(here: road.Road, github: queues.GitHub) -> None:
    made = ask(here, "1")
    with queues.hooked(here) as counted:
        assert "released" == press(counted, made)
        needed = queues.reached(counted)
    unpaid = 0
    for number in range(1, needed + 1):
        here.ahead += 2
        made = ask(here, str(number), "production", event_type=f"deploy-{number}")
        with queues.hooked(here, before=queues.at(number, queues.outage)) as cut:
            outcome = press(cut, made)
        sent, case = github.ids().count(made["id"]), here.case(made["id"])
        assert {"busy": "pending", "released": "approved", "approved-retrying": "approved"}[outcome] == case.status
        assert int(outcome == "released") == sent
        unpaid += case.status == "approved" and debts(here, made["id"]) == ["owed"]
    assert 1 == unpaid  # before its turn was known; its outcome is recorded at the second attempt
    here.ahead += 60
    assert 1 == here.round()
    assert 0 == here.recorded()["due"]


def test_two_rounds_that_meet_at_any_step_send_everything_once_and_in_order(
    here: road.Road, github: queues.GitHub
) -> None:
    for number in count(1):
        event_type = f"deploy-{number}"
        github.answers = [GONE] * 2
        ids = [approve(here, f"{number}.{each}", event_type=event_type)[0] for each in range(3)]
        here.ahead += 120
        github.answers, before = [], len(github.sent)
        with queues.hooked(here, before=queues.at(number, here.round)) as met:
            met.timer().run()
            ended = queues.reached(met) < number
        here.ahead += 120
        here.round()
        assert ids == github.ids()[before:]
        if ended:
            break
    assert number > 12
    assert 0 == here.recorded()["due"]


def test_a_press_that_meets_the_timer_on_the_way_to_an_earlier_one_sends_each_once_and_in_order(
    here: road.Road, github: queues.GitHub
) -> None:
    for number in count(1):
        event_type = f"deploy-{number}"
        github.answers = [GONE]
        first, _ = approve(here, f"{number}.1", event_type=event_type)
        here.ahead += 120
        made, before = ask(here, f"{number}.2", "production", event_type=event_type), len(github.sent)
        with queues.hooked(here, before=queues.at(number, here.round)) as met:
            outcome = press(met, made)
            ended = queues.reached(met) < number
        here.ahead += 120
        here.round()
        assert outcome in {"released", "approved-retrying"}
        assert [first, made["id"]] == github.ids()[before:]
        if ended:
            break
    assert ("released", True) == (outcome, number > 10)


def test_leases_are_known_by_their_holder(here: road.Road) -> None:
    first = left_behind(here, "1")
    assert [0] == leased_to(here.case(first), "the relay of 1")
    assert [] == leased_to(here.case(first), "another")
    with closing(here.world.store):
        assert 1 == len(here.world.store.queue(next(iter(here.world.store.rows())).group))
