"""Wake-ups: set and cleared with their case, ordered by when their debts came to be owed."""

from dataclasses import replace

import pytest

from relay.approval.wake_ups import LIFE, WakeUp
from relay.github.rate_limit import Spending
from relay.store.contract import Store
from tests.store.every_store.odd import ODD
from tests.support.stores import CASE, ENDS, GROUP, LATER, NOW, OTHER_GROUP, PARKED, ROW, Make, case, owing


def test_rows_come_and_go_with_their_case(store: Store) -> None:
    assert store.write_case(CASE, to_set=[ROW, PARKED, ENDS])
    assert [PARKED, ROW] == store.rows()
    unknown = WakeUp(1.0, "unknown", "x")
    assert store.write_case(owing(case(version=2)), to_set=[LATER, LATER], to_clear=[ROW, unknown])
    assert [PARKED, LATER] == store.rows()
    assert store.write_case(owing(case(version=3)), to_clear=[PARKED, ENDS])
    assert [LATER] == store.rows()
    assert [] == store.expiring_cases(NOW + 60, 10)


@pytest.mark.parametrize("spending", [None, Spending("token", 1, NOW)])
def test_a_case_may_owe_more_than_a_transaction_holds(store: Store, spending: Spending | None) -> None:
    rows = [replace(ROW, nonce=f"n{number}", due_at=float(NOW + number)) for number in range(250)]
    assert store.write_case(CASE, to_set=rows, spending=spending)
    assert rows == store.rows()
    assert bool(spending) == bool(store.bucket("token").cells)


def test_a_row_of_what_is_paid_is_in_nobodys_way_and_gone_once_it_is_due_and_dropped(make: Make) -> None:
    store, other = make(), make()
    assert store.write_case(CASE, to_set=[ROW])
    assert store.write_case(case(version=2), to_clear=[ROW])
    assert [] == store.queue(GROUP)
    assert [] == store.rows()
    for row in other.due(NOW + 20, 10):
        other.drop_row(row)
    assert [] == other.rows()


def test_due_rows_come_in_the_order_in_which_they_came_to_be_owed_and_no_parked_ones(store: Store) -> None:
    rows = [WakeUp(NOW + at, f"case{at}", "n", since=NOW - at) for at in (3.5, 1.0, 2.0, 9.0)]
    twin = replace(rows[0], case_id="case4")
    assert store.write_case(CASE, to_set=[*rows, twin, PARKED, ENDS])
    assert [rows[0], twin, rows[2], rows[1]] == store.due(NOW + 3.5, 10)
    assert [rows[0], twin] == store.due(NOW + 8.0, 2)
    assert [] == store.due(NOW + 0.5, 10)


def test_a_queue_has_the_rows_of_its_group_in_the_order_in_which_they_came_to_be_owed(store: Store) -> None:
    rows = [WakeUp(NOW + 9 - at, f"case{at}", "n.0", GROUP, NOW + at) for at in (0.0, 0.000_5, 3.0, 21.0)]
    other = replace(rows[0], nonce="n.1", group=OTHER_GROUP)
    others = [other, replace(rows[0], nonce="n.2", group=""), replace(rows[1], parked=True)]
    assert store.write_case(CASE, to_set=[*reversed(rows), *others])
    assert rows == store.queue(GROUP)
    assert [other] == store.queue(OTHER_GROUP)
    assert [] == store.queue("")
    assert [] == store.queue("0123")


def test_a_queue_leaves_out_what_is_young_and_untried_and_ends_where_it_is_asked_to(store: Store) -> None:
    rows = [WakeUp(NOW + 30, f"case{at}", "n.0", GROUP, NOW + at) for at in (1.0, 2.0, 3.0, 4.0)]
    rows[2] = replace(rows[2], tried=True)
    assert store.write_case(CASE, to_set=rows)
    assert [rows[0], rows[1], rows[2]] == store.queue(GROUP, untried_until=NOW + 2)
    assert [rows[0], rows[2]] == store.queue(GROUP, untried_until=NOW + 1.5)
    assert [rows[2]] == store.queue(GROUP, untried_until=NOW + 0.5, limit=2)
    assert rows[:2] == store.queue(GROUP, limit=2)
    assert rows == store.queue(GROUP, limit=4)


def test_lives_come_oldest_first(store: Store) -> None:
    ends = [WakeUp(NOW + at, f"case{at}", LIFE) for at in (3.5, 1.0, 2.0, 9.0, 1_000.0)]
    assert store.write_case(CASE, to_set=[*ends, ROW])
    assert [ends[1], ends[2], ends[0]] == store.expiring_cases(NOW + 3.5, 10)
    assert [ends[1], ends[2]] == store.expiring_cases(NOW + 8.0, 2)
    assert [] == store.expiring_cases(NOW + 0.999, 10)


def test_only_the_very_row_is_dropped(store: Store) -> None:
    assert store.write_case(CASE, to_set=[ROW, PARKED, ENDS])
    for other in (replace(ROW, nonce="x"), replace(ROW, due_at=ROW.due_at + 1), replace(ROW, parked=True)):
        store.drop_row(other)
    assert [PARKED, ROW] == store.rows()
    store.drop_row(ROW)
    assert [PARKED] == store.rows()
    store.drop_row(replace(ENDS, case_id="another"))
    assert [ENDS] == store.expiring_cases(NOW + 60, 10)


@pytest.mark.parametrize("text", [text for text in ODD if text.isprintable()])
def test_a_row_comes_back_as_it_was_whatever_its_names(store: Store, text: str) -> None:
    row = WakeUp(NOW + 0.1 + 0.2, text, text or "n", GROUP, NOW + 1 / 3)
    end = WakeUp(NOW + 0.1 + 0.2, text, LIFE)
    assert store.write_case(CASE, to_set=[row, end, replace(row, parked=True)])
    assert [row] == store.queue(GROUP)
    assert [end] == store.expiring_cases(row.due_at, 10)
    assert {row, replace(row, parked=True)} == set(store.rows())
    store.drop_row(row)
    store.drop_row(end)
    assert [replace(row, parked=True)] == store.rows()
    assert [] == store.expiring_cases(row.due_at, 10)
