"""Receipts of approvals, as the released workflow gets them."""

from pytest_httpx import HTTPXMock

from tests.support import road


def receipt_of(here: road.Road, httpx_mock: HTTPXMock) -> str:
    """Approve a request of octo/api, and return the receipt that its dispatch carries."""
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    here.press("ada", "approve", road.ticket(road.offline()))
    return str(road.dispatched(httpx_mock)[-1]["client_payload"]["approval"]["receipt"])
