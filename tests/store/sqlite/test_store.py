"""Store in one SQLite file: its guarantees beyond the contract."""

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from relay.approval import wake_ups
from relay.approval.groups import Rank
from relay.errors import Outage
from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending
from relay.journal.search import Search
from relay.store import codec
from relay.store.sqlite import file as sqlite_file
from relay.store.sqlite.store import SqliteStore
from tests.support.stores import CASE, GROUP, LATER, NOW, ROW, Make, case

STORED = Path(__file__).parents[2] / "fixtures" / "stored"


def test_nothing_is_written_when_a_row_cannot_be(store: SqliteStore) -> None:
    nowhen = replace(ROW, due_at=float("nan"))  # SQLite takes NaN for NULL, which the table refuses
    assert store.write_case(CASE, to_set=[ROW])
    with pytest.raises(Outage, match="SQLITE_CONSTRAINT_NOTNULL"):
        store.write_case(case(version=2), to_set=[LATER, nowhen], to_clear=[ROW])
    assert CASE == store.load(CASE.request.id)
    assert [ROW] == store.rows()


def test_a_round_is_remembered_and_forgets_claims_that_ended(path: Path, store: SqliteStore) -> None:
    assert 0.0 == store.last_round()
    store.put_if_absent("old", "x", now=NOW, until=NOW + 60)
    store.put_if_absent("new", "x", now=NOW, until=NOW + 61)
    store.mark_round(NOW + 30.5)
    store.mark_round(NOW + 60)
    assert NOW + 60 == store.last_round()
    with closing(sqlite3.connect(path)) as file:
        assert [("new",)] == file.execute("SELECT key FROM claims").fetchall()


def test_every_commit_is_in_the_log_and_on_the_disk_before_it_returns(path: Path, store: SqliteStore) -> None:
    assert store.write_case(CASE)
    with store._written as connection:
        assert ("wal",) == connection.execute("PRAGMA journal_mode").fetchone()
        assert (2,) == connection.execute("PRAGMA synchronous").fetchone()  # FULL
    assert path.with_name("relay.db-wal").stat().st_size > 0


def every_call(store: SqliteStore) -> list[Callable[[], object]]:
    return [
        lambda: store.load("x"),
        lambda: store.write_case(CASE, to_set=[ROW]),
        lambda: store.remove(CASE, [ROW]),
        lambda: store.bucket("token"),
        lambda: store.close_bucket("token", NOW),
        store.born_at,
        lambda: store.due(NOW, 1),
        lambda: store.queue(GROUP),
        lambda: store.expiring_cases(NOW, 1),
        lambda: store.released(GROUP),
        lambda: store.add_to_group(GROUP, Rank(NOW, "a")),
        lambda: store.take_lead(GROUP, Rank(NOW, "a")),
        lambda: store.note_newest(GROUP, Rank(NOW, "a")),
        lambda: store.newest(GROUP),
        lambda: store.remove_from_group(GROUP, Rank(NOW, "a")),
        lambda: store.forget_newest(NOW),
        store.rows,
        lambda: store.drop_row(ROW),
        lambda: store.mark_round(NOW),
        store.last_round,
        lambda: store.put_if_absent("k", "v", now=NOW, until=NOW + 1),
        lambda: store.add_messages([]),
        lambda: store.messages(Search(), 1),
        lambda: store.forget_messages(NOW),
    ]


def outages(store: SqliteStore) -> set[tuple[str, bool]]:
    found: set[tuple[str, bool]] = set()
    for call in every_call(store):
        with pytest.raises(Outage) as raised:
            call()
        found.add((raised.value.what, raised.value.permanent))
    return found


def test_a_file_that_is_no_database_is_an_outage_and_stays_as_it_is(path: Path, store: SqliteStore) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database, but long enough to be looked at")
    assert {
        (
            "the store does not work: file is not a database (SQLITE_NOTADB): RELAY_STORE names a file of another kind",
            False,
        )
    } == outages(store)
    assert path.read_bytes().startswith(b"not a database")


def test_a_path_that_cannot_be_used_is_an_outage(path: Path, store: SqliteStore) -> None:
    path.mkdir(parents=True)
    cure = "correct RELAY_STORE, or the rights on its folder"
    told = f"the store does not work: unable to open database file (SQLITE_CANTOPEN): {cure}"
    assert {(told, False)} == outages(store)


def test_a_folder_that_cannot_be_made_is_an_outage(path: Path, store: SqliteStore) -> None:
    path.parent.parent.mkdir()
    path.parent.write_bytes(b"a file")
    told = "the store does not work: File exists (FileExistsError): correct RELAY_STORE, or the rights on its folder"
    assert {(told, False)} == outages(store)


def test_a_store_that_is_mended_works_without_a_restart(path: Path, store: SqliteStore) -> None:
    path.parent.parent.mkdir()
    path.parent.write_bytes(b"a file")
    with pytest.raises(Outage):
        store.write_case(CASE)
    path.parent.unlink()
    assert store.write_case(CASE)


def test_a_stored_file_is_read_as_it_was_and_has_the_tables_of_a_new_one(path: Path, store: SqliteStore) -> None:
    new = path.with_name("new.db")
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as file:
        file.executescript((STORED / "store-form-1.sql").read_text("utf-8"))
    kept = codec.decode((STORED / "case-form-1.json").read_bytes())
    assert (1_789_999_000.0, 1_790_000_310.0) == (store.born_at(), store.last_round())
    assert kept == store.load(kept.request.id)
    assert wake_ups.rows_of(kept) == {*store.rows(), *store.expiring_cases(2e9, 9)}
    assert rate_limit.spend(CallBudget(), Spending("token", 2, 1_790_000_300.0)) == store.bucket("token")
    assert "value" == store.get("key", now=NOW)
    rank = Rank(NOW, kept.request.id)
    assert (rank, [rank]) == store.take_lead(GROUP, rank)
    with closing(SqliteStore(str(new), lambda: float(NOW))) as other:
        other.born_at()
    assert tables_of(new) == tables_of(path)


def tables_of(path: Path) -> set[str]:
    """Return the statements that made the tables and indexes of a file."""
    with closing(sqlite3.connect(path)) as file:
        return {sql for (sql,) in file.execute("SELECT sql FROM sqlite_master") if sql}


def test_a_file_of_a_newer_version_is_an_outage_until_somebody_mends_it(path: Path, store: SqliteStore) -> None:
    store.born_at()
    store.close()
    store._born_at = 0.0
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("UPDATE marks SET at = 3 WHERE name = 'form'")
    assert {("the store was written by a newer version of the relay", True)} == outages(store)


def test_a_file_that_another_process_holds_is_an_outage_after_the_time_out(
    path: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT", 0.05)
    store = make()
    assert store.write_case(CASE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Outage, match="SQLITE_BUSY"):
            store.write_case(case(version=2), to_set=[ROW])
        with pytest.raises(Outage, match="SQLITE_BUSY"):
            store.mark_round(NOW)
        assert CASE == store.load(CASE.request.id)  # readers never wait
        other.execute("ROLLBACK")
    assert store.write_case(case(version=2))
    assert [] == store.rows()


def test_a_reader_of_another_process_holds_nobody_up(path: Path, store: SqliteStore) -> None:
    assert store.write_case(CASE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        assert 1 == len(other.execute("SELECT id FROM cases").fetchall())
        assert store.write_case(case(version=2))


def test_a_failure_within_leaves_no_transaction_open(store: SqliteStore) -> None:
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM cases")
        raise KeyError

    assert store.write_case(CASE)
    with pytest.raises(KeyError):
        store._writer.write(fail)
    assert CASE == store.load(CASE.request.id)
    assert store.write_case(case(version=2))


def test_the_file_and_its_folder_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    for path in ("a/relay.db", "b/c/relay.db", "relay.db"):
        store = SqliteStore(str(tmp_path / path), lambda: NOW)
        store.mark_round(NOW)
        made = [tmp_path / path, *tmp_path.joinpath(path).parent.glob("relay.db-*")]
        assert {0o600} == {stat.S_IMODE(each.stat().st_mode) for each in made}
        store.close()
    assert {0o700} == {stat.S_IMODE((tmp_path / each).stat().st_mode) for each in ("a", "b/c")}


def test_the_rights_of_a_file_that_is_there_stay_its_owners(tmp_path: Path) -> None:
    (tmp_path / "relay.db").touch(mode=0o640)
    (tmp_path / "relay.db").chmod(0o640)
    store = SqliteStore(str(tmp_path / "relay.db"), lambda: NOW)
    store.mark_round(NOW)
    store.close()
    assert 0o640 == stat.S_IMODE((tmp_path / "relay.db").stat().st_mode)


@pytest.mark.parametrize("path", ["relay.db", "a/relay.db", "a/b/relay.db"])
def test_a_store_that_must_not_be_made_is_not(tmp_path: Path, path: str) -> None:
    store = SqliteStore(str(tmp_path / path), lambda: NOW, create=False)
    with pytest.raises(Outage, match=f"there is no store at {tmp_path / path}"):
        store.rows()
    assert [] == list(tmp_path.iterdir())
