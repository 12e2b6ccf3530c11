"""Operator: debts replayed, debts that would undo a newer approval, and debts given up."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from relay.approval.wake_ups import WakeUp
from relay.errors import Outage, Refusal
from relay.model.case import Case
from tests.support import groups, road
from tests.support.groups import GONE, ask, press

HOUR = 3_600
DAY = 86_400


def approve(here: road.Road, title: str, environment: str = "production", **more: Any) -> str:
    """Approve a registered request and return its id. The answer of GitHub does not matter."""
    made = ask(here, title, environment, **more)
    assert press(here, made) in {"released", "approved-retrying", "approved-refused"}
    return str(made["id"])


def last(case: Case) -> tuple[str, int]:
    debt = case.debts[-1]
    return debt.status, debt.attempts


def refuses(here: road.Road, case_id: str, code: str, *, anyway: bool = False) -> str:
    """Replay a debt that is refused. Return the message to the operator."""
    before = here.case(case_id)
    with pytest.raises(Refusal) as refused:
        here.outbox().replay(case_id, anyway=anyway)
    assert (code, before) == (refused.value.code, here.case(case_id))
    return refused.value.message


@pytest.mark.parametrize("environment", ["production", "newest"])
def test_an_older_one_is_not_sent_after_a_newer_was_delivered_unless_anyway(
    here: road.Road, github: groups.GitHub, environment: str
) -> None:
    github.answers = [404]
    old = approve(here, "1", environment)
    new = approve(here, "2", environment)
    assert [old, new] == github.ids()
    told = refuses(here, old, "overtaken")
    assert "A newer approval came since, and sending this one would undo it; --anyway sends it all the same." == told
    assert 0 == here.round()
    renewed = here.outbox().replay(old, anyway=True)
    assert ("owed", 1) == last(renewed)
    assert 1 == here.round()
    assert [old, new, old] == github.ids()
    assert ("delivered", 2) == last(here.case(old))


def test_what_was_approved_before_or_elsewhere_overtakes_nothing(here: road.Road, github: groups.GitHub) -> None:
    approve(here, "before")
    github.answers = [404]
    old = approve(here, "1")
    approve(here, "2", event_type="deploy-web")
    approve(here, "3", "newest")
    approve(here, "4", repository="octo/web")
    github.answers = [422]
    approve(here, "refused too")
    here.outbox().replay(old)
    assert 1 == here.round()
    assert (6, ("delivered", 2)) == (len(github.sent) - 1, last(here.case(old)))


def test_a_newer_one_that_is_only_owed_has_not_overtaken_an_older_and_lets_it_go_first(
    here: road.Road, github: groups.GitHub
) -> None:
    github.answers = [404, GONE]
    old, new = approve(here, "1"), approve(here, "2")
    assert [old, new] == github.ids()
    here.outbox().replay(old)
    here.ahead += 60
    assert 2 == here.round()
    assert [old, new, old, new] == github.ids()


def test_one_that_was_replayed_anyway_goes_last_and_takes_nobodys_place(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [404, 204, GONE]
    old, new, newest = (approve(here, str(number), "newest") for number in range(3))
    assert [old, new, newest] == github.ids()
    here.outbox().replay(old, anyway=True)
    here.ahead += 60
    here.round()
    here.round()
    assert "delivered" == last(here.case(newest))[0]
    assert newest in github.ids()[3:]


def test_what_a_newer_approval_cancelled_is_sent_with_anyway_alone(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [GONE]
    old, new = approve(here, "1", "newest"), approve(here, "2", "newest")
    assert ("cancelled", "delivered") == (last(here.case(old))[0], last(here.case(new))[0])
    assert [] == here.outbox().owed()
    refuses(here, old, "overtaken")
    with pytest.raises(Refusal, match="overtaken") as refused:
        here.outbox().drop(old)
    assert (
        "It was given up already, since a newer approval of the same came before it was sent." == refused.value.message
    )
    here.outbox().replay(old, anyway=True)
    assert 1 == len(here.outbox().owed())
    assert 1 == here.round()
    assert [old, new, old] == github.ids()
    assert 0 == here.recorded()["due"]


def test_what_was_replayed_has_another_day(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [GONE, GONE, 500]
    case_id = approve(here, "1")
    here.ahead = DAY
    here.round()
    assert "dead" == last(here.case(case_id))[0]
    here.ahead = 3 * DAY
    assert 0 == here.round()
    here.outbox().replay(case_id)
    assert 1 == here.round()
    assert ("owed", 3) == last(here.case(case_id))
    here.ahead += 60
    assert 1 == here.round()
    assert ("delivered", 4) == last(here.case(case_id))


def test_nothing_is_moved_while_it_is_being_sent(here: road.Road, github: groups.GitHub) -> None:
    seen = []

    def meddled() -> int:
        case_id = github.ids()[-1]
        for work in (here.outbox().replay, here.outbox().drop):
            with pytest.raises(Refusal, match="being-paid"):
                work(case_id)
            seen.append(case_id)
        return 204

    github.answers = [meddled]
    case_id = approve(here, "1")
    assert ([case_id] * 2, "delivered") == (seen, last(here.case(case_id))[0])


def test_what_is_dropped_while_others_wait_behind_it_makes_way_for_them(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [500]
    first, second = approve(here, "1"), approve(here, "2")
    here.outbox().drop(first)
    here.ahead += 60
    assert 1 == here.round()
    assert [first, second] == github.ids()
    assert ("dead", "delivered") == (last(here.case(first))[0], last(here.case(second))[0])
    refuses(here, first, "dropped")


def test_the_outbox_shows_all_that_is_stuck_and_nothing_else(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [404, 204, GONE]
    refused, _delivered, owed = (approve(here, name, event_type=f"deploy-{name}") for name in "abc")
    assert {(refused, "refused"), (owed, "owed")} == {
        (case.request.id, case.debts[index].status) for case, index in here.outbox().owed()
    }
    assert [False, True] == sorted(row.parked for row in here.world.store.rows())


@pytest.mark.parametrize("work", ["replay", "drop"])
def test_two_operators_at_once_move_a_debt_once(here: road.Road, github: groups.GitHub, work: str) -> None:
    for number in range(1, 9):
        github.answers = [404]
        case_id = approve(here, str(number), event_type=f"deploy-{number}")

        def other(case_id: str = case_id) -> None:
            getattr(here.outbox(), work)(case_id)

        with groups.hooked(here, before=groups.at(number, other)) as met, suppress(Refusal):
            getattr(met.outbox(), work)(case_id)
        here.ahead += 1
        here.round()
        assert {"replay": 2, "drop": 1}[work] == github.ids().count(case_id)
    assert 0 == here.recorded()["due"]


def test_an_operator_cut_off_anywhere_has_moved_a_debt_wholly_or_not_at_all(
    here: road.Road, github: groups.GitHub
) -> None:
    outcomes = set()
    for number in range(1, 6):
        github.answers = [404]
        case_id = approve(here, str(number), event_type=f"deploy-{number}")
        with groups.hooked(here, after=groups.at(number, groups.outage)) as cut:
            try:
                cut.outbox().replay(case_id)
            except Outage:
                moved = here.case(case_id).debts[0].status == "owed"
            else:
                moved = True
        rows = [row for row in here.world.store.rows() if row.case_id == case_id]
        assert [not moved] == [row.parked for row in rows]
        assert int(moved) == here.round()
        outcomes.add(moved)
    assert {False, True} == outcomes


def test_a_parked_row_that_a_commit_left_which_was_cut_off_is_gone_after_an_hour(
    here: road.Road, github: groups.GitHub
) -> None:
    github.answers = [404]
    case_id, at = approve(here, "1"), here.now()
    rows = [WakeUp(at, each, "cut off", parked=True) for each in (case_id, "no-such-case")]
    case = here.case(case_id)
    assert here.world.store.write_case(replace(case, version=case.version + 1), to_set=rows)
    for ahead, left in ((2 * HOUR - 10, 3), (2 * HOUR + 10, 1)):
        here.ahead = ahead
        assert [(case_id, 0)] == [(case.request.id, index) for case, index in here.outbox().owed()]
        assert left == here.recorded()["due"]


def test_a_second_row_of_a_debt_goes_when_the_debt_is_paid(here: road.Road, github: groups.GitHub) -> None:
    github.answers = [500]
    case_id = approve(here, "1")
    case = here.case(case_id)
    (known,) = here.world.store.rows()
    second = replace(known, nonce="cut off", since=known.since - 1)
    assert here.world.store.write_case(replace(case, version=case.version + 1), to_set=[second])
    here.ahead += 60
    assert 1 == here.round()
    assert ("delivered", 0) == (last(here.case(case_id))[0], here.recorded()["due"])
