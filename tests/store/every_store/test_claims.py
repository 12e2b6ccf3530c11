"""Values that end, and the timer runs that forget them."""

from functools import partial

import pytest

from relay.store.contract import Store
from tests.store.every_store.odd import ODD
from tests.support.at_once import at_once
from tests.support.stores import NOW, Make


def test_the_first_claim_is_kept_until_it_ends(make: Make) -> None:
    first, second = make(), make()
    assert "mine" == first.put_if_absent("key", "mine", now=NOW, until=NOW + 60)
    assert "mine" == second.put_if_absent("key", "theirs", now=NOW + 59.9, until=NOW + 120)
    assert "other" == second.put_if_absent("other key", "other", now=NOW, until=NOW + 60)
    assert "theirs" == second.put_if_absent("key", "theirs", now=NOW + 60, until=NOW + 120)
    assert "theirs" == first.put_if_absent("key", "mine", now=NOW + 61, until=NOW + 120)


def test_of_many_claims_at_once_all_hear_of_the_same(make: Make) -> None:
    writers = [make() for _ in range(4)]

    def claim(number: int, now: float) -> str:
        return writers[number].put_if_absent("key", f"{number}", now=now, until=now + 60)

    for now in (NOW, NOW + 60):
        kept = at_once([partial(claim, number, now) for number in range(len(writers))])
        assert 1 == len(set(kept))


def test_what_is_kept_is_the_last_that_was_told_until_it_ends(make: Make) -> None:
    first, second = make(), make()
    assert first.get("key", now=NOW) is None
    first.put("key", "one", until=NOW + 60)
    second.put("key", "two", until=NOW + 60)
    assert ("two", "two") == (first.get("key", now=NOW + 59.9), second.get("key", now=NOW))
    first.put("key", "three", until=NOW + 90)
    assert "three" == second.get("key", now=NOW + 60)
    assert second.get("key", now=NOW + 90) is None
    assert second.get("other", now=NOW) is None
    first.mark_round(NOW + 60)
    assert "three" == second.get("key", now=NOW + 60)
    first.mark_round(NOW + 90)
    second.put("key", "four", until=NOW + 120)
    assert "four" == first.get("key", now=NOW + 91)


def test_of_many_who_keep_at_once_one_is_last(make: Make) -> None:
    writers = [make() for _ in range(4)]
    at_once([partial(writers[number].put, "key", f"{number}", until=NOW + 60 + number) for number in range(4)])
    assert 1 == len({writer.get("key", now=NOW) for writer in writers})


@pytest.mark.parametrize("key", [text for text in ODD if text.isprintable()])
def test_a_claim_takes_any_key(store: Store, key: str) -> None:
    assert "배포" == store.put_if_absent(key, "배포", now=NOW, until=NOW + 60)
    assert "배포" == store.put_if_absent(key, "x", now=NOW, until=NOW + 60)


def test_a_round_is_remembered_and_forgets_claims_that_ended(make: Make) -> None:
    store, other = make(), make()
    assert 0.0 == store.last_round()
    for number in range(3):
        store.put_if_absent(f"old{number}", "old", now=NOW, until=NOW + 60)
    store.put_if_absent("renewed", "x", now=NOW, until=NOW + 50)
    store.put_if_absent("renewed", "renewed", now=NOW + 50, until=NOW + 90)
    store.put_if_absent("new", "new", now=NOW, until=NOW + 60.5)
    store.mark_round(NOW + 30.5)
    store.mark_round(NOW + 60)
    assert NOW + 60 == other.last_round()
    for key in ("old0", "old1", "old2"):  # before it ended it would still be the old one
        assert "later" == other.put_if_absent(key, "later", now=NOW, until=NOW + 60)
    assert "renewed" == other.put_if_absent("renewed", "later", now=NOW, until=NOW + 60)
    assert "new" == other.put_if_absent("new", "later", now=NOW, until=NOW + 60)
