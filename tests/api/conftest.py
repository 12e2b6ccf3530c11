"""A request that was released, for what programs ask and tell afterwards."""

import pytest
from pytest_httpx import HTTPXMock

from tests.api.asking import FORM
from tests.support import road


@pytest.fixture
def released(here: road.Road, httpx_mock: HTTPXMock) -> str:
    """Return the id of a request that was released."""
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    made = road.said(here.ask(FORM))
    here.press("ada", "approve", made["ticket"])
    return str(made["id"])
