"""A relay with an operator, whose functions are called by their paths."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay import app
from tests.pages.operator.debts import refuse
from tests.support import example_policy
from tests.support.road import DISPATCHES, Road, made

POLICY = f'operators = ["grace"]\n{example_policy.POLICY}'


@pytest.fixture
def road(tmp_path: Path, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Road]:
    with made(tmp_path, httpx_mock, RELAY_SIGN_IN="app-service", RELAY_POLICY=POLICY) as here:
        monkeypatch.setattr(app, "relay", lambda: here.world)
        yield here


@pytest.fixture
def github(httpx_mock: HTTPXMock) -> HTTPXMock:
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=204, is_optional=True, is_reusable=True)
    return httpx_mock


@pytest.fixture
def refused(road: Road, httpx_mock: HTTPXMock) -> str:
    """Return the id of a request whose dispatch GitHub refused."""
    return refuse(httpx_mock)
