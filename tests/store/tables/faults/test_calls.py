"""Calls that fail: each raises an Outage and nothing else, and the next call completes a first use that was cut."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from time import sleep

import pytest

from relay.approval.groups import Rank
from relay.errors import Outage
from relay.journal.messages import Message, key
from relay.journal.search import Search
from relay.store.tables import client
from relay.store.tables import marks as table_marks
from relay.store.tables.account import Storage
from relay.store.tables.store import TableStore
from tests.store.tables.faults.faults import DONE, SECOND, UNDONE
from tests.support import azurite, stores
from tests.support.stores import CASE, GROUP, ID, LATER, NOW, ROW, case
from tests.support.table_proxy import CUT, DONE_BUT_CONFLICT, FORBIDDEN, UNAVAILABLE, Fault, TableProxy

azurite.need()


@pytest.mark.parametrize("fault", [*DONE, DONE_BUT_CONFLICT])
def test_a_claim_and_a_lead_that_were_written_are_ones_own(
    proxy: TableProxy, store: TableStore, other: TableStore, fault: Fault
) -> None:
    proxy.spoil(r"POST \$batch", fault)
    assert "mine" == store.put_if_absent("key", "mine", now=NOW, until=NOW + 60)
    mark = Rank(NOW, "a")
    store.add_to_group(GROUP, mark)
    proxy.spoil("POST groups", fault)
    assert (mark, [mark]) == store.take_lead(GROUP, mark)
    newer = Rank(NOW + 1, "b")
    proxy.spoil("PUT groups", fault)
    assert (newer, [mark]) == store.take_lead(GROUP, newer)
    assert newer == other.newest(GROUP)


@pytest.mark.parametrize("fault", [*DONE, *UNDONE])
@pytest.mark.parametrize("request_", ["GET marks", "POST Tables", "POST marks"])
def test_a_first_use_that_is_cut_short_is_taken_up_by_the_next(
    proxy: TableProxy, storage: Storage, fault: Fault, request_: str
) -> None:
    with stores.tables(storage) as make:
        proxy.spoil(request_, fault, fault)
        with pytest.raises(Outage):
            make().born_at()
        born_at = make().born_at()
        assert born_at in (NOW + 1, NOW + 2)
        assert make().write_case(CASE, to_set=[ROW])
        assert born_at == make().born_at()


def test_threads_that_wait_for_the_first_use_fail_with_it(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    tries, began, may_fail = list[int](), Event(), Event()

    def prepare(*_given: object) -> float:
        tries.append(1)
        began.set()
        may_fail.wait(60)
        raise Outage("the storage account does not answer")

    with stores.tables(storage) as make, ThreadPoolExecutor(4) as pool:
        store = make()
        assert isinstance(store, TableStore)
        with monkeypatch.context() as away:
            away.setattr(table_marks, "prepare", prepare)
            calls = [pool.submit(store.born_at)]
            assert began.wait(60)
            calls += [pool.submit(store.born_at) for _ in range(3)]
            wait(calls, 0.3)  # by now they wait for the first
            may_fail.set()
            assert ["the storage account does not answer"] * 4 == [str(call.exception(60)) for call in calls]
            assert 1 == len(tries)
            with pytest.raises(Outage):
                store.born_at()
            assert 2 == len(tries)
        assert NOW + 1 == store.born_at()


def test_a_search_may_take_longer_than_a_press_allows(
    proxy: TableProxy, store: TableStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Message(float(NOW), "in", "slack", "press", "counted", key=key(NOW, 1, "0" * 8))
    store.add_messages([kept])
    store.note_newest(GROUP, Rank(NOW, "a"))
    monkeypatch.setattr(client, "TIMES", ((1.0, 0.2),))
    proxy.before = lambda request: sleep(0.4 if request in ("GET messages", "GET groups") else 0.0)
    assert [kept] == store.messages(Search(outcome="counted"), 10)
    store.forget_newest(NOW)
    with pytest.raises(Outage, match="does not answer"):
        store.newest(GROUP)


def test_an_account_that_forgets_what_it_was_told_is_an_outage(proxy: TableProxy, storage: Storage) -> None:
    gone = Fault(forward=False, status=404)
    with stores.tables(storage) as make:
        proxy.spoil("GET marks", gone, gone)
        with pytest.raises(Outage, match="does not keep what is written to it"):
            make().born_at()
        assert NOW + 1 == make().born_at()


def calls(store: TableStore) -> list[Callable[[], object]]:
    return [
        lambda: store.load("x"),
        lambda: store.write_case(case("x" * 22)),
        lambda: store.write_case(SECOND, to_set=[LATER]),
        lambda: store.remove(CASE, [ROW]),
        lambda: store.bucket("token"),
        lambda: store.close_bucket("token", NOW),
        lambda: store.due(NOW, 1),
        lambda: store.queue(GROUP),
        store.rows,
        lambda: store.expiring_cases(NOW, 1),
        lambda: store.drop_row(ROW),
        lambda: store.released(GROUP),
        lambda: store.add_to_group(GROUP, Rank(NOW, "a")),
        lambda: store.take_lead(GROUP, Rank(NOW, "a")),
        lambda: store.note_newest(GROUP, Rank(NOW, "a")),
        lambda: store.newest(GROUP),
        lambda: store.remove_from_group(GROUP, Rank(NOW, "a")),
        lambda: store.mark_round(NOW),
        store.last_round,
        lambda: store.put_if_absent("k", "v", now=NOW, until=NOW + 1),
    ]


@pytest.mark.parametrize(
    ("fault", "said", "permanent"),
    [
        (CUT, "the storage account does not answer: ", False),
        (UNAVAILABLE, "the storage account answers 503", False),
        (
            FORBIDDEN,
            "the storage account refuses the relay (403): give its identity the role Storage Table Data ",
            True,
        ),
        (Fault(forward=False, status=401), "the storage account refuses the relay (401): ", True),
        (Fault(forward=False, status=429), "the storage account answers 429", False),
        (Fault(forward=False, status=400), "the storage account answers 400", True),
    ],
)
def test_every_call_tells_an_outage_and_nothing_else(
    proxy: TableProxy, store: TableStore, fault: Fault, said: str, permanent: bool
) -> None:
    proxy.spoil(".*", *[fault] * 200)
    for call in calls(store):
        with pytest.raises(Outage) as caught:
            call()
        assert caught.value.what.startswith(said)
        assert permanent == caught.value.permanent
        assert str(proxy.port) not in caught.value.what
    proxy.mend()
    assert CASE == store.load(ID)
