"""Groups: who leads, who waits, and who is forgotten."""

from functools import partial

import pytest

from relay.approval.groups import Mark
from tests.support.at_once import at_once
from tests.support.stores import GROUP, NOW, OTHER_GROUP, Make, Store


def test_who_leads_first_is_closed_by_who_comes_after(make: Make) -> None:
    store, other = make(), make()
    old, new = Mark(NOW, "b"), Mark(NOW + 1, "a")
    assert store.newest(GROUP) is None
    store.join(GROUP, old)
    store.join(GROUP, old)
    assert (old, [old]) == store.lead(GROUP, old)
    other.join(GROUP, new)
    newest, waiting = other.lead(GROUP, new)
    assert (new, [old, new]) == (newest, sorted(waiting))
    assert new == store.newest(GROUP)
    assert new == store.lead(GROUP, old)[0]
    store.leave(GROUP, old)
    store.leave(GROUP, old)
    assert (new, [new]) == store.lead(GROUP, new)
    assert store.newest(OTHER_GROUP) is None
    assert (old, []) == store.lead(OTHER_GROUP, old)


def test_between_equals_the_id_decides(store: Store) -> None:
    assert Mark(NOW, "B") == store.lead(GROUP, Mark(NOW, "B"))[0]
    assert Mark(NOW, "B") == store.lead(GROUP, Mark(NOW, "A"))[0]
    assert Mark(NOW, "a") == store.lead(GROUP, Mark(NOW, "a"))[0]


def test_of_many_who_lead_at_once_the_newest_stays_and_whoever_is_older_is_seen(make: Make) -> None:
    marks = [Mark(NOW + number % 5, f"id{number}") for number in range(8)]
    writers = [make() for _ in marks]

    def come(number: int) -> tuple[Mark, list[Mark]]:
        writers[number].join(GROUP, marks[number])
        return writers[number].lead(GROUP, marks[number])

    found = at_once([partial(come, number) for number in range(len(marks))])
    assert max(marks) == writers[0].newest(GROUP)
    closed = {own for own, (newest, _) in zip(marks, found, strict=True) if newest > own}
    closed |= {mark for own, (_, waiting) in zip(marks, found, strict=True) for mark in waiting if mark < own}
    assert set(marks) - {max(marks)} == closed


def test_who_is_the_newest_is_forgotten_once_that_was_long_ago_some_at_a_time(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("relay.store.sqlite.store", "relay.store.tables.groups", "tests.support.memory_store"):
        monkeypatch.setattr(f"{module}.FORGOTTEN", 2)
    store, other = make(), make()
    groups = [f"{number:032x}" for number in range(5)]
    for number, group in enumerate(groups):
        store.join(group, Mark(NOW + number, "a"))
        store.lead(group, Mark(NOW + number, "a"))
    store.lead(groups[0], Mark(NOW + 9, "b"))
    store.forget_newest(NOW + 3.5)
    assert 2 == [other.newest(group) for group in groups].count(None)
    store.forget_newest(NOW + 3.5)
    assert [Mark(NOW + 9, "b"), None, None, None, Mark(NOW + 4, "a")] == [other.newest(group) for group in groups]
    assert (Mark(NOW + 1, "b"), [Mark(NOW + 1, "a")]) == other.lead(groups[1], Mark(NOW + 1, "b"))  # who waits, waits
