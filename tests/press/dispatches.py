"""What GitHub says to every dispatch."""

from typing import Any

from pytest_httpx import HTTPXMock

from tests.support import road


def taken(httpx_mock: HTTPXMock, status: int = 204, **answer: Any) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=status, is_reusable=True, **answer)
