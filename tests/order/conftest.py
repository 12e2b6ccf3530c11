"""A road where nobody really waits, and a GitHub that says when it was told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests import queues, road


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with queues.made(tmp_path, httpx_mock) as made:
        queues.never_pausing(made)
        queues.waiting(made, 0.0)
        yield made


@pytest.fixture
def github(httpx_mock: HTTPXMock) -> queues.GitHub:
    return queues.GitHub(httpx_mock)
