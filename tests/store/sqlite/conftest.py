"""A store in a file that is not there yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from relay.store.sqlite.store import SqliteStore
from tests.support import stores
from tests.support.stores import Make


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "here" / "relay.db"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    with stores.sqlite(tmp_path) as opener:
        yield opener


@pytest.fixture
def store(make: Make) -> SqliteStore:
    here = make()
    assert isinstance(here, SqliteStore)
    return here
