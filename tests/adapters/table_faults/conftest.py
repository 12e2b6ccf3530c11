"""A store in Tables behind a proxy that spoils what it is told to, and one past it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from relay.adapters import table_client
from relay.adapters.table_store import TableStore
from relay.core.storage import Storage
from tests import azurite
from tests.adapters import stores
from tests.adapters.stores import CASE, ID, ROW
from tests.adapters.table_proxy import TableProxy


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
