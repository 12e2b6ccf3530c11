"""Store in Tables behind a proxy that spoils requests, and another without the proxy."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from relay.store.tables import client
from relay.store.tables.account import Storage
from relay.store.tables.store import TableStore
from tests.support import azurite, stores
from tests.support.stores import CASE, ID, ROW
from tests.support.table_proxy import TableProxy


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAUSE", 0.0)


@pytest.fixture
def proxy() -> Iterator[TableProxy]:
    with TableProxy(azurite.port()) as here:
        yield here


@pytest.fixture
def storage(proxy: TableProxy) -> Storage:
    return stores.new_tables(proxy.port)


@pytest.fixture
def store(storage: Storage) -> Iterator[TableStore]:
    """Yield a store behind the proxy, with a case and its wake-up."""
    with stores.tables(storage) as make:
        here = make()
        assert isinstance(here, TableStore)
        assert here.write_case(CASE, to_set=[ROW])
        assert CASE == here.load(ID)
        yield here


@pytest.fixture
def other(storage: Storage) -> Iterator[TableStore]:
    """Yield another instance, without the proxy."""
    with stores.tables(replace(storage, connection=azurite.connection(azurite.port()))) as make:
        here = make()
        assert isinstance(here, TableStore)
        yield here
