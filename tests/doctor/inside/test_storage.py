"""Faults of the store, of the timer and of what is owed."""

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.doctor.inside.make import inside_of, inside_of_environment
from relay.doctor.inside.subject import Inside
from relay.errors import Outage
from relay.store.tables.account import Storage, tables_url
from tests.doctor.examining import answering, date, environ, examined, found, statuses, subject
from tests.support import road

ACCOUNT = "https://account.table.core.windows.net"


def test_a_store_that_is_not_there_is_told_and_not_made(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    path = tmp_path / "elsewhere" / "relay.db"
    report = examined(subject(tmp_path, RELAY_STORE=f"sqlite:///{path}"))
    ((status, detail, cure),) = found(report, "store")
    assert ("warning", f"there is no store at {path}") == (status, detail)
    assert "correct RELAY_STORE" in cure
    assert not path.parent.exists()
    assert [("left out", "store does not hold", "")] == found(report, "timer")


def test_a_file_of_another_kind_is_no_store(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    (tmp_path / "text").write_text("no database, and longer than its header would be" * 9)
    report = examined(subject(tmp_path, RELAY_STORE=f"sqlite:///{tmp_path}/text"))
    ((status, detail, cure),) = found(report, "store")
    assert ("failed", True) == (status, "SQLITE_NOTADB" in detail)
    assert "Correct RELAY_STORE" in cure
    assert [("left out", "store failed", "")] == found(report, "outbox")


@pytest.mark.parametrize(
    ("method", "step"), [("put", "written into"), ("get", "read from"), ("remove_from_group", "removed from")]
)
def test_each_right_that_the_store_lacks_is_told(
    method: str, step: str, tmp_path: Path, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(httpx_mock)
    inside = subject(tmp_path)

    def refuse(*_given: object, **_named: object) -> None:
        raise Outage("the account refuses it", permanent=True)

    monkeypatch.setattr(type(inside.store), method, refuse)
    on_tables = replace(inside, settings=replace(inside.settings, storage=Storage("relay")))
    for each, cure in ((inside, "Correct RELAY_STORE"), (on_tables, "Storage Table Data Contributor")):
        ((status, detail, told),) = found(examined(each), "store")
        assert ("failed", True) == (status, f"{step} the store: the account refuses it" in detail)
        assert cure in told


def test_a_timer_that_stopped_is_told(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    inside = subject(tmp_path)
    inside.store.mark_round(time.time() - 400)
    ((status, detail, _),) = found(examined(inside), "timer")
    assert ("failed", True) == (status, "no round for 40" in detail)


def test_what_was_never_taken_is_told_and_released_things_before_cards(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with road.made(tmp_path, httpx_mock) as here:
        httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=404, json={})
        here.press("ada", "approve", road.ticket(road.offline()))
        answering(httpx_mock)
        case = here.world.store.load(here.world.store.rows()[0].case_id)
        assert case is not None
        inside = replace(inside_of(here.world), repositories=list)
        report = examined(inside)
        assert [("failed", "dispatches that were never taken: 1")] == [each[:2] for each in found(report, "outbox")]
        (dead,) = case.debts
        dropped = replace(dead, row="")
        others = (replace(dead, kind="card"), replace(dead, kind="notice"), dropped)
        report = examined(replace(inside, store=_Loading(inside.store, replace(case, debts=others))))
        told = [each[:2] for each in found(report, "outbox")]
        assert [("warning", "cards and notices that were never taken: 2")] == told


class _Loading:
    """A store that gives one case for every id."""

    def __init__(self, store: Any, case: object) -> None:
        self._store = store
        self._case = case

    def load(self, _case_id: str) -> Any:
        return self._case

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def with_tables(tmp_path: Path) -> Inside:
    inside = subject(tmp_path)
    return replace(inside, settings=replace(inside.settings, storage=Storage("relay", url=ACCOUNT)))


@pytest.mark.parametrize(("ahead", "status"), [(0, "ok"), (-600, "failed"), (600, "failed")])
def test_the_clock_is_compared_with_the_storages_too(
    ahead: int, status: str, tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    answering(httpx_mock, {("GET", ACCOUNT): {"status_code": 403, "headers": {"date": date(ahead=ahead)}}})
    ((told, detail, _),) = found(examined(with_tables(tmp_path)), "clock")
    assert (status, True) == (told, "the storage's" in detail)


def test_a_storage_that_does_not_answer_tells_no_time(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock, {("GET", ACCOUNT): {"exception": httpx.ConnectError("no")}})
    assert ["ok"] == statuses(examined(with_tables(tmp_path)))["clock"]


def test_without_a_time_from_outside_the_clock_is_left_out(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    report = examined(subject(tmp_path, RELAY_GITHUB_TOKEN="", RELAY_KEEP_DAYS="x"))
    assert ["left out"] == statuses(report)["clock"]


@pytest.mark.parametrize(
    ("connection", "url"),
    [
        ("AccountName=acc;AccountKey=a2V5", "https://acc.table.core.windows.net"),
        (
            "DefaultEndpointsProtocol=http;AccountName=a;EndpointSuffix=core.usgovcloudapi.net",
            "http://a.table.core.usgovcloudapi.net",
        ),
        ("TableEndpoint=http://127.0.0.1:1/a;AccountName=a", "http://127.0.0.1:1/a"),
        ("UseDevelopmentStorage=true", ""),
    ],
)
def test_the_address_of_the_tables_is_that_of_the_connection_string(connection: str, url: str) -> None:
    assert url == tables_url(Storage("relay", connection=connection))


def test_a_store_that_another_process_holds_is_told(
    tmp_path: Path, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.store.sqlite.file.BUSY_TIMEOUT", 0.2)
    monkeypatch.setattr("relay.store.sqlite.writer.BUSY_TIMEOUT", 0.2)
    answering(httpx_mock)
    given = environ(tmp_path)
    with closing(sqlite3.connect(tmp_path / "relay.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ((status, detail, _),) = found(examined(inside_of_environment(given)), "store")
    assert ("failed", True) == (status, "another process holds the file" in detail)
