"""Store in Azure Tables: its guarantees beyond the contract."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pytest
from azure.data.tables import TableServiceClient, UpdateMode

from relay.approval.wake_ups import WakeUp
from relay.errors import Outage
from relay.github.rate_limit import Spending
from relay.journal.audit import AuditLine
from relay.journal.messages import Message, key
from relay.journal.search import Search
from relay.model.people import Actor, Review
from relay.store.tables import cases
from relay.store.tables import claims as table_claims
from relay.store.tables import due as table_due
from relay.store.tables.access import connect
from relay.store.tables.account import Storage
from relay.store.tables.cases import SeenVersions
from relay.store.tables.store import TableStore
from tests.support import azurite, stores
from tests.support.stores import CASE, GROUP, ID, LATER, NOW, ROW, case, owing

azurite.need()


NAMES: Final = ["audit", "cases", "claims", "due", "groups", "marks", "messages"]


@pytest.fixture
def storage() -> Storage:
    return stores.new_tables()


@pytest.fixture
def store(storage: Storage) -> Iterator[TableStore]:
    with stores.tables(storage) as make:
        here = make()
        assert isinstance(here, TableStore)
        yield here


@pytest.fixture
def account(storage: Storage) -> Iterator[TableServiceClient]:
    """Yield a client of the account, without the store."""
    with connect(storage) as service:
        yield service


def test_the_tables_of_a_prefix_are_made_on_first_use(
    storage: Storage, store: TableStore, account: TableServiceClient
) -> None:
    made = [table.name for table in account.list_tables() if table.name.startswith(storage.prefix)]
    assert [] == made
    store.born_at()
    made = [table.name for table in account.list_tables() if table.name.startswith(storage.prefix)]
    assert NAMES == sorted(name.removeprefix(storage.prefix) for name in made)


def test_two_prefixes_are_two_stores(store: TableStore) -> None:
    assert store.write_case(CASE, to_set=[ROW])
    with stores.tables() as make:
        assert make().load(ID) is None
        assert [] == make().rows()


def test_a_store_of_a_newer_version_is_an_outage_until_somebody_mends_it(
    storage: Storage, store: TableStore, account: TableServiceClient
) -> None:
    born_at = store.born_at()
    marks = account.get_table_client(f"{storage.prefix}marks")
    marks.upsert_entity({"PartitionKey": "store", "RowKey": "birth", "at": born_at, "form": 2}, UpdateMode.REPLACE)
    with stores.tables(storage) as make, pytest.raises(Outage, match="newer version of the relay") as caught:
        make().load(ID)
    assert caught.value.permanent


def test_a_store_that_lost_a_table_is_an_outage_with_the_cure(
    storage: Storage, store: TableStore, account: TableServiceClient
) -> None:
    assert store.write_case(CASE, to_set=[ROW])
    for name in ("cases", "due"):
        account.delete_table(f"{storage.prefix}{name}")
    for call in (lambda: store.load(ID), lambda: store.write_case(case("x" * 22)), store.rows):
        with pytest.raises(Outage, match="a table of the store is missing: delete the others") as caught:
            call()
        assert caught.value.permanent


def test_a_store_whose_tables_were_deleted_is_a_new_one_to_instances_that_run(
    storage: Storage, account: TableServiceClient
) -> None:
    with stores.tables(storage) as make:
        first, second, third = make(), make(), make()
        assert first.write_case(CASE, to_set=[ROW])
        assert NOW + 1 == first.born_at() == second.born_at()
        for name in NAMES:
            account.delete_table(f"{storage.prefix}{name}")
        with pytest.raises(Outage, match="a table of the store is missing"):
            first.load(ID)
        assert NOW + 3 == third.born_at()
        assert (None, NOW + 3) == (first.load(ID), first.born_at())


def test_a_store_of_an_older_version_gets_the_table_of_messages_with_its_first(
    storage: Storage, store: TableStore, account: TableServiceClient
) -> None:
    assert store.write_case(CASE, to_set=[ROW])
    account.delete_table(f"{storage.prefix}messages")
    assert ([], False) == (store.messages(Search(), 10), store.forget_messages(NOW))
    first = Message(float(NOW), "in", "api", "request", request=ID, key=key(NOW, 1, "0" * 8))
    store.add_messages([first])
    assert [first] == store.messages(Search(request=ID), 10)


def test_a_store_of_an_older_version_gets_the_table_of_audit_lines_with_its_first(
    storage: Storage, store: TableStore, account: TableServiceClient
) -> None:
    assert store.write_case(CASE, to_set=[ROW])
    account.delete_table(f"{storage.prefix}audit")
    assert ([], False) == (store.audit(0, NOW), store.forget_audit(NOW))
    line = AuditLine(int(NOW), ID, {"request": ID})
    store.add_audit(line)
    assert [line] == store.audit(NOW, NOW)


def test_messages_whose_removal_was_cut_off_are_removed_all_the_same(
    storage: Storage, store: TableStore, account: TableServiceClient
) -> None:
    old = [Message(float(NOW), "in", "api", "request", request=ID, key=key(NOW, n, "0" * 8)) for n in range(3)]
    store.add_messages(old)
    account.get_table_client(f"{storage.prefix}messages").delete_entity(f"request~{ID}", old[1].key)
    assert store.forget_messages(NOW + 1)
    assert ([], []) == (store.messages(Search(), 10), store.messages(Search(request=ID), 10))


@pytest.mark.filterwarnings("ignore:Testing an element:DeprecationWarning")  # the SDK does, on Python 3.13
def test_a_key_that_is_refused_is_told_with_its_cure(storage: Storage) -> None:
    wrong = replace(storage, connection=azurite.connection(azurite.port(), key="d3Jvbmc="))
    with stores.tables(wrong) as make, pytest.raises(Outage, match="Storage Table Data Contributor") as caught:
        make().load(ID)
    assert caught.value.permanent
    assert "d3Jvbmc" not in caught.value.what


def test_a_case_larger_than_an_entity_is_an_outage_that_lasts(store: TableStore) -> None:
    review = Review("approve", Actor("a", "b"), "", NOW, "x" * 1_000)
    with pytest.raises(Outage, match="larger than a table can hold") as caught:
        store.write_case(replace(CASE, reviews=(review,) * 900))
    assert caught.value.permanent


def test_a_row_of_what_is_paid_is_left_to_the_round_unless_it_is_due(storage: Storage, store: TableStore) -> None:
    past = replace(LATER, due_at=NOW - 1)
    with stores.tables(storage) as make:
        assert store.write_case(CASE, to_set=[ROW, past])
        assert store.write_case(case(version=2), to_clear=[ROW, past])
        assert [] == store.rows()
        assert [ROW] == make().rows()
        assert [ROW] == store.due(NOW + 60, 10)
        store.drop_row(ROW)
        assert [] == make().rows()


def test_only_so_many_rows_that_were_left_are_remembered(store: TableStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_due, "LEFT", 2)
    rows = [replace(ROW, nonce=f"n.{number}", due_at=NOW + 10 + number) for number in range(4)]
    assert store.write_case(CASE, to_set=rows)
    assert store.write_case(case(version=2), to_clear=rows)
    assert 2 == len(store.queue(GROUP))


def test_only_so_many_cases_are_remembered() -> None:
    seen = SeenVersions(2)
    for number in range(3):
        seen.note(f"case{number}", 1, f"tag{number}")
    seen.note("case1", 2, "newer")
    assert [(0, ""), (2, "newer"), (1, "tag2")] == [seen.find(f"case{number}") for number in range(3)]
    seen.forget("case1")
    seen.forget("case1")
    assert (0, "") == seen.find("case1")


def test_a_case_that_is_not_remembered_is_looked_up(store: TableStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "REMEMBERED", 0)
    with stores.tables(store._storage) as make:
        forgetful = make()
        assert forgetful.write_case(CASE)
        assert forgetful.write_case(owing(case(version=2)))
        assert not forgetful.write_case(owing(case(version=2, by="another")))
        assert forgetful.remove(owing(case(version=2)), [])


def test_who_waits_too_long_to_spend_is_told_so(store: TableStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_due, "TURN", 0.05)
    with store._open().due._turn, pytest.raises(Outage, match="too many wait"):
        store.write_case(CASE, spending=Spending("token", 1, NOW))
    assert store.write_case(CASE, spending=Spending("token", 1, NOW))


def test_a_bucket_that_is_gone_is_begun_anew(storage: Storage, store: TableStore, account: TableServiceClient) -> None:
    assert store.write_case(CASE, spending=Spending("token", 3, NOW))
    due = account.get_table_client(f"{storage.prefix}due")
    for entity in list(due.list_entities()):
        due.delete_entity(entity)
    assert store.write_case(case(version=2), spending=Spending("token", 1, NOW))
    assert 1 == sum(calls for _, calls in store.bucket("token").cells)


def test_a_round_forgets_some_of_the_claims_that_ended(
    storage: Storage, store: TableStore, account: TableServiceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_claims, "FORGOTTEN", 2)
    for number in range(3):
        store.put_if_absent(f"old{number}", "x", now=NOW, until=NOW + 60 + number)
    store.put_if_absent("old0", "renewed", now=NOW + 60, until=NOW + 90)
    store.put_if_absent("new", "x", now=NOW, until=NOW + 80)
    claims = account.get_table_client(f"{storage.prefix}claims")
    for at, left in ((60, 4), (62, 2), (79, 2), (80, 1), (100, 0), (110, 0)):
        store.mark_round(NOW + at)
        assert 2 * left == len(list(claims.list_entities()))


def test_more_rows_than_fit_a_page_are_all_found(store: TableStore) -> None:
    store.born_at()
    rows = [WakeUp(NOW + number, f"case{number}", "n", GROUP, NOW + number) for number in range(1_050)]
    for start in range(0, len(rows), 90):
        store._open().due.set(rows[start : start + 90], None)
    assert rows == store.queue(GROUP)
    assert rows[:600] == store.due(NOW + 2_000, 600)
    assert 1_050 == len(store.rows())


def test_what_goes_to_this_machine_goes_through_no_proxy(store: TableStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert store.write_case(CASE)


def test_the_logs_hold_nothing_of_the_account(
    storage: Storage, store: TableStore, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert store.write_case(CASE, to_set=[ROW])
        assert store.load("unknown") is None
    assert [] == [record for record in caplog.records if record.name.startswith(("azure", "urllib3"))]
