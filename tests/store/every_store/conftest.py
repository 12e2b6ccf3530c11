"""Stores of every kind, one after another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from relay.store.contract import Store
from tests.support import azurite, stores
from tests.support.left_out import may_leave_nothing_out
from tests.support.stores import Make

# Only the modules of the Tables store report that it is left out, in one line.
EVERY = ["sqlite", "memory", *(["tables"] if azurite.is_here() or may_leave_nothing_out() else [])]


@pytest.fixture(params=EVERY)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Yield a function that opens another store on the same file or tables, as another process would."""
    opened = {"sqlite": lambda: stores.sqlite(tmp_path), "memory": stores.memory, "tables": stores.tables}
    with opened[request.param]() as opener:
        yield opener


@pytest.fixture
def store(make: Make) -> Store:
    return make()
