import re
from dataclasses import replace
from itertools import product

import pytest
from azure.data.tables import TableEntity
from hypothesis import given
from hypothesis import strategies as st

from relay.approval.groups import Rank
from relay.approval.wake_ups import LIFE, WakeUp
from relay.errors import Outage
from relay.github.rate_limit import CallBudget
from relay.store.tables import cases, layout

NOW = 1_790_000_000.0
TIMES = st.floats(0, 9_999_999_999)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ROWS = st.builds(WakeUp, TIMES, TEXTS, TEXTS, TEXTS, TIMES, st.booleans())
SAFE = re.compile(r"[A-Za-z0-9_.~-]{1,500}")  # a key holds at most 512 letters


def stored(entity: dict[str, object]) -> TableEntity:
    return TableEntity(entity)


@given(ROWS | ROWS.map(lambda row: replace(row, nonce=LIFE)))
def test_a_row_comes_back_as_it_was_and_its_keys_can_stand_in_an_address(row: WakeUp) -> None:
    entity = layout.row_entity(row)
    assert (entity["PartitionKey"], entity["RowKey"]) == layout.key_of(row)
    assert all(SAFE.fullmatch(entity[name]) for name in ("PartitionKey", "RowKey"))
    if row.nonce != LIFE:
        assert row == layout.row_of(stored(entity))


@given(st.lists(ROWS, unique=True, max_size=8))
def test_no_two_rows_have_the_same_key(rows: list[WakeUp]) -> None:
    """Skip times that differ by less than a microsecond."""
    expected = {
        (round(row.due_at, 6), round(row.since, 6), row.case_id, row.nonce, row.group, row.parked) for row in rows
    }
    owed = {layout.key_of(row) for row in rows if not row.parked}
    assert len({each for each in expected if not each[-1]}) == len(owed)


@given(TEXTS, TEXTS)
def test_no_two_texts_have_the_same_key(one: str, other: str) -> None:
    assert (one == other) == (layout.key(one) == layout.key(other))
    assert layout.key(layout.key(one)) == layout.key(one) or layout.key(one).startswith("~")


@given(TIMES, TIMES)
def test_times_sort_as_texts(one: float, other: float) -> None:
    if round(one, 6) < round(other, 6):
        assert layout.at(one) < layout.at(other)


@pytest.mark.parametrize(("group", "other"), [*product(["0" * 32, "f" * 32, "", "a b"], repeat=2)])
def test_the_range_of_a_group_has_its_rows_and_no_others(group: str, other: str) -> None:
    start = layout.of_group(group)
    _, key = layout.key_of(WakeUp(NOW, "case", "nonce", other, NOW))
    assert (start <= key < f"{start}~") == (group == other)
    assert not start <= layout.budget_key("token") < f"{start}~"


def test_a_budget_and_a_rank_come_back_as_they_were() -> None:
    budget = CallBudget(((1, 2), (3, 4)), NOW + 0.5)
    entity = layout.budget_entity("token", budget)
    assert budget == layout.budget_of(stored(entity))
    assert "token" not in str(entity)
    rank = Rank(int(NOW), "id")
    assert rank == layout.rank_of(stored(layout.rank_entity("group", layout.HEAD, rank)))


@given(st.binary(max_size=100), st.integers(0, 3_000))
def test_a_body_comes_back_as_it_was(piece: bytes, times: int) -> None:
    body = piece * times
    parts = cases.split(body)
    assert body == cases.join(parts)
    assert all(len(part) <= cases.CHUNK < 64 * 1024 for part in parts.values())


def test_a_body_that_is_too_large_is_an_outage_that_lasts() -> None:
    assert b"x" * cases.LARGEST == cases.join(cases.split(b"x" * cases.LARGEST))
    with pytest.raises(Outage, match="larger than a table can hold") as caught:
        cases.split(b"x" * (cases.LARGEST + 1))
    assert caught.value.permanent
