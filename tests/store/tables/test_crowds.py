"""Crowds that write one case: a commit that has lost already spends no call to GitHub."""

from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

from relay.github.rate_limit import Spending
from relay.store.tables.store import TableStore
from tests.support import azurite, stores
from tests.support.stores import CASE, ID, NOW, ROW, case, owing

azurite.need()


def test_a_commit_that_lost_while_it_waited_to_spend_spends_nothing() -> None:
    with stores.tables() as make, ThreadPoolExecutor(1) as pool:
        store, other = make(), make()
        assert isinstance(store, TableStore)
        assert store.write_case(CASE, to_set=[ROW])
        row = replace(ROW, nonce="lost")
        with store._open().due._turn:
            late = pool.submit(
                store.write_case, owing(case(version=2)), to_set=[row], spending=Spending("token", 1, NOW)
            )
            wait([late], 0.3)  # by now it waits for its turn
            assert store.write_case(owing(case(version=2, by="another")))
        assert not late.result(60)
        assert ((), [ROW]) == (other.bucket("token").cells, other.rows())


def test_a_case_that_is_gone_may_be_made_anew_by_an_instance_that_knew_it() -> None:
    with stores.tables() as make:
        store, other = make(), make()
        assert store.write_case(CASE)
        assert store.write_case(owing(case(version=2)))
        known = other.load(ID)
        assert known is not None
        assert other.remove(known, [])
        assert store.load(ID) is None
        assert store.write_case(CASE, spending=Spending("token", 1, NOW))


def test_calls_of_a_commit_that_lost_are_given_back() -> None:
    with stores.tables() as make:
        store, other = make(), make()
        assert store.write_case(CASE)
        known = [each.load(ID) for each in (store, other)]
        assert [CASE, CASE] == known
        assert other.write_case(owing(case(version=2, by="another")))
        spending = Spending("token", 2, NOW, unapproved=1, repository="octo/api")
        assert not store.write_case(owing(case(version=2)), to_set=[ROW], spending=spending)
        budget = make().bucket("token")
        assert (0, 0, []) == (sum(n for _, n in budget.cells), sum(n for _, n, _ in budget.unapproved), other.rows())
