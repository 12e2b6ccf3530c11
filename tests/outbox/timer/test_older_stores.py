"""Stores of form 1 go on: read as they were, brought to today's form, and paid in order."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.groups import group_of
from relay.errors import Refusal
from relay.model import Case, Json, Outcome
from relay.store import codec
from relay.store.sqlite.schema import FORM
from relay.store.sqlite.store import SqliteStore
from tests.outbox.timer.ages import DAY, HOUR
from tests.support import groups, road
from tests.support.groups import ask, press

STORED: Final = road.ROOT / "tests/fixtures/stored"
THEN: Final = 1_790_000_000  # when the stored cases were made


def test_a_case_of_form_1_is_read_as_it_was() -> None:
    case = codec.decode((STORED / "case-form-1.json").read_bytes())
    assert ("배포 api 2.4", "approved", "Ada Lovelace", 3) == (
        case.request.title,
        case.status,
        case.reviews[0].by.name,
        case.version,
    )
    (debt,) = case.debts
    assert ("owed", 1_790_000_060, 1_790_000_079.0, 1) == (debt.status, debt.since, debt.due_at, debt.attempts)
    assert (0.0, None) == (case.life_at, case.superseded_by)
    assert case == codec.decode(codec.encode(case))


@pytest.fixture
def old(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    """Yield a road on a store of form 1, a minute and a half after it was left."""
    with closing(sqlite3.connect(tmp_path / "relay.db")) as connection:
        connection.executescript((STORED / "store-form-1.sql").read_text("utf-8"))
    with closing(SqliteStore(str(tmp_path / "relay.db"), lambda: THEN + 80.0)) as store:
        assert THEN - DAY == store.born_at()
    with groups.made(tmp_path, httpx_mock) as made:
        groups.waiting(made, 0.0)
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
    old: road.Road, github: groups.GitHub
) -> None:
    cases = named(old)
    made = ask(old, "newer", "production")
    assert "released" == press(old, made)
    assert [cases["first"].request.id, cases["second"].request.id, made["id"]] == github.ids()
    old.ahead += 60
    old.round()
    assert 3 == len(github.sent)
    assert ["delivered"] * 2 == [named(old)[name].debts[0].status for name in ("first", "second")]


def test_the_round_goes_on_where_form_1_was_left(old: road.Road, github: groups.GitHub) -> None:
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


def test_what_was_parked_in_form_1_goes_with_its_case(old: road.Road, github: groups.GitHub) -> None:
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


def test_a_lease_of_form_1_that_still_runs_is_left_alone(old: road.Road, github: groups.GitHub) -> None:
    old.ahead = THEN + 65 - time.time()
    assert 0 == old.round()
    made = ask(old, "newer", "production")
    groups.never_pausing(old)
    assert "approved-retrying" == press(old, made)
    assert [] == github.sent


def test_of_many_that_open_a_store_of_form_1_at_once_each_finds_it_whole(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "relay.db")) as connection:
        connection.executescript((STORED / "store-form-1.sql").read_text("utf-8"))
    stores = [SqliteStore(str(tmp_path / "relay.db"), lambda: THEN + 80.0) for _ in range(6)]
    with ThreadPoolExecutor(6) as openers:
        assert {(4, 8)} == set(
            openers.map(lambda store: (len(store.rows()), len(store.expiring_cases(2e12, 99))), stores)
        )
    for store in stores:
        store.close()
