"""What every store promises, whichever it is."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from relay.core import rates
from relay.core.debts import LIFE, DueRow
from relay.core.errors import Outage
from relay.core.groups import Mark, group_of
from relay.core.model import Actor, Debt, Review
from relay.core.rates import Bucket, Spending
from tests import azurite
from tests.adapters import stores
from tests.adapters.stores import CASE, ENDS, GROUP, ID, LATER, NOW, OTHER_GROUP, PARKED, ROW, Make, Store, case, owing
from tests.leaving_out import may_leave_nothing_out

TOKEN = "token of github.com"
ODD = [
    "",
    "a/b",
    "a\\b",
    "a#b",
    "a?b",
    "a%2Fb",
    "a+b c",
    "it's",
    "배포",
    "\x00\x1f\x7f",
    "x" * 2_000,
    "..",
    "~",
    "\ud800",
]


# What is left out the modules of the Tables store alone say, in one line.
EVERY = ["sqlite", "memory", *(["tables"] if azurite.is_here() or may_leave_nothing_out() else [])]


@pytest.fixture(params=EVERY)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Return what opens another store on the same file or tables, as another process would."""
    opened = {"sqlite": lambda: stores.sqlite(tmp_path), "memory": stores.memory, "tables": stores.tables}
    with opened[request.param]() as opener:
        yield opener


@pytest.fixture
def store(make: Make) -> Store:
    return make()


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Return what the calls return that all begin at the same moment."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


# Cases


def test_a_case_is_loaded_as_it_was_committed(make: Make) -> None:
    store, other = make(), make()
    assert store.load(ID) is None
    full = replace(
        CASE,
        reviews=(Review("approve", Actor("entra:t/ada", "에이다"), "", NOW, "좋아요"),),
        debts=(Debt("deploy", NOW, NOW + 0.1 + 0.2, lease="c1", since=NOW + 1 / 3),),
    )
    assert store.commit(full)
    assert full == store.load(ID)
    assert full == other.load(ID)


@pytest.mark.parametrize("case_id", ODD)
def test_whatever_id_is_asked_for_there_may_be_no_case_of_it(store: Store, case_id: str) -> None:
    assert store.commit(CASE)
    if case_id.isprintable():
        assert store.load(case_id) is None


@pytest.mark.parametrize("letter", ["x", "é", "한", "😀"])
def test_a_case_may_be_larger_than_one_property_of_a_table(store: Store, letter: str) -> None:
    large = replace(
        CASE, reviews=tuple(Review("approve", Actor("a", "b"), "", NOW, letter * 1_000) for _ in range(150))
    )
    assert store.commit(large)
    assert large == store.load(ID)
    smaller = replace(case(version=2), reviews=large.reviews[:1])
    assert store.commit(smaller)
    assert smaller == store.load(ID)


def test_a_case_is_made_once(make: Make) -> None:
    first, second = make(), make()
    assert first.commit(owing(case(stage="first", by="first")), arm=[ROW, ENDS])
    assert not second.commit(owing(case(stage="second", by="second")), arm=[LATER, ENDS])
    assert owing(case(stage="first", by="first")) == second.load(ID)
    assert [ROW] == second.rows()
    assert [ENDS] == second.lives(NOW + 60, 10)


def test_of_two_commits_over_one_version_the_first_counts(make: Make) -> None:
    first, second = make(), make()
    assert first.commit(CASE, arm=[ROW])
    won = owing(case(version=2, stage="qa", by="second"))
    assert second.commit(won, arm=[LATER], disarm=[ROW])
    lost = owing(case(version=2, stage="release", by="first"))
    assert not first.commit(lost, arm=[replace(ROW, nonce="c4.0")], disarm=[LATER])
    assert won == first.load(ID)
    assert [LATER] == first.rows()
    assert first.commit(owing(case(version=3)), disarm=[LATER])
    assert [] == second.rows()


@pytest.mark.parametrize("version", [2, 3, 5])
def test_no_version_is_left_out(store: Store, version: int) -> None:
    assert not store.commit(case(version=version), arm=[ROW])
    assert [] == store.rows()
    assert store.commit(CASE)
    assert store.commit(case(version=2))
    assert not store.commit(case(version=2, by="another"))
    assert not store.commit(case(version=4))


def test_of_many_writers_at_once_one_wins_each_version(make: Make) -> None:
    writers = [make() for _ in range(4)]

    def race(number: int) -> int:
        return sum(writers[number].commit(case(version=version, by=str(number))) for version in range(1, 9))

    won = at_once(*(lambda number=number: race(number) for number in range(len(writers))))
    kept = writers[0].load(ID)
    assert kept is not None
    assert sum(won) == kept.version


def test_one_store_serves_many_threads(store: Store) -> None:
    nonces = [f"{number:022}" for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda nonce: store.commit(case(nonce)), nonces))
    assert all(store.load(case(nonce).request.id) for nonce in nonces)


def test_a_case_is_removed_as_it_was_read_with_its_rows(make: Make) -> None:
    store, other = make(), make()
    assert not store.remove(CASE, [ROW])
    assert store.commit(CASE, arm=[ROW, PARKED, ENDS])
    assert other.commit(owing(case(version=2)))
    assert not store.remove(CASE, [ROW, ENDS])
    assert [ROW] == store.due(NOW + 60, 10)
    assert [ENDS] == store.lives(NOW + 60, 10)
    assert store.remove(owing(case(version=2)), [ROW, PARKED, ENDS])
    assert other.load(ID) is None
    assert [] == store.rows()
    assert [] == store.lives(NOW + 60, 10)
    assert not other.commit(owing(case(version=3)))
    assert other.commit(CASE)
    assert store.remove(CASE, [])
    assert not other.commit(owing(case(version=2)))


def test_what_was_approved_to_release_in_a_group_is_found(store: Store) -> None:
    approved = [replace(case(f"{number:022}"), status="approved") for number in range(3)]
    elsewhere = replace(case("e" * 22, environment="qa"), status="approved")
    for each in (*approved, elsewhere, case("p" * 22), replace(case("r" * 22), status="rejected")):
        assert store.commit(each)
    group = group_of(approved[0].request, "deploy")
    found = store.released(group)
    assert sorted(found, key=lambda each: each.request.id) == sorted(approved, key=lambda each: each.request.id)
    assert [] == store.released(OTHER_GROUP)
    assert store.commit(replace(case(approved[0].request.nonce, version=2), status="pending"))
    assert 2 == len(store.released(group))


# Rows


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


# What an identity has spent


def test_what_is_spent_is_spent_with_the_commit(make: Make) -> None:
    store, other = make(), make()
    assert Bucket() == store.bucket(TOKEN)
    assert store.commit(CASE, arm=[ROW], spending=Spending(TOKEN, 3, NOW))
    once = rates.spend(Bucket(), Spending(TOKEN, 3, NOW))
    assert once == store.bucket(TOKEN)
    assert once == other.bucket(TOKEN)
    assert Bucket() == other.bucket("another")
    assert other.commit(case(version=2), spending=Spending(TOKEN, 2, NOW + 15))
    assert once is not None
    assert rates.spend(once, Spending(TOKEN, 2, NOW + 15)) == other.bucket(TOKEN)


def test_where_there_is_no_room_nothing_is_committed(make: Make) -> None:
    store, other = make(), make()
    assert store.commit(CASE, spending=Spending(TOKEN, rates.MINUTE_LIMIT - 1, NOW))
    full = Spending(TOKEN, 2, NOW + 1)
    assert not other.commit(case(version=2), arm=[ROW], spending=full)
    assert not store.commit(case(version=2), arm=[ROW], spending=full)
    assert CASE == store.load(ID)
    assert [] == store.rows()
    assert store.commit(case(version=2), spending=full._replace(calls=1))


def test_a_closed_bucket_has_no_room_until_it_opens(make: Make) -> None:
    store, other = make(), make()
    assert store.commit(CASE, spending=Spending(TOKEN, 1, NOW))
    other.close_bucket(TOKEN, NOW + 60)
    other.close_bucket(TOKEN, NOW + 30)
    assert NOW + 60 == other.bucket(TOKEN).closed_until
    assert not store.commit(case(version=2), spending=Spending(TOKEN, 1, NOW + 59))
    assert NOW + 60 == store.bucket(TOKEN).closed_until
    assert store.commit(case(version=2), spending=Spending(TOKEN, 1, NOW + 60))
    store.close_bucket("never seen", NOW + 60)
    assert Bucket(closed_until=NOW + 60) == other.bucket("never seen")


def test_a_call_that_was_not_made_gives_its_room_back(make: Make) -> None:
    store, other = make(), make()
    assert store.commit(CASE, spending=Spending(TOKEN, rates.MINUTE_LIMIT, NOW))
    assert not other.commit(case(version=2), spending=Spending(TOKEN, 1, NOW + 5))
    store.give_back(TOKEN, NOW + 5)
    assert store.commit(case(version=2), spending=Spending(TOKEN, 1, NOW + 5))
    assert not store.commit(case(version=3), spending=Spending(TOKEN, 1, NOW + 5))
    store.give_back("never seen", NOW)
    assert Bucket() == store.bucket("never seen")


def test_many_who_spend_at_once_never_spend_more_than_there_is(make: Make) -> None:
    writers = [make(), make()]
    assert writers[0].commit(case("f" * 22), spending=Spending(TOKEN, rates.MINUTE_LIMIT - 10, NOW))

    def spend(number: int) -> bool:
        return writers[number % 2].commit(case(f"{number:022}"), spending=Spending(TOKEN, 1, NOW))

    assert 10 == sum(at_once(*(lambda number=number: spend(number) for number in range(16))))


# Groups


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

    found = at_once(*(lambda number=number: come(number) for number in range(len(marks))))
    assert max(marks) == writers[0].newest(GROUP)
    closed = {own for own, (newest, _) in zip(marks, found, strict=True) if newest > own}
    closed |= {mark for own, (_, waiting) in zip(marks, found, strict=True) for mark in waiting if mark < own}
    assert set(marks) - {max(marks)} == closed


def test_who_is_the_newest_is_forgotten_once_that_was_long_ago_some_at_a_time(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("relay.adapters.sqlite_store", "relay.adapters.table_groups", "tests.memory_store"):
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


# Claims, rounds and the store itself


def test_the_first_claim_is_kept_until_it_ends(make: Make) -> None:
    first, second = make(), make()
    assert "mine" == first.claim("key", "mine", now=NOW, until=NOW + 60)
    assert "mine" == second.claim("key", "theirs", now=NOW + 59.9, until=NOW + 120)
    assert "other" == second.claim("other key", "other", now=NOW, until=NOW + 60)
    assert "theirs" == second.claim("key", "theirs", now=NOW + 60, until=NOW + 120)
    assert "theirs" == first.claim("key", "mine", now=NOW + 61, until=NOW + 120)


def test_of_many_claims_at_once_all_hear_of_the_same(make: Make) -> None:
    writers = [make() for _ in range(4)]

    def claim(number: int, now: float) -> str:
        return writers[number].claim("key", f"{number}", now=now, until=now + 60)

    for now in (NOW, NOW + 60):
        kept = at_once(*(lambda number=number, now=now: claim(number, now) for number in range(len(writers))))
        assert 1 == len(set(kept))


def test_what_is_kept_is_the_last_that_was_told_until_it_ends(make: Make) -> None:
    first, second = make(), make()
    assert first.kept("key", now=NOW) is None
    first.keep("key", "one", until=NOW + 60)
    second.keep("key", "two", until=NOW + 60)
    assert ("two", "two") == (first.kept("key", now=NOW + 59.9), second.kept("key", now=NOW))
    first.keep("key", "three", until=NOW + 90)
    assert "three" == second.kept("key", now=NOW + 60)
    assert second.kept("key", now=NOW + 90) is None
    assert second.kept("other", now=NOW) is None
    first.mark_round(NOW + 60)
    assert "three" == second.kept("key", now=NOW + 60)
    first.mark_round(NOW + 90)
    second.keep("key", "four", until=NOW + 120)
    assert "four" == first.kept("key", now=NOW + 91)


def test_of_many_who_keep_at_once_one_is_last(make: Make) -> None:
    writers = [make() for _ in range(4)]
    at_once(
        *(
            lambda number=number: writers[number].keep("key", f"{number}", until=NOW + 60 + number)
            for number in range(4)
        )
    )
    assert 1 == len({writer.kept("key", now=NOW) for writer in writers})


@pytest.mark.parametrize("key", [text for text in ODD if text.isprintable()])
def test_a_claim_takes_any_key(store: Store, key: str) -> None:
    assert "배포" == store.claim(key, "배포", now=NOW, until=NOW + 60)
    assert "배포" == store.claim(key, "x", now=NOW, until=NOW + 60)


def test_a_round_is_remembered_and_forgets_claims_that_ended(make: Make) -> None:
    store, other = make(), make()
    assert 0.0 == store.last_round()
    for number in range(3):
        store.claim(f"old{number}", "old", now=NOW, until=NOW + 60)
    store.claim("renewed", "x", now=NOW, until=NOW + 50)
    store.claim("renewed", "renewed", now=NOW + 50, until=NOW + 90)
    store.claim("new", "new", now=NOW, until=NOW + 60.5)
    store.mark_round(NOW + 30.5)
    store.mark_round(NOW + 60)
    assert NOW + 60 == other.last_round()
    for key in ("old0", "old1", "old2"):  # before it ended it would still be the old one
        assert "later" == other.claim(key, "later", now=NOW, until=NOW + 60)
    assert "renewed" == other.claim("renewed", "later", now=NOW, until=NOW + 60)
    assert "new" == other.claim("new", "later", now=NOW, until=NOW + 60)


def test_the_birth_outlives_closing(make: Make) -> None:
    first = make()
    assert NOW + 1.0 == first.born_at()
    first.close()
    second = make()
    assert NOW + 1.0 == second.born_at()
    assert NOW + 1.0 == second.born_at()


def test_a_closed_store_opens_again(store: Store) -> None:
    store.close()
    assert store.commit(CASE, arm=[ROW])
    store.close()
    store.close()
    assert CASE == store.load(ID)
    assert [ROW] == store.rows()


def test_many_that_open_a_new_store_at_once_all_open_it(make: Make) -> None:
    assert 1 == len(set(at_once(*(make().born_at for _ in range(6)))))


def test_a_case_of_a_newer_form_is_an_outage_of_its_own(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as tomorrow:
        tomorrow.setattr("relay.adapters.case_codec.FORM", 9)
        assert store.commit(CASE)
    with pytest.raises(Outage, match="newer version") as caught:
        store.load(ID)
    assert caught.value.permanent
    assert store.commit(case("x" * 22))
