"""A relay with rules for protected environments."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.support import gates
from tests.support.gates import Here


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Here]:
    with gates.made(tmp_path, httpx_mock) as made:
        yield made
