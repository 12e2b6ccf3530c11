"""A newer request takes the place of older ones: whoever comes when, at most one waits, and every answer is true."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.core.groups import mark_of
from relay.core.model import ApprovalRequest, Newer
from tests import queues, road
from tests.processes.starting import child
from tests.queues import ask, press

HOUR = 3_600
CROWD = 12


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with queues.made(tmp_path, httpx_mock) as made:
        queues.never_pausing(made)
        yield made


@pytest.fixture
def github(httpx_mock: HTTPXMock) -> queues.GitHub:
    return queues.GitHub(httpx_mock)


def offline(age: int = 0, environment: str = "newest", **fields: Any) -> ApprovalRequest:
    """Return a request made offline some seconds ago."""
    request = road.offline(environment, **fields)
    return replace(request, issued_at=request.issued_at - age, expires_at=request.expires_at - age)


def statuses(here: road.Road, *ids: str) -> list[str]:
    return [here.case(case_id).status for case_id in ids]


# Registered requests


def test_a_newer_request_closes_the_older_whose_card_and_state_say_so(here: road.Road, github: queues.GitHub) -> None:
    old = ask(here, "Deploy 2.4")
    new = ask(here, "Deploy *2.5*")
    assert [("pending", 201)] * 2 == [(made["status"], made["http"]) for made in (old, new)]
    assert "superseded" == road.said(here.show(old["id"]))["status"]
    assert Newer(new["id"], "Deploy *2.5*") == here.case(old["id"]).superseded_by
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


def test_what_is_decided_stays_decided_whatever_comes_after_it(here: road.Road, github: queues.GitHub) -> None:
    approved, rejected, cancelled = (
        ask(here, environment=f"newest{number}"[:6], title=str(number)) for number in range(3)
    )
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
    here: road.Road, github: queues.GitHub, offline_ones: bool
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
    assert Newer(new["id"], "") == here.case(old.id).superseded_by


# Offline requests


def test_an_offline_request_is_known_from_its_first_genuine_press_on(here: road.Road, github: queues.GitHub) -> None:
    old, new = ask(here, "registered"), offline(-30, title="offline")
    assert ["pending"] == statuses(here, old["id"])
    assert "released" == press(here, new)
    assert Newer(new.id, "offline") == here.case(old["id"]).superseded_by
    assert "superseded" == press(here, old)
    assert [new.id] == github.ids()


def test_an_older_offline_request_can_be_approved_until_a_newer_one_is_known(
    here: road.Road, github: queues.GitHub
) -> None:
    old, new = offline(10, title="1"), offline(0, title="2")
    assert "released" == press(here, old)
    assert "released" == press(here, new)
    assert [old.id, new.id] == github.ids()


def two_of_one_second() -> tuple[ApprovalRequest, ApprovalRequest]:
    old, new = sorted((offline(title="1"), offline(title="2")), key=mark_of)
    assert old.issued_at <= new.issued_at
    return old, replace(new, issued_at=old.issued_at, expires_at=old.expires_at)


@pytest.mark.parametrize(
    "pair", [lambda: (offline(1, "told", title="1"), offline(0, "told", title="2")), two_of_one_second]
)
@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_the_newer_is_told_by_when_it_was_made_then_by_its_id_and_never_by_which_arrived_first(
    here: road.Road,
    github: queues.GitHub,
    pair: Callable[[], tuple[ApprovalRequest, ApprovalRequest]],
    verdict: str,
) -> None:
    old, new = pair()
    person = "lin" if old.environment == "told" else "grace"
    assert press(here, new, person) in {"released", "counted"}
    sent = list(github.ids())
    assert "superseded" == press(here, old, person, verdict)
    assert (sent, Newer(new.id, new.title)) == (github.ids(), here.case(old.id).superseded_by)
    assert statuses(here, new.id) != ["superseded"]


def test_an_older_offline_request_half_approved_is_closed_by_the_first_press_on_a_newer(
    here: road.Road, github: queues.GitHub
) -> None:
    old, new = offline(5, "told", title="1"), offline(0, "told", title="2")
    assert ["counted", "counted"] == [press(here, old, "lin"), press(here, new, "lin")]
    assert ["superseded", "pending"] == statuses(here, old.id, new.id)
    assert ["superseded", "superseded"] == [press(here, old, person) for person in ("ada", "grace")]
    assert [old.id] * 2 + [new.id] * 2 == github.ids()
    assert {"preview", "staged"} == {event for event, _ in github.sent}


@pytest.mark.parametrize("person", ["lin", "ffffffff-0000-4000-8000-000000000009"])
def test_a_press_that_is_refused_makes_nothing_known(here: road.Road, github: queues.GitHub, person: str) -> None:
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


@pytest.mark.usefixtures("github")
def test_what_was_made_known_and_then_cut_off_is_done_by_the_next_press(here: road.Road) -> None:
    old = ask(here, environment="told")["id"]
    for number in count(1):
        fresh = offline(-30 - number, "told", title=str(number))
        with queues.hooked(here, before=queues.at(number, queues.outage)) as cut:
            outcome = press(cut, fresh, "lin")
            if queues.reached(cut) < number:
                break
        assert outcome in {"busy", "counted"}  # once it is recorded, it is counted whatever happens to its dispatches
        assert press(here, fresh, "lin") in {"counted", "already-counted"}
        assert ("superseded", [fresh.id]) == (here.case(old).status, pending(here))
        old = fresh.id
    assert ("counted", True) == (outcome, number > 10)


# At the same moment


def pending(here: road.Road) -> list[str]:
    """Return the ids of all cases that wait."""
    with closing(sqlite3.connect(here.path / "relay.db")) as connection:
        ids = [each for (each,) in connection.execute("SELECT id FROM cases")]
    return [case_id for case_id in ids if here.case(case_id).status == "pending"]


def check_only_the_newest_waits(here: road.Road, made: list[Any]) -> None:
    """Hold every 201 against what became of its request: one waits, the newest, and all others say by what."""
    assert {201} == {each["http"] for each in made}
    cases = sorted((here.case(each["id"]) for each in made), key=lambda case: mark_of(case.request))
    assert ["superseded"] * (len(cases) - 1) + ["pending"] == [case.status for case in cases]
    marks = {case.request.id: mark_of(case.request) for case in cases}
    for case in cases[:-1]:
        assert case.superseded_by
        assert marks[case.superseded_by.id] > marks[case.request.id]
    told = {each["id"]: each["status"] for each in made}
    assert "pending" == told[cases[-1].request.id]


def test_of_many_that_come_at_once_exactly_one_waits(here: road.Road) -> None:
    together = Barrier(CROWD)
    answered: list[str] = []

    def come(number: int) -> Any:
        together.wait(10)
        made = []
        for turn in range(3):
            before = list(answered)
            made.append(ask(here, f"{number}.{turn}"))
            if made[-1]["status"] == "pending":  # a 201 says so only once all it knew of were closed
                mine = mark_of(here.case(made[-1]["id"]).request)
                for case in map(here.case, before):
                    assert "pending" != case.status or mark_of(case.request) > mine
            answered.append(made[-1]["id"])
        return made

    with ThreadPoolExecutor(CROWD) as newcomers:
        made = [each for those in newcomers.map(come, range(CROWD)) for each in those]
    check_only_the_newest_waits(here, made)
    assert 1 == here.recorded()["pending"]


def test_of_many_that_come_at_once_to_two_processes_exactly_one_waits(tmp_path: Path, here: road.Road) -> None:
    environ = road.environ(tmp_path, RELAY_POLICY=queues.POLICY)
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
        with queues.hooked(here, before=queues.at(number, queues.into(inside, partial(ask, here, "inside")))) as met:
            outside = ask(met, "outside")
            if queues.reached(met) < number:
                break
        check_only_the_newest_waits(here, [outside, *inside])
    assert number > 8


@pytest.mark.parametrize("after", [False, True])
def test_a_newcomer_cut_short_anywhere_is_whole_once_the_call_is_repeated(here: road.Road, after: bool) -> None:
    old = ask(here, "first")
    for number in count(1):
        key = f"run {number}"
        hook = queues.at(number, queues.outage)
        with queues.hooked(here, **{"after" if after else "before": hook}) as cut:
            reply = ask(cut, str(number), key=key)
            if queues.reached(cut) < number:
                break
        assert 503 == reply["http"]
        again = ask(here, str(number), key=key)
        assert again["http"] in {200, 201}
        assert "pending" == again["status"]
        assert [again["id"]] == pending(here)
        assert Newer(again["id"], str(number)) == here.case(old["id"]).superseded_by
        old = again
    assert (201, True) == (reply["http"], number > 8)
    assert 1 == here.recorded()["pending"]


def test_one_that_was_cut_short_and_repeated_after_a_newer_came_is_told_so(here: road.Road) -> None:
    for number in count(1):
        with queues.hooked(here, before=queues.at(number, queues.outage)) as cut:
            ask(cut, "early", key=f"run {number}")
            if queues.reached(cut) < number:
                break
        late = ask(here, "late")
        again = ask(here, "early", key=f"run {number}")
        (waits,) = pending(here)
        newest = max((here.case(each["id"]) for each in (late, again)), key=lambda case: mark_of(case.request))
        assert (waits, waits) == (newest.request.id, {"pending": again["id"]}.get(again["status"], late["id"]))
    assert number > 8


def test_a_registered_request_pressed_while_a_newcomer_comes_is_released_or_superseded_and_never_both(
    here: road.Road, github: queues.GitHub
) -> None:
    assert {"released", "superseded"} == pressed_while_a_newcomer_comes(here, github, lambda: ask(here, "old"))


def test_one_made_offline_pressed_while_a_newcomer_comes_is_released_or_superseded_and_never_both(
    here: road.Road, github: queues.GitHub
) -> None:
    def made() -> ApprovalRequest:
        here.ahead += 9  # so that it is newer than those before
        return offline(2 - int(here.ahead), title=str(here.ahead))

    assert {"released", "superseded"} == pressed_while_a_newcomer_comes(here, github, made)


def pressed_while_a_newcomer_comes(here: road.Road, github: queues.GitHub, made: Callable[[], Any]) -> set[str]:
    """Press while a newer request is registered at each step in turn, and return what came of the presses."""
    outcomes: set[str] = set()
    for number in count(1):
        old = made()
        case_id = old.id if isinstance(old, ApprovalRequest) else old["id"]
        inside: list[Any] = []
        before = len(github.sent)
        with queues.hooked(here, before=queues.at(number, queues.into(inside, partial(ask, here, "new")))) as met:
            outcome = press(met, old)
            if queues.reached(met) < number:
                return outcomes
        outcomes.add(outcome)
        status = here.case(case_id).status
        assert {"released": "approved", "superseded": "superseded"}[outcome] == status
        assert [case_id] * (status == "approved") == github.ids()[before:]
        assert [inside[0]["id"]] == pending(here)
    raise AssertionError


def test_a_newcomer_that_meets_a_press_on_the_older_at_any_step_leaves_one_truth(
    here: road.Road, github: queues.GitHub
) -> None:
    outcomes: list[str] = []
    for number in count(1):
        old = ask(here, "old")
        pressed: list[str] = []
        before = len(github.sent)
        with queues.hooked(here, before=queues.at(number, queues.into(pressed, partial(press, here, old)))) as met:
            new = ask(met, "new")
            if queues.reached(met) < number:
                break
        outcomes += pressed
        status = here.case(old["id"]).status
        assert [{"released": "approved", "superseded": "superseded"}[code] for code in pressed] == [status]
        assert [old["id"]] * (status == "approved") == github.ids()[before:]
        assert (201, "pending") == (new["http"], new["status"])
    assert {"released", "superseded"} == set(outcomes)


def test_two_first_presses_on_one_made_offline_may_meet_at_any_step(here: road.Road, github: queues.GitHub) -> None:
    for number in count(1):
        request = offline(-number, title=str(number))
        others: list[str] = []
        with queues.hooked(
            here, before=queues.at(number, queues.into(others, partial(press, here, request, "grace")))
        ) as met:
            outcome = press(met, request)
            if queues.reached(met) < number:
                break
        assert ["already-approved", "released"] == sorted([outcome, *others])
        assert (1, 1) == (github.ids().count(request.id), len(here.case(request.id).reviews))
    assert number > 8


def test_a_place_whose_request_never_came_is_given_up_when_it_could_not_come_any_more(here: road.Road) -> None:
    with queues.hooked(here, after=queues.at(2, queues.outage)) as cut:
        assert 503 == ask(cut, "never repeated")["http"]
    assert {"pending": 1, "cases": 0} == {name: here.recorded()[name] for name in ("pending", "cases")}
    for days, left in ((1, 2), (31, 1)):
        here.ahead = days * 86_400
        ask(here, str(days))
        assert left == here.recorded()["pending"]
