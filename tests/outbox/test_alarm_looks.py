"""The looks at the relay's health that tell operators: at each call of health, and every five minutes of the timer."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.functions.timer import TimerRequest
from pytest_httpx import HTTPXMock

from relay import app, health
from relay.azure_functions import timers
from tests.outbox.test_alarm import POLICY
from tests.support import road, this_process

URL = "https://hooks.example/relay"
HOOK = f"events:whsec_{'A' * 32}:{URL}"


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> Iterator[pytest.MonkeyPatch]:
    httpx_mock.add_response(url="https://api.github.com/rate_limit", status_code=401, json={"message": "Bad"})
    with this_process.set_up(tmp_path, monkeypatch):
        monkeypatch.setenv("RELAY_POLICY", POLICY)
        monkeypatch.setenv("RELAY_HOOKS", HOOK)
        monkeypatch.setattr("relay.app.running._ALARM_MEMORY", {})
        monkeypatch.setattr(timers, "_DONE_AT", {})
        yield monkeypatch


def test_a_call_of_health_tells_a_receiver(environ: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, method="POST", status_code=204)
    assert "degraded" == road.said(health.health())["status"]
    health.health()
    (sent,) = httpx_mock.get_requests(url=URL)
    event = json.loads(sent.content)
    assert ("relay.failing", "relay-github-failing") == (event["type"], event["subject"])
    assert ["reason"] == [*event["data"]]
    assert event["data"]["reason"].startswith("github: GitHub: it does not accept")


def test_the_timer_looks_every_five_minutes(environ: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL, method="POST", status_code=204)
    timers.pay(TimerRequest())
    timers.pay(TimerRequest())
    assert 1 == len(httpx_mock.get_requests(url="https://api.github.com/rate_limit"))
    app.relay().store.close()
