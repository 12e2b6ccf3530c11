"""The review page's road, with a GitHub that takes everything where a test asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.support.road import DISPATCHES, Road, made


@pytest.fixture
def road(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Road]:
    with made(tmp_path, httpx_mock, RELAY_SIGN_IN="app-service") as here:
        yield here


@pytest.fixture
def github(httpx_mock: HTTPXMock) -> HTTPXMock:
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=204, is_optional=True, is_reusable=True)
    return httpx_mock
