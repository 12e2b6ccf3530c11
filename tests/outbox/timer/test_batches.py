"""Timer runs: each does a bounded part of the work, and a case that fails holds up no other."""

import sqlite3
from contextlib import closing

import pytest

from relay.errors import Outage
from relay.outbox import expiry
from relay.store.sqlite import claims
from tests.outbox.timer.ages import DAY
from tests.support import groups, road
from tests.support.groups import ask


def test_cases_end_in_bounded_batches(here: road.Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "LIMIT", 4)
    ids = [ask(here, str(number), "production")["id"] for number in range(10)]
    here.ahead = DAY + 60
    expired = []
    for _ in range(3):
        here.round()
        expired.append(sum(here.case(case_id).status == "expired" for case_id in ids))
    assert [4, 8, 10] == expired
    here.ahead = 200 * DAY
    left = []
    for _ in range(3):
        here.round()
        left.append(here.recorded()["cases"])
    assert [6, 2, 0] == left


def test_a_round_whose_time_is_over_leaves_the_rest_to_the_next(here: road.Road) -> None:
    ids = [ask(here, str(number), "production")["id"] for number in range(3)]
    here.ahead = DAY + 60

    def slow(_number: int) -> None:
        met.ahead += 10

    with groups.hooked(here, before=slow) as met:
        met.timer().run()
    assert 0 < sum(here.case(case_id).status == "expired" for case_id in ids) < 3
    here.ahead += 600
    here.round()
    assert {"expired"} == {here.case(case_id).status for case_id in ids}


def test_one_case_that_cannot_be_read_holds_up_no_other(here: road.Road) -> None:
    ids = [ask(here, str(number), "production")["id"] for number in range(3)]
    with closing(sqlite3.connect(here.path / "relay.db")) as connection:
        connection.execute("UPDATE cases SET body = '{}' WHERE id = ?", (ids[1],))
        connection.commit()
    here.ahead = DAY + 60
    here.round()
    assert ["expired", "expired"] == [here.case(case_id).status for case_id in (ids[0], ids[2])]
    with pytest.raises(Outage, match="newer version"):
        here.case(ids[1])


def test_claims_that_have_ended_are_forgotten_a_bounded_number_at_a_time(
    here: road.Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "FORGOTTEN", 4)
    for number in range(6):
        ask(here, str(number), "production", key=str(number))
    here.round()
    assert 6 == here.recorded()["claims"]
    here.ahead = DAY + 60
    left = []
    for _ in range(2):
        here.round()
        left.append(here.recorded()["claims"])
    assert [2, 0] == left
