"""Cases: committed once for each version, loaded as they were, and removed as they were read."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest

from relay.approval.groups import group_of
from relay.errors import Outage
from relay.model.debts import Debt
from relay.model.people import Actor, Review
from relay.store.contract import Store
from tests.store.every_store.odd import ODD
from tests.support.at_once import at_once
from tests.support.stores import CASE, ENDS, ID, LATER, NOW, OTHER_GROUP, PARKED, ROW, Make, case, owing


def test_a_case_is_loaded_as_it_was_committed(make: Make) -> None:
    store, other = make(), make()
    assert store.load(ID) is None
    full = replace(
        CASE,
        reviews=(Review("approve", Actor("entra:t/ada", "에이다"), "", NOW, "좋아요"),),
        debts=(Debt("deploy", NOW, NOW + 0.1 + 0.2, lease="c1", since=NOW + 1 / 3),),
    )
    assert store.write_case(full)
    assert full == store.load(ID)
    assert full == other.load(ID)


@pytest.mark.parametrize("case_id", ODD)
def test_whatever_id_is_asked_for_there_may_be_no_case_of_it(store: Store, case_id: str) -> None:
    assert store.write_case(CASE)
    assert store.load(case_id) is None


@pytest.mark.parametrize("letter", ["x", "é", "한", "😀"])
def test_a_case_may_be_larger_than_one_property_of_a_table(store: Store, letter: str) -> None:
    large = replace(
        CASE, reviews=tuple(Review("approve", Actor("a", "b"), "", NOW, letter * 1_000) for _ in range(150))
    )
    assert store.write_case(large)
    assert large == store.load(ID)
    smaller = replace(case(version=2), reviews=large.reviews[:1])
    assert store.write_case(smaller)
    assert smaller == store.load(ID)


def test_a_case_is_made_once(make: Make) -> None:
    first, second = make(), make()
    assert first.write_case(owing(case(stage="first", by="first")), to_set=[ROW, ENDS])
    assert not second.write_case(owing(case(stage="second", by="second")), to_set=[LATER, ENDS])
    assert owing(case(stage="first", by="first")) == second.load(ID)
    assert [ROW] == second.rows()
    assert [ENDS] == second.expiring_cases(NOW + 60, 10)


def test_of_two_commits_over_one_version_the_first_counts(make: Make) -> None:
    first, second = make(), make()
    assert first.write_case(CASE, to_set=[ROW])
    won = owing(case(version=2, stage="qa", by="second"))
    assert second.write_case(won, to_set=[LATER], to_clear=[ROW])
    lost = owing(case(version=2, stage="release", by="first"))
    assert not first.write_case(lost, to_set=[replace(ROW, nonce="c4.0")], to_clear=[LATER])
    assert won == first.load(ID)
    assert [LATER] == first.rows()
    assert first.write_case(owing(case(version=3)), to_clear=[LATER])
    assert [] == second.rows()


@pytest.mark.parametrize("version", [2, 3, 5])
def test_no_version_is_left_out(store: Store, version: int) -> None:
    assert not store.write_case(case(version=version), to_set=[ROW])
    assert [] == store.rows()
    assert store.write_case(CASE)
    assert store.write_case(case(version=2))
    assert not store.write_case(case(version=2, by="another"))
    assert not store.write_case(case(version=4))


def test_of_many_writers_at_once_one_wins_each_version(make: Make) -> None:
    writers = [make() for _ in range(4)]

    def race(number: int) -> int:
        return sum(writers[number].write_case(case(version=version, by=str(number))) for version in range(1, 9))

    won = at_once([partial(race, number) for number in range(len(writers))])
    kept = writers[0].load(ID)
    assert kept is not None
    assert sum(won) == kept.version


def test_one_store_serves_many_threads(store: Store) -> None:
    nonces = [f"{number:022}" for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda nonce: store.write_case(case(nonce)), nonces))
    assert all(store.load(case(nonce).request.id) for nonce in nonces)


def test_a_case_is_removed_as_it_was_read_with_its_rows(make: Make) -> None:
    store, other = make(), make()
    assert not store.remove(CASE, [ROW])
    assert store.write_case(CASE, to_set=[ROW, PARKED, ENDS])
    assert other.write_case(owing(case(version=2)))
    assert not store.remove(CASE, [ROW, ENDS])
    assert [ROW] == store.due(NOW + 60, 10)
    assert [ENDS] == store.expiring_cases(NOW + 60, 10)
    assert store.remove(owing(case(version=2)), [ROW, PARKED, ENDS])
    assert other.load(ID) is None
    assert [] == store.rows()
    assert [] == store.expiring_cases(NOW + 60, 10)
    assert not other.write_case(owing(case(version=3)))
    assert other.write_case(CASE)
    assert store.remove(CASE, [])
    assert not other.write_case(owing(case(version=2)))


def test_what_was_approved_to_release_in_a_group_is_found(store: Store) -> None:
    approved = [replace(case(f"{number:022}"), status="approved") for number in range(3)]
    elsewhere = replace(case("e" * 22, environment="qa"), status="approved")
    for each in (*approved, elsewhere, case("p" * 22), replace(case("r" * 22), status="rejected")):
        assert store.write_case(each)
    group = group_of(approved[0].request, "deploy")
    found = store.released(group)
    assert sorted(found, key=lambda each: each.request.id) == sorted(approved, key=lambda each: each.request.id)
    assert [] == store.released(OTHER_GROUP)
    assert store.write_case(replace(case(approved[0].request.nonce, version=2), status="pending"))
    assert 2 == len(store.released(group))


def test_a_case_of_a_newer_form_is_an_outage_of_its_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr("relay.store.codec.FORM", 9)
        assert store.write_case(CASE)
    with pytest.raises(Outage, match="newer version") as caught:
        store.load(ID)
    assert caught.value.permanent
    assert store.write_case(case("x" * 22))
