"""A visitor of the pages of a relay whose people sign in at Entra, unless the test has a road of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.sign_in.visitor import ENTRA, Visitor
from tests.support.road import Road, made


@pytest.fixture
def road(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Road]:
    with made(tmp_path, httpx_mock, **ENTRA) as here:
        yield here


@pytest.fixture
def visitor(road: Road) -> Visitor:
    return Visitor(road)
