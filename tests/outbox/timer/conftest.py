"""Road with the shortest back-offs, and a GitHub that keeps each event."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.support import groups, road


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with groups.made(tmp_path, httpx_mock) as made:
        groups.waiting(made, 0.0)
        yield made
