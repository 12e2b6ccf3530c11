"""The road of the tests with a bot in its chats."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.support import road
from tests.support.fake_chat import Chat, joined


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with road.made(tmp_path, httpx_mock) as world:
        yield world


@pytest.fixture
def chat(here: road.Road) -> Chat:
    return joined(here)
