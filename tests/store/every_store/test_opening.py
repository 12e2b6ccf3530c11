"""The store itself: its birth, and opening it again or many times at once."""

from relay.store.contract import Store
from tests.support.at_once import at_once
from tests.support.stores import CASE, ID, NOW, ROW, Make


def test_the_birth_outlives_closing(make: Make) -> None:
    first = make()
    assert NOW + 1.0 == first.born_at()
    first.close()
    second = make()
    assert NOW + 1.0 == second.born_at()
    assert NOW + 1.0 == second.born_at()


def test_a_closed_store_opens_again(store: Store) -> None:
    store.close()
    assert store.write_case(CASE, to_set=[ROW])
    store.close()
    store.close()
    assert CASE == store.load(ID)
    assert [ROW] == store.rows()


def test_many_that_open_a_new_store_at_once_all_open_it(make: Make) -> None:
    assert 1 == len(set(at_once([make().born_at for _ in range(6)])))
