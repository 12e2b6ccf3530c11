"""Removal of old cases, and of none that still owes or could still be pressed."""

from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.groups import group_of
from tests.outbox.timer.ages import DAY, HOUR
from tests.support import groups, road
from tests.support.groups import ask, press


def keeping(tmp_path: Path, httpx_mock: HTTPXMock, days: int) -> Any:
    return road.made(tmp_path, httpx_mock, RELAY_POLICY=groups.POLICY, RELAY_KEEP_DAYS=str(days))


@pytest.mark.parametrize(("keep", "gone_after"), [(1, 2), (2, 2), (7, 7), (90, 90)])
def test_a_decided_case_goes_after_its_days_and_never_before_its_tickets_end_and_a_day(
    tmp_path: Path, httpx_mock: HTTPXMock, github: groups.GitHub, keep: int, gone_after: int
) -> None:
    with keeping(tmp_path, httpx_mock, keep) as here:
        made = [ask(here, str(number), "production") for number in range(3)]
        assert "released" == press(here, made[0])
        here.cancel(made[1]["id"])
        end = here.case(made[2]["id"]).request.expires_at
        here.ahead = DAY + 1
        here.round()
        assert "expired" == here.case(made[2]["id"]).status
        for left in (60, 1):
            here.ahead = gone_after * DAY - left * 10
            here.round()
        assert {"cases": 3, "lives": 3} == {name: here.recorded()[name] for name in ("cases", "lives")}
        here.ahead = gone_after * DAY + 5
        here.round()
        expected = int(keep > 1)  # an expired one is kept from its end on
        assert {"cases": expected, "lives": expected} == {name: here.recorded()[name] for name in ("cases", "lives")}
        here.ahead = (gone_after + 1) * DAY + 5
        here.round()
        assert road.NOTHING | {"claims": 0} == here.recorded()
        assert here.now() > end + DAY
        reply = here.press("ada", "approve", made[0]["ticket"])
        assert 200 != reply.status
    assert 1 == len(github.sent)


def test_an_offline_ticket_pressed_again_after_its_case_was_removed_releases_nothing(
    tmp_path: Path, httpx_mock: HTTPXMock, github: groups.GitHub
) -> None:
    with keeping(tmp_path, httpx_mock, 1) as here:
        request = road.offline()
        assert "released" == press(here, request)
        here.ahead = 2 * DAY + 5
        here.round()
        assert 0 == here.recorded()["cases"]
        assert "expired" == press(here, request)
        assert (0, 1) == (here.recorded()["cases"], len(github.sent))


def test_what_is_still_owed_is_not_removed_and_what_is_parked_goes_with_its_row(
    tmp_path: Path, httpx_mock: HTTPXMock, github: groups.GitHub
) -> None:
    with keeping(tmp_path, httpx_mock, 1) as here:
        groups.waiting(here, 0.0)
        github.answers = [404, 500]
        refused, owed = (ask(here, name, "production", event_type=f"deploy-{name}") for name in "ab")
        press(here, refused)
        press(here, owed)
        here.ahead = 3 * DAY
        here.world.store.close_bucket("token", here.now() + HOUR)
        here.round()
        assert {"cases": 1, "due": 1, "lives": 1} == {name: here.recorded()[name] for name in ("cases", "due", "lives")}
        here.ahead += 2 * HOUR
        here.round()
        assert "delivered" == here.case(owed["id"]).debts[0].status
        here.ahead += DAY
        here.round()
        assert road.NOTHING == here.recorded()


def test_a_waiting_place_in_its_group_goes_with_the_case(
    tmp_path: Path, httpx_mock: HTTPXMock, github: groups.GitHub
) -> None:
    with keeping(tmp_path, httpx_mock, 1) as here:
        assert "released" == press(here, ask(here, "1"))
        assert 1 == here.recorded()["pending"]
        here.ahead = 3 * DAY
        here.round()
        assert road.NOTHING == here.recorded()
        assert 1 == len(github.sent)


def test_who_was_the_newest_of_a_group_is_forgotten_once_no_older_one_can_be_pressed(
    tmp_path: Path, httpx_mock: HTTPXMock, github: groups.GitHub
) -> None:
    policy = groups.POLICY.replace('environment = "newest"', 'environment = "newest"\nexpires_in = "30d"')
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=policy, RELAY_KEEP_DAYS="1") as here:
        older = road.offline("newest", issued_at=int(here.now()) - 60, expires_in="30d")
        group = group_of(older, older.event_type)
        assert 200 == here.cancel(ask(here, "1", expires_in="1d")["id"]).status
        for days in (3, 28, 33):
            here.ahead = (days - 3) * DAY
            here.cancel(ask(here, "another", "production")["id"])
            here.ahead = days * DAY
            here.round()  # what is removed leads to what can be forgotten
            assert (days > 30) == (here.world.store.newest(group) is None)
            assert ("expired" if days > 30 else "superseded") == press(here, older)
    assert [] == github.sent
