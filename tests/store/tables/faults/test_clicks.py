"""Clicks on the whole road, while the storage account fails: each releases once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.store.tables.account import Storage
from tests.store.tables.faults.faults import DONE
from tests.support import azurite, road
from tests.support.table_proxy import CUT, DONE_BUT_CONFLICT, Fault, TableProxy

azurite.need()


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
