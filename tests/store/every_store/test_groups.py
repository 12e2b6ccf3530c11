"""Groups: the newest request, those that wait, and the newest that is forgotten."""

from functools import partial

import pytest

from relay.approval.groups import Rank
from relay.store.contract import Store
from tests.support.at_once import at_once
from tests.support.stores import GROUP, NOW, OTHER_GROUP, Make


def test_who_leads_first_is_closed_by_who_comes_after(make: Make) -> None:
    store, other = make(), make()
    old, new = Rank(NOW, "b"), Rank(NOW + 1, "a")
    assert store.newest(GROUP) is None
    store.add_to_group(GROUP, old)
    store.add_to_group(GROUP, old)
    assert (old, [old]) == store.take_lead(GROUP, old)
    other.add_to_group(GROUP, new)
    newest, waiting = other.take_lead(GROUP, new)
    assert (new, [old, new]) == (newest, sorted(waiting))
    assert new == store.newest(GROUP)
    assert new == store.take_lead(GROUP, old)[0]
    store.remove_from_group(GROUP, old)
    store.remove_from_group(GROUP, old)
    assert (new, [new]) == store.take_lead(GROUP, new)
    assert store.newest(OTHER_GROUP) is None
    assert (old, []) == store.take_lead(OTHER_GROUP, old)


def test_between_equals_the_id_decides(store: Store) -> None:
    assert Rank(NOW, "B") == store.take_lead(GROUP, Rank(NOW, "B"))[0]
    assert Rank(NOW, "B") == store.take_lead(GROUP, Rank(NOW, "A"))[0]
    assert Rank(NOW, "a") == store.take_lead(GROUP, Rank(NOW, "a"))[0]


def test_of_releases_of_one_second_the_one_that_is_noted_last_is_the_newest(make: Make) -> None:
    store, other = make(), make()
    for id_ in ("b", "a", "c", "a", "a"):
        store.note_newest(GROUP, Rank(NOW, id_))
        assert Rank(NOW, id_) == other.newest(GROUP)
    store.note_newest(GROUP, Rank(NOW - 1, "z"))
    assert Rank(NOW, "a") == other.newest(GROUP)
    other.note_newest(GROUP, Rank(NOW + 1, "0"))
    assert Rank(NOW + 1, "0") == store.newest(GROUP)


def test_of_many_that_are_noted_at_once_one_of_the_last_second_stays(make: Make) -> None:
    ranks = [Rank(NOW + number % 3, f"id{number}") for number in range(8)]
    writers = [make() for _ in ranks]
    at_once([partial(each.note_newest, GROUP, rank) for each, rank in zip(writers, ranks, strict=True)])
    assert make().newest(GROUP) in [rank for rank in ranks if rank.issued_at == NOW + 2]


def test_of_many_who_lead_at_once_the_newest_stays_and_whoever_is_older_is_seen(make: Make) -> None:
    ranks = [Rank(NOW + number % 5, f"id{number}") for number in range(8)]
    writers = [make() for _ in ranks]

    def come(number: int) -> tuple[Rank, list[Rank]]:
        writers[number].add_to_group(GROUP, ranks[number])
        return writers[number].take_lead(GROUP, ranks[number])

    found = at_once([partial(come, number) for number in range(len(ranks))])
    assert max(ranks) == writers[0].newest(GROUP)
    closed = {own for own, (newest, _) in zip(ranks, found, strict=True) if newest > own}
    closed |= {rank for own, (_, waiting) in zip(ranks, found, strict=True) for rank in waiting if rank < own}
    assert set(ranks) - {max(ranks)} == closed


def test_who_is_the_newest_is_forgotten_once_that_was_long_ago_some_at_a_time(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("relay.store.sqlite.groups", "relay.store.tables.groups", "tests.support.memory_store"):
        monkeypatch.setattr(f"{module}.FORGOTTEN", 2)
    store, other = make(), make()
    groups = [f"{number:032x}" for number in range(5)]
    for number, group in enumerate(groups):
        store.add_to_group(group, Rank(NOW + number, "a"))
        store.take_lead(group, Rank(NOW + number, "a"))
    store.take_lead(groups[0], Rank(NOW + 9, "b"))
    store.forget_newest(NOW + 3.5)
    assert 2 == [other.newest(group) for group in groups].count(None)
    store.forget_newest(NOW + 3.5)
    assert [Rank(NOW + 9, "b"), None, None, None, Rank(NOW + 4, "a")] == [other.newest(group) for group in groups]
    assert (Rank(NOW + 1, "b"), [Rank(NOW + 1, "a")]) == other.take_lead(
        groups[1], Rank(NOW + 1, "b")
    )  # who waits, waits
