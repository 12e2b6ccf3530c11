"""Road of the tests of payment."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.support import road


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with road.made(tmp_path, httpx_mock) as made:
        yield made
