"""A timer that never comes: a call of health runs the round."""

import logging
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from azure.functions import HttpRequest
from pytest_httpx import HTTPXMock

from relay import app
from relay.azure_functions import operators
from relay.errors import Outage
from relay.model.case import Case
from relay.model.delivery import Reply
from relay.outbox.timer import TimerRun
from relay.store import codec
from relay.store.sqlite.store import SqliteStore
from tests.support import entra_tokens, road
from tests.support.health import LIMITS, detail, set_up, told


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> Iterator[pytest.MonkeyPatch]:
    with set_up(tmp_path, monkeypatch, httpx_mock) as changed_by_tests:
        yield changed_by_tests


@dataclass
class Clock:
    """The time of the whole process, moved on by a test."""

    ahead: float = 0.0


@pytest.fixture
def clock(environ: pytest.MonkeyPatch) -> Clock:
    found, real = Clock(), time.time
    environ.setattr(time, "time", lambda: real() + found.ahead)
    return found


def asked(**query: str) -> Reply:
    answer = operators.health(HttpRequest("GET", "/api/health", params=query, body=b""))
    return Reply(answer.status_code, dict(answer.headers), answer.get_body())


def test_a_round_is_run_where_the_last_one_is_older_than_two_minutes_and_health_tells_it(
    environ: pytest.MonkeyPatch, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    store_ = app.relay().store
    store_.mark_round(time.time())
    for ahead, runs in ((119, False), (121, True), (240, False), (400, True)):
        clock.ahead = ahead
        before = store_.last_round()
        reply = asked(round="1")
        assert (200, "ok") == told(reply)[:2]
        assert runs == (store_.last_round() != before)
        assert runs == ("this call ran the round" in detail(reply, "timer"))
        assert runs == ("late" in caplog.text)
        caplog.clear()


@pytest.mark.parametrize("query", [{}, {"round": "0"}, {"round": "true"}, {"rounds": "1"}])
def test_without_round_1_nothing_is_run_and_a_stopped_timer_is_failing(
    query: dict[str, str], environ: pytest.MonkeyPatch, clock: Clock
) -> None:
    app.relay().store.mark_round(time.time())
    clock.ahead = 400
    assert (503, "failing") == told(asked(**query))[:2]
    assert "ok" == told(asked(round="1"))[2]["timer"]


def test_the_round_of_a_call_is_shorter_than_the_availability_test_waits(
    environ: pytest.MonkeyPatch, clock: Clock
) -> None:
    bounds: list[float] = []

    def run(self: TimerRun) -> int:
        bounds.append(self.time)
        return 0

    environ.setattr(TimerRun, "run", run)
    app.relay().store.mark_round(time.time())
    clock.ahead = 400
    asked(round="1")
    waits = float(re.findall(r"Timeout: (\d+)", (road.ROOT / "infra" / "relay.bicep").read_text("utf-8"))[0])
    assert [20.0] == bounds
    assert 2 * bounds[0] < waits  # cards, notices and the checks come after the last payment


def test_a_relay_that_has_never_had_a_round_counts_from_its_birth(environ: pytest.MonkeyPatch, clock: Clock) -> None:
    born = app.relay().store.born_at()
    assert asked(round="1").status == 200
    assert not app.relay().store.last_round()
    clock.ahead = 130
    asked(round="1")
    assert app.relay().store.last_round() > born + 120


def test_a_round_that_the_store_does_not_bear_is_logged_and_the_store_is_failing(
    environ: pytest.MonkeyPatch, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.ahead = 400

    def fail(_self: object) -> float:
        raise Outage("the store is away", permanent=False)

    environ.setattr(SqliteStore, "last_round", fail)
    assert (503, "failing", "failing") == (*told(asked(round="1"))[:2], told(asked(round="1"))[2]["store"])
    assert "the store is away" in caplog.text


def test_a_timer_that_never_comes_leaves_nothing_owed(
    environ: pytest.MonkeyPatch, clock: Clock, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    """Presses while GitHub is down; then health is asked every five minutes, and no timer ever runs."""
    here = road.Road(app.relay(), tmp_path)
    httpx_mock.add_response(url=entra_tokens.JWKS_URL, json=entra_tokens.jwks(), is_optional=True, is_reusable=True)
    httpx_mock.add_response(url=road.DISPATCHES, status_code=503, is_reusable=True)
    numbers = range(6)
    for number in numbers:
        click = road.click(request=road.offline(nonce=f"{number:022}"))
        assert (200, "approved-retrying") == road.outcome(here.send(click.headers, click.body))
    calls = 0
    while any(owed(here)):
        calls += 1
        clock.ahead += 300
        if calls == 2:  # GitHub is mended
            httpx_mock.reset()
            httpx_mock.add_response(url=LIMITS, json={"resources": {}}, is_optional=True, is_reusable=True)
            httpx_mock.add_response(url=road.DISPATCHES, status_code=204, is_reusable=True)
        assert 200 == asked(round="1").status
        assert calls < 12 * 3, "three hours have passed"
    assert {"delivered"} == {debt.status for case in cases(here) for debt in case.debts}
    assert len(numbers) == len(cases(here))


def cases(here: road.Road) -> list[Case]:
    with closing(sqlite3.connect(here.path / "relay.db")) as file:
        return [codec.decode(body) for (body,) in file.execute("SELECT body FROM cases")]


def owed(here: road.Road) -> Iterator[bool]:
    yield from (debt.status == "owed" for case in cases(here) for debt in case.debts)
