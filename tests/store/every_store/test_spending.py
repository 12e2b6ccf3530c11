"""Call budgets: spent with the commit, never below zero, and given back if no call was made."""

from functools import partial

from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending
from tests.support.at_once import at_once
from tests.support.stores import CASE, ID, NOW, ROW, Make, case

TOKEN = "token of github.com"


def test_what_is_spent_is_spent_with_the_commit(make: Make) -> None:
    store, other = make(), make()
    assert CallBudget() == store.bucket(TOKEN)
    assert store.write_case(CASE, to_set=[ROW], spending=Spending(TOKEN, 3, NOW))
    once = rate_limit.spend(CallBudget(), Spending(TOKEN, 3, NOW))
    assert once == store.bucket(TOKEN)
    assert once == other.bucket(TOKEN)
    assert CallBudget() == other.bucket("another")
    assert other.write_case(case(version=2), spending=Spending(TOKEN, 2, NOW + 15))
    assert once is not None
    assert rate_limit.spend(once, Spending(TOKEN, 2, NOW + 15)) == other.bucket(TOKEN)


def test_where_there_is_no_room_nothing_is_committed(make: Make) -> None:
    store, other = make(), make()
    assert store.write_case(CASE, spending=Spending(TOKEN, rate_limit.MINUTE_LIMIT - 1, NOW))
    full = Spending(TOKEN, 2, NOW + 1)
    assert not other.write_case(case(version=2), to_set=[ROW], spending=full)
    assert not store.write_case(case(version=2), to_set=[ROW], spending=full)
    assert CASE == store.load(ID)
    assert [] == store.rows()
    assert store.write_case(case(version=2), spending=full._replace(calls=1))


def test_a_closed_bucket_has_no_room_until_it_opens(make: Make) -> None:
    store, other = make(), make()
    assert store.write_case(CASE, spending=Spending(TOKEN, 1, NOW))
    other.close_bucket(TOKEN, NOW + 60)
    other.close_bucket(TOKEN, NOW + 30)
    assert NOW + 60 == other.bucket(TOKEN).closed_until
    assert not store.write_case(case(version=2), spending=Spending(TOKEN, 1, NOW + 59))
    assert NOW + 60 == store.bucket(TOKEN).closed_until
    assert store.write_case(case(version=2), spending=Spending(TOKEN, 1, NOW + 60))
    store.close_bucket("never seen", NOW + 60)
    assert CallBudget(closed_until=NOW + 60) == other.bucket("never seen")


def test_a_call_that_was_not_made_gives_its_room_back(make: Make) -> None:
    store, other = make(), make()
    assert store.write_case(CASE, spending=Spending(TOKEN, rate_limit.MINUTE_LIMIT, NOW))
    assert not other.write_case(case(version=2), spending=Spending(TOKEN, 1, NOW + 5))
    store.give_back(TOKEN, NOW + 5)
    assert store.write_case(case(version=2), spending=Spending(TOKEN, 1, NOW + 5))
    assert not store.write_case(case(version=3), spending=Spending(TOKEN, 1, NOW + 5))
    store.give_back("never seen", NOW)
    assert CallBudget() == store.bucket("never seen")


def test_many_who_spend_at_once_never_spend_more_than_there_is(make: Make) -> None:
    writers = [make(), make()]
    assert writers[0].write_case(case("f" * 22), spending=Spending(TOKEN, rate_limit.MINUTE_LIMIT - 10, NOW))

    def spend(number: int) -> bool:
        return writers[number % 2].write_case(case(f"{number:022}"), spending=Spending(TOKEN, 1, NOW))

    assert 10 == sum(at_once([partial(spend, number) for number in range(16)]))
