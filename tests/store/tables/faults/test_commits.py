"""Commits in the middle of which the storage account fails: the answer of the store is true."""

from dataclasses import replace

import pytest

from relay.errors import Outage
from relay.github.rate_limit import Spending
from relay.store.tables.store import TableStore
from tests.store.tables.faults.faults import DONE, SECOND, UNDONE, once
from tests.support import azurite
from tests.support.stores import CASE, ENDS, ID, LATER, NOW, PARKED, ROW, case, owing
from tests.support.table_proxy import CONFLICT, CUT, DONE_BUT_CONFLICT, DONE_BUT_CUT, UNAVAILABLE, Fault, TableProxy

azurite.need()


@pytest.mark.parametrize("faults", [[fault] for fault in (*DONE, *UNDONE)])
@pytest.mark.parametrize("write", ["PUT cases", r"POST \$batch"])
def test_one_failure_is_overcome(
    proxy: TableProxy, store: TableStore, other: TableStore, write: str, faults: list[Fault]
) -> None:
    proxy.spoil(write, *faults)
    assert store.write_case(SECOND, to_set=[LATER], to_clear=[ROW], spending=Spending("token", 1, NOW))
    assert SECOND == other.load(ID)
    assert [LATER] == other.rows()
    assert store.write_case(owing(case(version=3)))


@pytest.mark.parametrize("fault", [*DONE, DONE_BUT_CONFLICT])
@pytest.mark.parametrize("new", [True, False])
def test_a_commit_that_was_written_is_recognised_whatever_was_answered(
    proxy: TableProxy, store: TableStore, other: TableStore, fault: Fault, new: bool
) -> None:
    made = owing(case("x" * 22)) if new else SECOND
    proxy.spoil("POST cases" if new else "PUT cases", fault, fault)
    assert store.write_case(made, to_set=[LATER])
    assert made == other.load(made.request.id)
    assert store.write_case(replace(made, version=made.version + 1, commit_id="next"))


@pytest.mark.parametrize("fault", UNDONE)
def test_a_commit_that_was_not_written_is_an_outage_and_leaves_its_row(
    proxy: TableProxy, store: TableStore, other: TableStore, fault: Fault
) -> None:
    proxy.spoil("PUT cases", fault, fault)
    with pytest.raises(Outage, match="the storage account"):
        store.write_case(SECOND, to_set=[LATER])
    assert CASE == other.load(ID)
    assert {ROW, LATER} == set(other.rows())
    assert store.write_case(SECOND, to_set=[LATER], to_clear=[ROW])


def test_where_nobody_can_look_it_is_an_outage_though_it_was_written(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    proxy.spoil("PUT cases", DONE_BUT_CUT, DONE_BUT_CUT)
    proxy.spoil("GET cases", CUT, CUT)
    with pytest.raises(Outage, match="does not answer"):
        store.write_case(SECOND, to_set=[LATER], to_clear=[ROW])
    assert SECOND == other.load(ID) == store.load(ID)
    assert {ROW, LATER} == set(other.rows())


def test_what_another_wrote_in_the_meantime_is_not_taken_for_ones_own(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    proxy.spoil("PUT cases", *[CUT] * 4)
    theirs = owing(case(version=2, by="theirs"))
    proxy.before = once("PUT cases", lambda: other.write_case(theirs))
    assert not store.write_case(SECOND, to_set=[LATER])
    assert theirs == store.load(ID)
    assert [ROW] == other.rows()


def test_where_others_have_committed_on_top_the_rows_stay_for_the_round(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    """Keep the wake-up: our commit may be among them, and then only its wake-up leads to its debts."""
    proxy.spoil("PUT cases", DONE_BUT_CUT, DONE_BUT_CUT)
    proxy.before = once("GET cases", lambda: other.write_case(owing(case(version=3, by="theirs"))))
    assert not store.write_case(SECOND, to_set=[LATER])
    assert {ROW, LATER} == set(other.rows())
    assert store.write_case(owing(case(version=4)))


def test_an_answer_of_conflict_that_nobody_wrote_is_tried_again_by_the_caller(
    proxy: TableProxy, store: TableStore
) -> None:
    proxy.spoil("PUT cases", CONFLICT)
    assert not store.write_case(SECOND)
    assert CASE == store.load(ID)
    assert store.write_case(SECOND)


def test_nothing_is_committed_where_its_row_could_not_be_written(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    for request, row in ((r"POST \$batch", LATER), ("PUT due", PARKED)):
        proxy.spoil(request, CUT, CUT)
        with pytest.raises(Outage):
            store.write_case(SECOND, to_set=[row])
    assert CASE == other.load(ID)
    assert [ROW] == other.rows()


@pytest.mark.parametrize("fault", [*DONE, DONE_BUT_CONFLICT])
def test_what_was_spent_and_not_said_so_is_spent_again_rather_than_forgotten(
    proxy: TableProxy, store: TableStore, other: TableStore, fault: Fault
) -> None:
    proxy.spoil(r"POST \$batch", fault)
    assert store.write_case(SECOND, to_set=[LATER], spending=Spending("token", 1, NOW))
    assert 2 == sum(calls for _, calls in other.bucket("token").cells)


def test_a_row_that_cannot_be_removed_now_is_left_to_the_round(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    proxy.spoil("DELETE due", *[UNAVAILABLE] * 4)
    assert store.write_case(SECOND, to_set=[LATER, ENDS], to_clear=[ROW, replace(ENDS, due_at=NOW + 1)])
    assert {ROW, LATER} == set(other.rows())
    proxy.spoil("PUT cases", *[CUT] * 4)
    proxy.spoil("DELETE due", CUT, CUT)
    theirs = owing(case(version=3, by="theirs"))
    proxy.before = once("PUT cases", lambda: other.write_case(theirs))
    assert not store.write_case(owing(case(version=3)), to_set=[replace(LATER, nonce="c5.0")])
    assert 3 == len(other.rows())


def test_a_parked_row_that_cannot_be_removed_is_told_to_the_operator(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    assert store.write_case(SECOND, to_set=[PARKED])
    proxy.spoil("DELETE due", CUT, CUT)
    with pytest.raises(Outage):
        store.write_case(owing(case(version=3)), to_clear=[PARKED])
    assert PARKED in other.rows()
    assert store.write_case(owing(case(version=4)), to_clear=[PARKED])
    assert [ROW] == other.rows()


@pytest.mark.parametrize("fault", DONE)
def test_a_case_that_was_removed_without_an_answer_is_gone(
    proxy: TableProxy, store: TableStore, other: TableStore, fault: Fault
) -> None:
    proxy.spoil("DELETE cases", fault)
    assert store.remove(CASE, [ROW])
    assert other.load(ID) is None
    assert [] == other.rows()
