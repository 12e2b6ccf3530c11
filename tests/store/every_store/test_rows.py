"""Rows: they come and go with their case, in the order in which they came to be owed."""

from dataclasses import replace

import pytest

from relay.approval.debts import LIFE, DueRow
from tests.store.every_store.odd import ODD
from tests.support.stores import CASE, ENDS, GROUP, LATER, NOW, OTHER_GROUP, PARKED, ROW, Make, Store, case, owing


def test_rows_come_and_go_with_their_case(store: Store) -> None:
    assert store.commit(CASE, arm=[ROW, PARKED, ENDS])
    assert [PARKED, ROW] == store.rows()
    unknown = DueRow(1.0, "unknown", "x")
    assert store.commit(owing(case(version=2)), arm=[LATER, LATER], disarm=[ROW, unknown])
    assert [PARKED, LATER] == store.rows()
    assert store.commit(owing(case(version=3)), disarm=[PARKED, ENDS])
    assert [LATER] == store.rows()
    assert [] == store.lives(NOW + 60, 10)


def test_a_row_of_what_is_paid_is_in_nobodys_way_and_gone_once_it_is_due_and_dropped(make: Make) -> None:
    store, other = make(), make()
    assert store.commit(CASE, arm=[ROW])
    assert store.commit(case(version=2), disarm=[ROW])
    assert [] == store.queue(GROUP)
    assert [] == store.rows()
    for row in other.due(NOW + 20, 10):
        other.drop_row(row)
    assert [] == other.rows()


def test_due_rows_come_in_the_order_in_which_they_came_to_be_owed_and_no_parked_ones(store: Store) -> None:
    rows = [DueRow(NOW + at, f"case{at}", "n", since=NOW - at) for at in (3.5, 1.0, 2.0, 9.0)]
    twin = replace(rows[0], case_id="case4")
    assert store.commit(CASE, arm=[*rows, twin, PARKED, ENDS])
    assert [rows[0], twin, rows[2], rows[1]] == store.due(NOW + 3.5, 10)
    assert [rows[0], twin] == store.due(NOW + 8.0, 2)
    assert [] == store.due(NOW + 0.5, 10)


def test_a_queue_has_the_rows_of_its_group_in_the_order_in_which_they_came_to_be_owed(store: Store) -> None:
    rows = [DueRow(NOW + 9 - at, f"case{at}", "n.0", GROUP, NOW + at) for at in (0.0, 0.000_5, 3.0, 21.0)]
    other = replace(rows[0], nonce="n.1", group=OTHER_GROUP)
    others = [other, replace(rows[0], nonce="n.2", group=""), replace(rows[1], parked=True)]
    assert store.commit(CASE, arm=[*reversed(rows), *others])
    assert rows == store.queue(GROUP)
    assert [other] == store.queue(OTHER_GROUP)
    assert [] == store.queue("")
    assert [] == store.queue("0123")


def test_a_queue_leaves_out_what_is_young_and_untried_and_ends_where_it_is_asked_to(store: Store) -> None:
    rows = [DueRow(NOW + 30, f"case{at}", "n.0", GROUP, NOW + at) for at in (1.0, 2.0, 3.0, 4.0)]
    rows[2] = replace(rows[2], tried=True)
    assert store.commit(CASE, arm=rows)
    assert [rows[0], rows[1], rows[2]] == store.queue(GROUP, untried_until=NOW + 2)
    assert [rows[0], rows[2]] == store.queue(GROUP, untried_until=NOW + 1.5)
    assert [rows[2]] == store.queue(GROUP, untried_until=NOW + 0.5, limit=2)
    assert rows[:2] == store.queue(GROUP, limit=2)
    assert rows == store.queue(GROUP, limit=4)


def test_lives_come_oldest_first(store: Store) -> None:
    ends = [DueRow(NOW + at, f"case{at}", LIFE) for at in (3.5, 1.0, 2.0, 9.0, 1_000.0)]
    assert store.commit(CASE, arm=[*ends, ROW])
    assert [ends[1], ends[2], ends[0]] == store.lives(NOW + 3.5, 10)
    assert [ends[1], ends[2]] == store.lives(NOW + 8.0, 2)
    assert [] == store.lives(NOW + 0.999, 10)


def test_only_the_very_row_is_dropped(store: Store) -> None:
    assert store.commit(CASE, arm=[ROW, PARKED, ENDS])
    for other in (replace(ROW, nonce="x"), replace(ROW, due_at=ROW.due_at + 1), replace(ROW, parked=True)):
        store.drop_row(other)
    assert [PARKED, ROW] == store.rows()
    store.drop_row(ROW)
    assert [PARKED] == store.rows()
    store.drop_row(replace(ENDS, case_id="another"))
    assert [ENDS] == store.lives(NOW + 60, 10)


@pytest.mark.parametrize("text", [text for text in ODD if text.isprintable()])
def test_a_row_comes_back_as_it_was_whatever_its_names(store: Store, text: str) -> None:
    row = DueRow(NOW + 0.1 + 0.2, text, text or "n", GROUP, NOW + 1 / 3)
    end = DueRow(NOW + 0.1 + 0.2, text, LIFE)
    assert store.commit(CASE, arm=[row, end, replace(row, parked=True)])
    assert [row] == store.queue(GROUP)
    assert [end] == store.lives(row.due_at, 10)
    assert {row, replace(row, parked=True)} == set(store.rows())
    store.drop_row(row)
    store.drop_row(end)
    assert [replace(row, parked=True)] == store.rows()
    assert [] == store.lives(row.due_at, 10)
