"""`relay wait`, while the relay or the token service is away, refuses or is slow."""

from collections.abc import Iterator
from email.utils import formatdate
from itertools import pairwise

import httpx
import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import RELAY, Sleeper, make_edges, run
from tests.cli.waiting import (
    APPROVED,
    ENV,
    ID,
    JOB,
    NOT_GENUINE,
    Answer,
    FakeRelay,
    sends,
    stands,
)
from tests.support.entra_tokens import NOW

BUSY = httpx.Response(503, json={"error": "busy", "message": "The store does not answer."})
STOPPED = httpx.Response(403, text="<html>This web app is stopped.</html>")


def test_a_relay_that_leaves_after_the_decision_does_not_change_it(httpx_mock: HTTPXMock) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands("approved", dispatch=sends("owed"))), (1, BUSY)])
    assert (0, 20) == (relay.wait().exit_code, relay.looks[-1])


# a relay that is away
@pytest.mark.parametrize(
    ("away", "reason"),
    [
        (BUSY, "The relay answered 503"),
        (httpx.Response(502, text="<html>Bad gateway</html>"), "The relay answered 502"),
        (httpx.Response(429, json={"error": "too-many"}), "The relay answered 429"),
        (STOPPED, "The relay answered 403"),
        (httpx.Response(404, text=""), "The relay answered 404"),
        (httpx.Response(200, text="<html>Deploying</html>"), "The relay answered 200"),
        (httpx.Response(200, json={"welcome": True}), "The relay answered 200"),
        (httpx.ConnectError, "The relay could not be reached (ConnectError)"),
        (httpx.ReadTimeout, "The relay could not be reached (ReadTimeout)"),
    ],
)
def test_a_relay_that_is_away_for_five_minutes_is_outlasted(httpx_mock: HTTPXMock, away: Answer, reason: str) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands()), (10, away), (310, stands()), (400, APPROVED)])
    result = relay.wait()
    assert 0 == result.exit_code, result.stderr
    assert [
        f"Note: {reason}. It is asked again, for 10 minutes at most.",
        "The relay answers again.",
    ] == result.stderr.splitlines()
    away_looks = [at for at in relay.looks if 10 <= at < 310]
    assert 10 < len(away_looks) < 20
    assert 30 == max(later - earlier for earlier, later in pairwise(away_looks))


def test_it_is_outlasted_from_the_first_look_on(httpx_mock: HTTPXMock) -> None:
    assert 0 == FakeRelay(httpx_mock, [(0, httpx.ConnectError), (200, BUSY), (300, APPROVED)]).wait().exit_code


@pytest.mark.parametrize("away", [BUSY, httpx.ConnectError])
def test_a_relay_that_stays_away_ends_the_wait_after_ten_minutes(httpx_mock: HTTPXMock, away: Answer) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands()), (10, away)])
    result = relay.wait()
    assert 1 == result.exit_code
    assert 610 <= relay.looks[-1] < 650
    assert f"The request is not cancelled, and its state is not known here: `relay status {ID}`" in result.stderr


def test_a_wait_that_is_over_while_the_relay_is_away_does_not_say_that_the_request_is_pending(
    httpx_mock: HTTPXMock,
) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands()), (10, BUSY)])
    result = relay.wait("--timeout", "60s")
    assert (1, 60) == (result.exit_code, relay.looks[-1])
    assert "its state is not known here" in result.stderr


@pytest.mark.parametrize("retry_after", ["120", formatdate(NOW + 122, usegmt=True)])
def test_the_pause_that_the_relay_asks_for_is_kept(httpx_mock: HTTPXMock, retry_after: str) -> None:
    busy = httpx.Response(429, headers={"Retry-After": retry_after}, json={"error": "too-many"})
    relay = FakeRelay(httpx_mock, [(0, stands()), (1, busy), (3, APPROVED)])
    assert 0 == relay.wait().exit_code
    assert [0, 2, 122] == relay.looks


@pytest.mark.parametrize("answer", [STOPPED, httpx.Response(404, text=""), httpx.Response(200, json={"a": 1})])
def test_a_server_that_never_was_a_relay_is_not_waited_for(httpx_mock: HTTPXMock, answer: Answer) -> None:
    relay = FakeRelay(httpx_mock, [(0, answer)])
    assert (1, [0]) == (relay.wait().exit_code, relay.looks)


@pytest.mark.parametrize(("status", "code"), [(404, "unknown-request"), (401, "not-genuine"), (403, "not-allowed")])
def test_a_refusal_ends_the_wait_at_once(httpx_mock: HTTPXMock, status: int, code: str) -> None:
    refused = httpx.Response(status, json={"error": code, "message": "Not known."})
    relay = FakeRelay(httpx_mock, [(0, stands()), (1, refused)])
    result = relay.wait()
    assert (1, [0, 2]) == (result.exit_code, relay.looks)
    assert f"The relay answered {status} {code}: Not known." in result.stderr


# the token of the job
def test_a_token_that_grows_old_is_renewed(httpx_mock: HTTPXMock) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands()), (1_000, APPROVED)])
    result = relay.wait(env=JOB)
    assert 0 == result.exit_code, result.stderr
    assert 4 == relay.tokens
    assert "::add-mask::0.token" in result.stderr.splitlines()


def test_a_token_that_ended_before_its_time_is_renewed_once(httpx_mock: HTTPXMock) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands()), (2, httpx.Response(401, json=NOT_GENUINE))])
    result = relay.wait(env=JOB)
    assert (1, [0, 2, 2], 2) == (result.exit_code, relay.looks, relay.tokens)
    assert "The relay answered 401 not-genuine" in result.stderr


def test_a_token_service_that_is_away_is_outlasted_too(httpx_mock: HTTPXMock) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands()), (600, APPROVED)], service_away=(240, 540))
    result = relay.wait(env=JOB)
    assert 0 == result.exit_code, result.stderr
    assert "Note: GitHub's token service answered 503. It is asked again" in result.stderr


def test_a_body_that_comes_too_slowly_is_given_up(httpx_mock: HTTPXMock) -> None:
    clock = Sleeper()

    class Slow(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(100):
                clock.at += 5
                yield b" "

    httpx_mock.add_response(url=f"{RELAY}/api/requests/{ID}", stream=Slow())
    httpx_mock.add_response(url=f"{RELAY}/api/requests/{ID}", json=APPROVED)
    result = run("wait", ID, env=ENV, context=make_edges(clock))
    assert 0 == result.exit_code
    assert "The relay could not be reached (ReadTimeout)" in result.stderr
    assert clock.at - NOW == 25 + 2
