"""Writes that wait for each other are written together, and each gets its own answer."""

import gc
import sqlite3
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from relay.errors import Outage
from relay.model.case import Case
from relay.store.sqlite import writer
from relay.store.sqlite.store import SqliteStore
from tests.support.stores import CASE, case


def test_who_waits_too_long_for_a_turn_is_told_so(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store.write_case(CASE)
    monkeypatch.setattr(writer, "BUSY_TIMEOUT", 0.05)
    with store._writer._leading:
        with pytest.raises(Outage, match="too many wait"):
            store.write_case(case(version=2))
        assert CASE == store.load(CASE.request.id)  # readers never wait
    assert store.write_case(case(version=2))
    with store._reader, pytest.raises(Outage, match="too many wait"):
        store.load(CASE.request.id)


def held(store: SqliteStore, *cases: Case) -> list[object]:
    """Commit cases while the connection is held, so that all of them wait, and return the result of each."""
    return waiting_together(store, *(partial(store.write_case, each) for each in cases))


def waiting_together(store: SqliteStore, *calls: Callable[[], object]) -> list[object]:
    """Call while the connection is held, so that all calls wait. Return the result or exception of each."""

    def run(call: Callable[[], object]) -> object:
        try:
            return call()
        except Outage as outage:
            return outage.what
        except ZeroDivisionError as error:
            return type(error)

    with ThreadPoolExecutor(len(calls)) as threads:
        with store._written:
            leader = threads.submit(run, calls[0])
            while store._writer._waiting or not store._writer._leading.locked():
                time.sleep(0.001)  # until the first has taken itself as its group
            others = [threads.submit(run, each) for each in calls[1:]]
            while len(store._writer._waiting) < len(others):
                time.sleep(0.001)
        return [each.result() for each in (leader, *others)]


def begun(store: SqliteStore) -> list[str]:
    """Return the transactions that the store begins from now on."""
    found: list[str] = []
    with store._written as connection:
        connection.set_trace_callback(lambda statement: found.append(statement) if "BEGIN" in statement else None)
    return found


def test_those_who_wait_are_written_together_and_each_gets_its_own_answer(store: SqliteStore) -> None:
    nonces = [f"{number:022}" for number in range(6)]
    assert store.write_case(case(nonces[5]))
    transactions = begun(store)
    waiting = [*map(case, nonces), case(nonces[0], version=3)]
    assert [True, True, True, True, True, False, False] == held(store, *waiting)
    assert ["BEGIN IMMEDIATE"] * 2 == transactions
    assert all(store.load(case(nonce).request.id) for nonce in nonces)


def test_one_commit_of_a_group_wins_a_version(store: SqliteStore) -> None:
    assert store.write_case(CASE)
    first, *others = held(store, case("o" * 22), *[case(version=2)] * 3)
    assert first
    assert [False, False, True] == sorted(others, key=str)


def test_where_a_group_is_not_durable_nobody_is_told_that_it_is(path: Path, store: SqliteStore) -> None:
    assert store.write_case(CASE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TRIGGER no BEFORE INSERT ON cases BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
        answers = held(store, *[case(f"{number:022}") for number in range(3)])
        assert 3 == len([each for each in answers if str(each).endswith("(SQLITE_CONSTRAINT_TRIGGER)")])
        other.execute("DROP TRIGGER no")
    assert store.write_case(case(version=2))


@pytest.mark.parametrize("spoiled", [(), (0,), (1,), (2,), (4,), (1, 2), (0, 1, 2, 3, 4)])
def test_a_write_that_fails_by_itself_is_told_so_alone_and_leaves_nothing(
    store: SqliteStore, spoiled: tuple[int, ...]
) -> None:
    def write(number: int) -> object:
        def work(connection: sqlite3.Connection) -> int:
            connection.execute("INSERT INTO claims VALUES (?, 'x', 1)", (str(number),))
            return 1 // 0 if number in spoiled else number

        return store._writer.write(work)

    assert store.write_case(CASE)
    answers = waiting_together(store, *(partial(write, number) for number in range(5)))
    assert [ZeroDivisionError if number in spoiled else number for number in range(5)] == answers
    with store._reader as connection:
        kept = connection.execute("SELECT key FROM claims ORDER BY key").fetchall()
    assert [(str(number),) for number in range(5) if number not in spoiled] == kept
    assert store.write_case(case(version=2))


def test_where_the_leader_is_interrupted_those_beside_it_are_told_so(store: SqliteStore) -> None:
    def interrupt(_: sqlite3.Connection) -> None:
        raise KeyboardInterrupt

    assert store.write_case(CASE)
    beside = writer._Write(lambda _: None)
    store._writer._waiting.append(beside)
    with pytest.raises(KeyboardInterrupt):
        store._writer.write(interrupt)
    with pytest.raises(Outage, match="was interrupted"):
        beside.answer()
    assert store.write_case(case(version=2))


def test_a_store_that_nobody_closed_leaves_no_open_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    complaints = list[object]()
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    files = [sqlite3.connect(tmp_path / "relay.db")]  # older than the store, so that Python comes to it first
    forgotten = SqliteStore(str(tmp_path / "relay.db"), time.time)
    forgotten._reader._connect = files.pop
    with forgotten._reader:
        pass
    del forgotten
    with warnings.catch_warnings(action="error"):
        gc.collect()
    assert [] == complaints
