"""What becomes of a commit when the storage account fails in the middle of it: it is true what the relay then says."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.adapters import table_client
from relay.adapters.table_store import TableStore
from relay.core.errors import Outage
from relay.core.groups import Mark
from relay.core.rates import Spending
from relay.core.storage import Storage
from tests import azurite, road
from tests.adapters import stores
from tests.adapters.stores import CASE, ENDS, GROUP, ID, LATER, NOW, PARKED, ROW, case, owing
from tests.adapters.table_proxy import (
    BROKEN,
    CONFLICT,
    CUT,
    DONE_BUT_BROKEN,
    DONE_BUT_CONFLICT,
    DONE_BUT_CUT,
    DONE_BUT_UNAVAILABLE,
    FORBIDDEN,
    UNAVAILABLE,
    Fault,
    TableProxy,
)
from tests.leaving_out import leave_out

if not azurite.is_here():
    leave_out(azurite.MISSING)

DONE = [DONE_BUT_BROKEN, DONE_BUT_UNAVAILABLE, DONE_BUT_CUT]
UNDONE = [BROKEN, UNAVAILABLE, CUT]
SECOND = owing(case(version=2, by="second"))


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_client, "PAUSE", 0.0)


@pytest.fixture
def proxy() -> Iterator[TableProxy]:
    with TableProxy(azurite.port()) as here:
        yield here


@pytest.fixture
def storage(proxy: TableProxy) -> Storage:
    return stores.new_tables(proxy.port)


@pytest.fixture
def store(storage: Storage) -> Iterator[TableStore]:
    """A store behind the proxy, in which a case and its row are."""
    with stores.tables(storage) as make:
        here = make()
        assert isinstance(here, TableStore)
        assert here.commit(CASE, arm=[ROW])
        assert CASE == here.load(ID)
        yield here


@pytest.fixture
def other(storage: Storage) -> Iterator[TableStore]:
    """Another instance, to which nothing happens."""
    with stores.tables(replace(storage, connection=azurite.connection(azurite.port()))) as make:
        here = make()
        assert isinstance(here, TableStore)
        yield here


@pytest.mark.parametrize("faults", [[fault] for fault in (*DONE, *UNDONE)])
@pytest.mark.parametrize("write", ["PUT cases", r"POST \$batch"])
def test_one_failure_is_overcome(
    proxy: TableProxy, store: TableStore, other: TableStore, write: str, faults: list[Fault]
) -> None:
    proxy.spoil(write, *faults)
    assert store.commit(SECOND, arm=[LATER], disarm=[ROW], spending=Spending("token", 1, NOW))
    assert SECOND == other.load(ID)
    assert [LATER] == other.rows()
    assert store.commit(owing(case(version=3)))


@pytest.mark.parametrize("fault", [*DONE, DONE_BUT_CONFLICT])
@pytest.mark.parametrize("new", [True, False])
def test_a_commit_that_was_written_is_recognised_whatever_was_answered(
    proxy: TableProxy, store: TableStore, other: TableStore, fault: Fault, new: bool
) -> None:
    made = owing(case("x" * 22)) if new else SECOND
    proxy.spoil("POST cases" if new else "PUT cases", fault, fault)
    assert store.commit(made, arm=[LATER])
    assert made == other.load(made.request.id)
    assert store.commit(replace(made, version=made.version + 1, commit_id="next"))


@pytest.mark.parametrize("fault", UNDONE)
def test_a_commit_that_was_not_written_is_an_outage_and_leaves_its_row(
    proxy: TableProxy, store: TableStore, other: TableStore, fault: Fault
) -> None:
    proxy.spoil("PUT cases", fault, fault)
    with pytest.raises(Outage, match="the storage account"):
        store.commit(SECOND, arm=[LATER])
    assert CASE == other.load(ID)
    assert {ROW, LATER} == set(other.rows())
    assert store.commit(SECOND, arm=[LATER], disarm=[ROW])


def test_where_nobody_can_look_it_is_an_outage_though_it_was_written(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    proxy.spoil("PUT cases", DONE_BUT_CUT, DONE_BUT_CUT)
    proxy.spoil("GET cases", CUT, CUT)
    with pytest.raises(Outage, match="does not answer"):
        store.commit(SECOND, arm=[LATER], disarm=[ROW])
    assert SECOND == other.load(ID) == store.load(ID)
    assert {ROW, LATER} == set(other.rows())


def test_what_another_wrote_in_the_meantime_is_not_taken_for_ones_own(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    proxy.spoil("PUT cases", *[CUT] * 4)
    theirs = owing(case(version=2, by="theirs"))
    proxy.before = once("PUT cases", lambda: other.commit(theirs))
    assert not store.commit(SECOND, arm=[LATER])
    assert theirs == store.load(ID)
    assert [ROW] == other.rows()


def test_where_others_have_committed_on_top_the_rows_stay_for_the_round(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    """Whether ours was among them cannot be known: if it was, only its row leads to what it owes."""
    proxy.spoil("PUT cases", DONE_BUT_CUT, DONE_BUT_CUT)
    proxy.before = once("GET cases", lambda: other.commit(owing(case(version=3, by="theirs"))))
    assert not store.commit(SECOND, arm=[LATER])
    assert {ROW, LATER} == set(other.rows())
    assert store.commit(owing(case(version=4)))


def test_an_answer_of_conflict_that_nobody_wrote_is_tried_again_by_the_caller(
    proxy: TableProxy, store: TableStore
) -> None:
    proxy.spoil("PUT cases", CONFLICT)
    assert not store.commit(SECOND)
    assert CASE == store.load(ID)
    assert store.commit(SECOND)


def test_nothing_is_committed_where_its_row_could_not_be_written(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    for request, row in ((r"POST \$batch", LATER), ("PUT due", PARKED)):
        proxy.spoil(request, CUT, CUT)
        with pytest.raises(Outage):
            store.commit(SECOND, arm=[row])
    assert CASE == other.load(ID)
    assert [ROW] == other.rows()


@pytest.mark.parametrize("fault", [*DONE, DONE_BUT_CONFLICT])
def test_what_was_spent_and_not_said_so_is_spent_again_rather_than_forgotten(
    proxy: TableProxy, store: TableStore, other: TableStore, fault: Fault
) -> None:
    proxy.spoil(r"POST \$batch", fault)
    assert store.commit(SECOND, arm=[LATER], spending=Spending("token", 1, NOW))
    assert 2 == sum(calls for _, calls in other.bucket("token").cells)


def test_a_row_that_cannot_be_removed_now_is_left_to_the_round(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    proxy.spoil("DELETE due", *[UNAVAILABLE] * 4)
    assert store.commit(SECOND, arm=[LATER, ENDS], disarm=[ROW, replace(ENDS, due_at=NOW + 1)])
    assert {ROW, LATER} == set(other.rows())
    proxy.spoil("PUT cases", *[CUT] * 4)
    proxy.spoil("DELETE due", CUT, CUT)
    theirs = owing(case(version=3, by="theirs"))
    proxy.before = once("PUT cases", lambda: other.commit(theirs))
    assert not store.commit(owing(case(version=3)), arm=[replace(LATER, nonce="c5.0")])
    assert 3 == len(other.rows())


def test_a_parked_row_that_cannot_be_removed_is_told_to_the_operator(
    proxy: TableProxy, store: TableStore, other: TableStore
) -> None:
    assert store.commit(SECOND, arm=[PARKED])
    proxy.spoil("DELETE due", CUT, CUT)
    with pytest.raises(Outage):
        store.commit(owing(case(version=3)), disarm=[PARKED])
    assert PARKED in other.rows()
    assert store.commit(owing(case(version=4)), disarm=[PARKED])
    assert [ROW] == other.rows()


@pytest.mark.parametrize("fault", [*DONE, DONE_BUT_CONFLICT])
def test_a_claim_and_a_lead_that_were_written_are_ones_own(
    proxy: TableProxy, store: TableStore, other: TableStore, fault: Fault
) -> None:
    proxy.spoil(r"POST \$batch", fault)
    assert "mine" == store.claim("key", "mine", now=NOW, until=NOW + 60)
    mark = Mark(NOW, "a")
    store.join(GROUP, mark)
    proxy.spoil("POST groups", fault)
    assert (mark, [mark]) == store.lead(GROUP, mark)
    newer = Mark(NOW + 1, "b")
    proxy.spoil("PUT groups", fault)
    assert (newer, [mark]) == store.lead(GROUP, newer)
    assert newer == other.newest(GROUP)


@pytest.mark.parametrize("fault", DONE)
def test_a_case_that_was_removed_without_an_answer_is_gone(
    proxy: TableProxy, store: TableStore, other: TableStore, fault: Fault
) -> None:
    proxy.spoil("DELETE cases", fault)
    assert store.remove(CASE, [ROW])
    assert other.load(ID) is None
    assert [] == other.rows()


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
        assert make().commit(CASE, arm=[ROW])
        assert born_at == make().born_at()


def test_an_account_that_forgets_what_it_was_told_is_an_outage(proxy: TableProxy, storage: Storage) -> None:
    gone = Fault(forward=False, status=404)
    with stores.tables(storage) as make:
        proxy.spoil("GET marks", gone, gone)
        with pytest.raises(Outage, match="does not keep what is written to it"):
            make().born_at()
        assert NOW + 1 == make().born_at()


def once(request: str, do: Callable[[], object]) -> Callable[[str], None]:
    """Return what does something as the first request of a kind arrives."""
    left = [do]

    def before(arriving: str) -> None:
        if arriving == request and left:
            assert left.pop()()

    return before


def calls(store: TableStore) -> list[Callable[[], object]]:
    return [
        lambda: store.load("x"),
        lambda: store.commit(case("x" * 22)),
        lambda: store.commit(SECOND, arm=[LATER]),
        lambda: store.remove(CASE, [ROW]),
        lambda: store.bucket("token"),
        lambda: store.close_bucket("token", NOW),
        lambda: store.due(NOW, 1),
        lambda: store.queue(GROUP),
        store.rows,
        lambda: store.lives(NOW, 1),
        lambda: store.drop_row(ROW),
        lambda: store.released(GROUP),
        lambda: store.join(GROUP, Mark(NOW, "a")),
        lambda: store.lead(GROUP, Mark(NOW, "a")),
        lambda: store.newest(GROUP),
        lambda: store.leave(GROUP, Mark(NOW, "a")),
        lambda: store.mark_round(NOW),
        store.last_round,
        lambda: store.claim("k", "v", now=NOW, until=NOW + 1),
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


# On the whole road


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock, storage: Storage) -> Iterator[road.Road]:
    settings = {"AzureWebJobsStorage": storage.connection, "RELAY_TABLE_PREFIX": storage.prefix}
    with road.made(tmp_path, httpx_mock, RELAY_STORE="tables", **settings) as made:
        yield made


@pytest.mark.parametrize("fault", [*DONE, DONE_BUT_CONFLICT])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("request_", ["POST cases", "PUT cases", r"POST \$batch", "PUT due"])
def test_a_click_whose_write_was_not_answered_releases_once(
    proxy: TableProxy, here: road.Road, httpx_mock: HTTPXMock, fault: Fault, times: int, request_: str
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True, is_optional=True)
    here.world.store.born_at()
    proxy.spoil(request_, *[fault] * times)
    request = road.offline()
    status, code = road.outcome(here.press("ada", "approve", road.ticket(request)))
    proxy.mend()
    if code == "busy":
        assert 503 == status
        status, code = road.outcome(here.press("ada", "approve", road.ticket(request)))
    assert (200, "released") == (status, code)
    here.ahead = 7_400  # rows that no debt knows are dropped two hours after they were due
    here.round()
    here.round()
    assert 1 == len(road.dispatched(httpx_mock))
    assert "delivered" == here.case(request.id).debts[0].status
    assert [] == here.world.store.rows()


def test_an_approval_that_could_not_be_recorded_as_sent_is_found_by_the_round(
    proxy: TableProxy, here: road.Road, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    here.world.store.born_at()
    proxy.spoil("PUT cases", *[CUT] * 4)
    request = road.offline()
    assert (200, "released") == road.outcome(here.press("ada", "approve", road.ticket(request)))
    assert "owed" == here.case(request.id).debts[0].status
    here.ahead = 60
    assert 1 == here.round()
    assert 2 == len(road.dispatched(httpx_mock))  # at least once; the two bear the same approval id
