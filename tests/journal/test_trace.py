"""The trace of a call: on each line that it writes, and on the tries of what it came to owe."""

import json
import logging
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.journal.calls import Call, calling
from relay.serve.log_lines import JsonLines
from tests.support import road
from tests.support.logged import logged

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_a_try_hours_later_has_the_trace_of_the_press_that_made_the_debt(
    tmp_path: Path, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "relay")
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=502)
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    with road.made(tmp_path, httpx_mock) as here:
        with calling(Call(lambda _messages: None, TRACE)):
            here.press("ada", "approve", road.ticket(road.offline()))
        assert {TRACE} == {line.get("trace") for line in logged(caplog)}
        caplog.clear()
        here.ahead = 7_200
        with calling(Call(lambda _messages: None, "f" * 32)):  # of another call, which pays what the press left
            here.round()
    delivered = next(line for line in logged(caplog) if line["event"] == "delivered")
    assert TRACE == delivered["trace"]


def test_without_a_trace_there_is_none(tmp_path: Path, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "relay")
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    with road.made(tmp_path, httpx_mock) as here:
        here.press("ada", "approve", road.ticket(road.offline()))
    lines = logged(caplog)
    assert {"press", "delivered"} <= {line["event"] for line in lines}
    assert [] == [line for line in lines if "trace" in line]


def test_a_crash_has_its_stack_beside_the_trace() -> None:
    try:
        raise ValueError("made up")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("relay", logging.ERROR, "x.py", 1, '{"event": "round", "trace": "%s"}', (TRACE,), info)
    line = json.loads(JsonLines().format(record))
    assert (TRACE, "ERROR", True) == (line["trace"], line["level"], "ValueError: made up" in line["stack"])
