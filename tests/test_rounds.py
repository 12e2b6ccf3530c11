"""The timer beside paying: what has expired is marked so, what was kept long enough is gone, and older stores go on."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from pytest_httpx import HTTPXMock

from relay import rounds
from relay.adapters import case_codec, sqlite_store
from relay.adapters.sqlite_schema import FORM
from relay.adapters.sqlite_store import SqliteStore
from relay.core.debts import LIFE, DueRow
from relay.core.errors import Outage, Refusal
from relay.core.groups import group_of
from relay.core.model import Case, Json, Outcome
from tests import queues, road
from tests.queues import ask, press

HOUR = 3_600
DAY = 86_400
STORED: Final = road.ROOT / "tests/fixtures/stored"
THEN: Final = 1_790_000_000  # when the stored cases were made


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with queues.made(tmp_path, httpx_mock) as made:
        queues.waiting(made, 0.0)
        yield made


@pytest.fixture
def github(httpx_mock: HTTPXMock) -> queues.GitHub:
    return queues.GitHub(httpx_mock)


def keeping(tmp_path: Path, httpx_mock: HTTPXMock, days: int) -> Any:
    return road.made(tmp_path, httpx_mock, RELAY_POLICY=queues.POLICY, RELAY_KEEP_DAYS=str(days))


def lives(here: road.Road) -> list[tuple[float, str]]:
    return [(row.due_at, row.case_id) for row in here.world.store.lives(2e12, 999)]


# The end of what waits


def test_what_has_expired_is_marked_so_by_the_timer_and_its_card_says_expired_and_never_rejected(
    here: road.Road,
) -> None:
    made = ask(here, "1", expires_in="2h")
    assert "counted" == press(here, two := ask(here, "2", "staged", expires_in="2h"), "lin")
    end = here.case(made["id"]).request.expires_at
    here.ahead = 2 * HOUR - 20
    here.round()
    assert "pending" == here.case(made["id"]).status
    here.ahead = 2 * HOUR + 20
    here.round()
    case = here.case(made["id"])
    assert ("expired", end, ()) == (case.status, case.decided_at, case.reviews)
    assert ("expired", 1) == (here.case(two["id"]).status, len(here.case(two["id"]).reviews))
    assert "expired" == road.said(here.show(made["id"]))["status"]
    for verdict in ("approve", "reject"):
        reply = here.press("ada", verdict, made["ticket"])
        assert (200, "expired") == road.outcome(reply)
        assert "Expired without a decision" == road.said(reply)["sections"][0]["title"]
        assert "eject" not in reply.headers["CARD-ACTION-STATUS"] + road.said(reply)["sections"][0]["title"]
    version = case.version
    here.round()
    assert version == here.case(made["id"]).version


def test_what_is_decided_in_time_never_expires(here: road.Road, github: queues.GitHub) -> None:
    approved, rejected, cancelled = (ask(here, str(number), "production") for number in range(3))
    old, _new = ask(here, "3"), ask(here, "4")
    press(here, approved)
    press(here, rejected, verdict="reject")
    here.cancel(cancelled["id"])
    here.ahead = DAY + 1
    here.round()
    ids = [made["id"] for made in (approved, rejected, cancelled, old)]
    assert ["approved", "rejected", "cancelled", "superseded"] == [here.case(case_id).status for case_id in ids]
    assert [approved["id"]] == github.ids()


def test_one_made_offline_and_half_approved_expires_when_its_rule_says(here: road.Road) -> None:
    request = road.offline("korea")  # its rule gives it two hours, its ticket a day
    assert "counted" == press(here, request, "haneul")
    here.ahead = 2 * HOUR + 1
    here.round()
    assert ("pending", "expired") == (here.case(request.id).status, road.said(here.show(request.id))["status"])
    assert "expired" == press(here, request, "ada")
    here.ahead = DAY + 1
    here.round()
    assert ("expired", request.issued_at + 2 * HOUR) == (
        here.case(request.id).status,
        here.case(request.id).decided_at,
    )


def test_a_notification_ends_too(here: road.Road) -> None:
    made = road.said(here.ask({"repository": "octo/api", "title": "done"}))
    here.ahead = DAY + 1
    here.round()
    assert "expired" == here.case(made["id"]).status


def test_a_press_that_meets_the_timer_at_the_end_is_counted_or_expired(here: road.Road, github: queues.GitHub) -> None:
    outcomes = set()
    for number in range(1, 30):
        made = ask(here, str(number), "production")
        here.ahead += DAY + 5
        late = road.Road(here.world, here.path, here.ahead)

        with queues.hooked(here, before=queues.at(number, late.round)) as met:
            met.ahead -= 10  # its clock goes a little after the timer's
            outcome = press(met, made)
        status = here.case(made["id"]).status
        outcomes.add(outcome)
        late.round()
        assert {"released": {"approved"}, "expired": {"expired"}}[outcome] == {status}
        assert [made["id"]] * (status == "approved") == [each for each in github.ids() if each == made["id"]]
    assert {"released", "expired"} == outcomes


# The end of what is decided


@pytest.mark.parametrize(("keep", "gone_after"), [(1, 2), (2, 2), (7, 7), (90, 90)])
def test_a_decided_case_goes_after_its_days_and_never_before_its_tickets_end_and_a_day(
    tmp_path: Path, httpx_mock: HTTPXMock, github: queues.GitHub, keep: int, gone_after: int
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
    tmp_path: Path, httpx_mock: HTTPXMock, github: queues.GitHub
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
    tmp_path: Path, httpx_mock: HTTPXMock, github: queues.GitHub
) -> None:
    with keeping(tmp_path, httpx_mock, 1) as here:
        queues.waiting(here, 0.0)
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
    tmp_path: Path, httpx_mock: HTTPXMock, github: queues.GitHub
) -> None:
    with keeping(tmp_path, httpx_mock, 1) as here:
        assert "released" == press(here, ask(here, "1"))
        assert 1 == here.recorded()["pending"]
        here.ahead = 3 * DAY
        here.round()
        assert road.NOTHING == here.recorded()
        assert 1 == len(github.sent)


def test_who_was_the_newest_of_a_group_is_forgotten_once_no_older_one_can_be_pressed(
    tmp_path: Path, httpx_mock: HTTPXMock, github: queues.GitHub
) -> None:
    policy = queues.POLICY.replace('environment = "newest"', 'environment = "newest"\nexpires_in = "30d"')
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


def test_cases_end_in_bounded_batches(here: road.Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "LIMIT", 4)
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

    with queues.hooked(here, before=slow) as met:
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
    monkeypatch.setattr(sqlite_store, "FORGOTTEN", 4)
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


# The rows of lives


def test_each_case_has_one_row_for_its_life_from_its_first_commit_on(here: road.Road, github: queues.GitHub) -> None:
    made, request = ask(here, "1", "production"), road.offline("staged")
    press(here, made)
    press(here, request, "lin")
    press(here, request, "ada")
    ends = {case_id: here.case(case_id).request.expires_at for case_id in (made["id"], request.id)}
    assert {(at, case_id) for case_id, at in ends.items()} == set(lives(here))
    assert {float(at) for at in ends.values()} == {here.case(case_id).life_at for case_id in ends}
    here.ahead = DAY + 60
    here.round()
    assert sorted(ends) == sorted(case_id for _, case_id in lives(here))
    assert {90} == {round((at - here.now()) / DAY) for at, case_id in lives(here) if case_id == request.id}
    assert 1 == len(github.sent)


def test_a_row_of_no_case_is_dropped_after_an_hour_and_one_of_an_older_arrangement_at_once(here: road.Road) -> None:
    made, at = ask(here, "1", "production"), here.now()
    case = here.case(made["id"])
    rows = [DueRow(at, "no-such-case", LIFE), DueRow(at - 1, made["id"], LIFE)]
    assert here.world.store.commit(replace(case, version=2), arm=rows)
    here.round()
    assert [case_id for _, case_id in lives(here)] == ["no-such-case", made["id"]]
    here.ahead = 2 * HOUR + 60
    here.round()
    assert [(case.life_at, made["id"])] == lives(here)


def test_two_rounds_at_once_end_each_case_once(here: road.Road) -> None:
    ids = [ask(here, str(number), "production")["id"] for number in range(6)]
    here.ahead = DAY + 60
    with queues.hooked(here, before=lambda number: here.round() if number in {3, 5, 8} else None) as met:
        met.timer().run()
    assert {("expired", 2)} == {(here.case(case_id).status, here.case(case_id).version) for case_id in ids}
    assert 6 == here.recorded()["lives"]
    here.ahead = 200 * DAY
    with queues.hooked(here, before=lambda number: here.round() if number in {3, 5, 8} else None) as met:
        met.timer().run()
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize("ahead", [DAY + 60, 100 * DAY])
def test_a_round_that_is_cut_off_anywhere_is_made_good_by_the_next(here: road.Road, ahead: int) -> None:
    for number in range(1, 12):
        here.ahead = 0
        made = ask(here, str(number))
        here.ahead = ahead
        for timer in range(2):
            hook = queues.at(number + 5 * timer, queues.outage)
            with queues.hooked(here, before=hook) as cut, suppress(Outage):
                cut.timer().run()
        here.round()
        case = here.world.store.load(made["id"])
        assert case is None or case.status == "expired"
        here.ahead += 200 * DAY
        here.round()
        assert road.NOTHING == here.recorded()


# Stores of an older form


def test_a_case_of_form_1_is_read_as_it_was() -> None:
    case = case_codec.decode((STORED / "case-form-1.json").read_bytes())
    assert ("배포 api 2.4", "approved", "Ada Lovelace", 3) == (
        case.request.title,
        case.status,
        case.reviews[0].by.name,
        case.version,
    )
    (debt,) = case.debts
    assert ("owed", 1_790_000_060, 1_790_000_079.0, 1) == (debt.status, debt.since, debt.due_at, debt.attempts)
    assert (0.0, None) == (case.life_at, case.superseded_by)
    assert case == case_codec.decode(case_codec.encode(case))


@pytest.fixture
def old(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    """Yield a road on a store of form 1, a minute and a half after it was left."""
    with closing(sqlite3.connect(tmp_path / "relay.db")) as connection:
        connection.executescript((STORED / "store-form-1.sql").read_text("utf-8"))
    with closing(SqliteStore(str(tmp_path / "relay.db"), lambda: THEN + 80.0)) as store:
        assert THEN - DAY == store.born_at()
    with queues.made(tmp_path, httpx_mock) as made:
        queues.waiting(made, 0.0)
        made.ahead = THEN + 90 - time.time()
        made.world = replace(made.world, payer=replace(made.world.payer, dispatches=Late(made)))
        yield made


class Late:
    """The real dispatches, for a road whose clock is behind the real one."""

    def __init__(self, here: road.Road) -> None:
        self._here, self._real = here, here.world.payer.dispatches
        self.identity = self._real.identity

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:
        return self._real.send(repository, event_type, client_payload, deadline=deadline - self._here.ahead)


def named(here: road.Road) -> dict[str, Case]:
    """Return every stored case by its title."""
    with closing(sqlite3.connect(here.path / "relay.db")) as connection:
        found = [here.case(case_id) for (case_id,) in connection.execute("SELECT id FROM cases").fetchall()]
    return {case.request.title: case for case in found}


def test_a_store_of_form_1_is_brought_to_todays_with_every_debt_in_its_place(old: road.Road) -> None:
    assert THEN - DAY == old.world.store.born_at()
    cases = named(old)
    assert ["approved"] * 5 == [cases[name].status for name in ("first", "second", "refused", "delivered", "dropped")]
    group = group_of(cases["first"].request, "deploy-api")
    assert [cases[name].request.id for name in ("first", "second")] == [
        row.case_id for row in old.world.store.queue(group)
    ]
    assert {("first", 0), ("second", 0), ("refused", 0)} == {
        (case.request.title, index) for case, index in old.outbox().owed()
    }
    assert {"due": 4, "lives": 8, "cases": 8, "claims": 1, "pending": 0} == old.recorded()
    with closing(sqlite3.connect(old.path / "relay.db")) as connection:
        assert [(FORM,)] == connection.execute("SELECT at FROM marks WHERE name = 'form'").fetchall()


def test_what_was_owed_in_form_1_is_paid_in_order_and_before_what_is_approved_since(
    old: road.Road, github: queues.GitHub
) -> None:
    cases = named(old)
    made = ask(old, "newer", "production")
    assert "released" == press(old, made)
    assert [cases["first"].request.id, cases["second"].request.id, made["id"]] == github.ids()
    old.ahead += 60
    old.round()
    assert 3 == len(github.sent)
    assert ["delivered"] * 2 == [named(old)[name].debts[0].status for name in ("first", "second")]


def test_the_round_goes_on_where_form_1_was_left(old: road.Road, github: queues.GitHub) -> None:
    cases = named(old)
    assert 2 == old.round()
    assert [cases["first"].request.id, cases["second"].request.id] == github.ids()
    assert ("refused", "dead") == (named(old)["refused"].debts[0].status, named(old)["dropped"].debts[0].status)
    old.ahead += 2 * HOUR + 60
    old.round()
    assert {"due": 1, "lives": 8} == {name: old.recorded()[name] for name in ("due", "lives")}
    old.outbox().replay(cases["refused"].request.id)
    assert 1 == old.round()
    assert [("deploy-web", cases["refused"].request.id)] == github.sent[2:]
    old.ahead += DAY
    old.round()
    assert "expired" == named(old)["waits"].status
    assert "expired" == road.said(old.show(cases["waits"].request.id))["status"]
    old.ahead += 100 * DAY
    old.round()
    assert road.NOTHING == old.recorded()


def test_what_was_parked_in_form_1_goes_with_its_case(old: road.Road, github: queues.GitHub) -> None:
    for days in (0, 100, 0):
        old.ahead += days * DAY
        old.round()
    assert road.NOTHING == old.recorded()
    assert 2 == len(github.sent)


def test_what_was_parked_in_form_1_can_be_dropped(old: road.Road) -> None:
    refused = named(old)["refused"].request.id
    old.outbox().drop(refused)
    assert refused not in {case.request.id for case, _ in old.outbox().owed()}
    with pytest.raises(Refusal, match="nothing in the outbox"):
        old.outbox().replay(refused)


def test_a_lease_of_form_1_that_still_runs_is_left_alone(old: road.Road, github: queues.GitHub) -> None:
    old.ahead = THEN + 65 - time.time()
    assert 0 == old.round()
    made = ask(old, "newer", "production")
    queues.never_pausing(old)
    assert "approved-retrying" == press(old, made)
    assert [] == github.sent


def test_of_many_that_open_a_store_of_form_1_at_once_each_finds_it_whole(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "relay.db")) as connection:
        connection.executescript((STORED / "store-form-1.sql").read_text("utf-8"))
    stores = [SqliteStore(str(tmp_path / "relay.db"), lambda: THEN + 80.0) for _ in range(6)]
    with ThreadPoolExecutor(6) as openers:
        assert {(4, 8)} == set(openers.map(lambda store: (len(store.rows()), len(store.lives(2e12, 99))), stores))
    for store in stores:
        store.close()
