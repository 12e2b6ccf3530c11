"""What the simulator makes of a relay that does not answer, or not as it should."""

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.dev.simulator.answers import NotTaken
from relay.dev.simulator.relay_api import RelayApi, read_object

RELAY = "http://127.0.0.1:7071"


@pytest.mark.parametrize(
    ("answer", "status", "message"),
    [
        (httpx.Response(401, json={"error": "not-genuine", "message": "Unknown key."}), 502, "Unknown key."),
        (httpx.Response(200, json={"id": "x"}), 502, "The relay answers 200."),
        (httpx.Response(503, text="<html>"), 503, "The relay answers 503."),
        (httpx.Response(500, json=["x"]), 500, "The relay answers 500."),
    ],
)
def test_a_request_that_is_not_made_is_told_and_never_as_the_pages_own_fault(
    httpx_mock: HTTPXMock, answer: httpx.Response, status: int, message: str
) -> None:
    httpx_mock.add_response(status_code=answer.status_code, content=answer.content)
    relay = RelayApi(RELAY, "key")
    with pytest.raises(NotTaken) as caught:
        relay.register({"title": "T"})
    assert (status, message, "") == (caught.value.status, caught.value.message, caught.value.field)
    relay.close()


def test_a_relay_that_cannot_be_reached_is_one_that_does_not_answer(httpx_mock: HTTPXMock) -> None:
    for _ in range(3):
        httpx_mock.add_exception(httpx.ConnectError("refused"))
    relay = RelayApi(RELAY, "key")
    assert 504 == relay.press({}, "half \ud800").status_code
    assert None is relay.request("abc")
    with pytest.raises(NotTaken, match="The relay answers 504"):
        relay.register({})
    relay.close()


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"a": NaN}', b"\xff"])
def test_what_is_no_json_object_is_read_as_an_empty_one(body: bytes) -> None:
    assert {} == read_object(httpx.Response(200, content=body))
