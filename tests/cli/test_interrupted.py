"""Commands that wait and get a signal: their request is cancelled, and the truth is told of one that cannot be."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import ASK, RELAY
from tests.cli.sending import CREATED, WEBHOOK
from tests.cli.sending import ENV as SENDING
from tests.cli.waiting import ENV, ID, JOB, LINK, Answer, FakeRelay, outputs, review, sends, stands

CANCELLED = stands("cancelled", cancelled_by="key:ci")
DECIDED = httpx.Response(409, json={"error": "already-decided", "message": "The request is decided."})
INT, TERM = signal.SIGINT, signal.SIGTERM
SIGNALS = [*filter(None, (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGBREAK")))]
CANCEL = f"{RELAY}/api/requests/{ID}/cancel"


@pytest.fixture(autouse=True)
def handlers_stay() -> Iterator[None]:
    """Check that a command leaves the handlers of the process as they were."""
    kept = signal.signal(INT, signal.default_int_handler)  # a shell has tests in the background ignore it
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    assert before == [signal.getsignal(number) for number in SIGNALS]
    signal.signal(INT, kept)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("while_asked", [True, False])
def test_a_signal_cancels_the_request(httpx_mock: HTTPXMock, number: signal.Signals, while_asked: bool) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands())], [CANCELLED], [(60, number)], while_asked=while_asked)
    result = relay.wait("--cancel-on-interrupt")
    assert 3 == result.exit_code, result.output
    assert f"Interrupted ({number.name}): the request is cancelled." in result.stderr.splitlines()
    assert "Cancelled by key:ci: the request was withdrawn." in result.stderr
    assert relay.passed < 80


def test_the_cancelled_step_has_its_outputs(httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands())], [CANCELLED], [(400, INT)])
    result = relay.wait("--cancel-on-interrupt", env=JOB | {"GITHUB_OUTPUT": f"{tmp_path}/output"})
    assert 3 == result.exit_code
    assert {"decision": "", "status": "cancelled"} == outputs((tmp_path / "output").read_text("utf-8"))
    assert "Authorization" in httpx_mock.get_requests(url=CANCEL)[0].headers


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (stands("approved", review("Ada"), dispatch=sends("delivered")), 0),
        (stands("rejected", review("Ada", "reject")), 3),
        (stands("expired"), 3),
        (stands("superseded"), 3),
    ],
)
def test_a_cancel_that_meets_an_end_tells_it(httpx_mock: HTTPXMock, ended: dict[str, Any], code: int) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands()), (5, ended)], [DECIDED], [(5, INT)])
    result = relay.wait("--cancel-on-interrupt")
    assert code == result.exit_code, result.output
    assert f"Interrupted (SIGINT), but the request had ended before: {ended['status']}." in result.stderr.splitlines()


@pytest.mark.parametrize("first", [httpx.ReadTimeout, httpx.Response(503, json={"error": "busy"})])
def test_a_cancel_without_an_answer_is_sent_again(httpx_mock: HTTPXMock, first: Answer) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands())], [first, CANCELLED], [(1, INT)])
    assert 3 == relay.wait("--cancel-on-interrupt").exit_code
    assert 2 == len(httpx_mock.get_requests(url=CANCEL))


def test_a_relay_that_is_away_is_not_waited_for_longer_than_the_runner_waits(httpx_mock: HTTPXMock) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands())], [httpx.ConnectError] * 9, [(2, INT)])
    result = relay.wait("--cancel-on-interrupt")
    assert 1 == result.exit_code
    assert "Interrupted (SIGINT). The relay could not be reached (ConnectError): whether" in result.stderr
    assert f"`relay cancel {ID}` withdraws it." in result.stderr
    assert relay.passed < 7.5
    timeouts = httpx_mock.get_requests(url=CANCEL)[0].extensions["timeout"]
    assert {3.0} == set(timeouts.values())


def test_a_busy_relay_is_told_as_it_is(httpx_mock: HTTPXMock) -> None:
    busy = httpx.Response(503, json={"error": "busy", "message": "The store does not answer."})
    relay = FakeRelay(httpx_mock, [(0, stands())], [busy] * 9, [(1, INT)])
    result = relay.wait("--cancel-on-interrupt")
    assert 1 == result.exit_code
    assert "Interrupted (SIGINT). The request is not cancelled: The relay answered 503 busy" in result.stderr


def test_a_second_signal_ends_the_command_at_once(httpx_mock: HTTPXMock) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands())], [httpx.ConnectError] * 9, [(1, INT), (1.5, TERM)])
    result = relay.wait("--cancel-on-interrupt")
    assert 1 == result.exit_code
    assert "Interrupted (SIGINT), and again (SIGTERM): whether the request is cancelled is not known" in result.stderr


def test_a_request_that_another_program_made_is_left_alone(httpx_mock: HTTPXMock) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands())], [], [(60, INT)])
    assert 1 == relay.wait().exit_code
    assert [] == httpx_mock.get_requests(url=CANCEL)


# relay send --wait


def sending(httpx_mock: HTTPXMock, **relay: Any) -> FakeRelay:
    """Return a relay that registers requests, and a webhook. A signal at second 0 comes while it registers."""
    made = FakeRelay(httpx_mock, **relay)

    def register(_: httpx.Request) -> httpx.Response:
        made._raise_signals(0)
        return httpx.Response(201, json=CREATED)

    httpx_mock.add_callback(register, method="POST", url=f"{RELAY}/api/requests")
    return made


@pytest.mark.parametrize("timeout", [(), ("--timeout", "2h")])
def test_send_waits_for_the_end(httpx_mock: HTTPXMock, tmp_path: Path, timeout: tuple[str, ...]) -> None:
    approved = stands("approved", review("Ada"), dispatch=sends("delivered"))
    relay = sending(httpx_mock, plan=[(0, stands()), (100, approved)])
    httpx_mock.add_response(url=WEBHOOK, status_code=202)
    env = SENDING | {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": f"{tmp_path}/output"}
    result = relay.run("send", *ASK, "--wait", *timeout, env=env)
    assert 0 == result.exit_code, result.output
    assert [
        f"Sent. Request {ID}",
        "It waits for approval until 2026-09-22T14:13:20Z.",
        f"Requested, stage release: {LINK}",
        f"Reviewed by Ada: approve, stage release: {LINK}",
        f"Approved: {LINK}",
        f"Dispatch delivered: {LINK}",
    ] == result.stdout.splitlines()
    assert {
        "request-id": ID,
        "expires-at": "2026-09-22T14:13:20Z",
        "review-url": LINK,
        "decision": "approved",
        "status": "approved",
    } == outputs((tmp_path / "output").read_text("utf-8"))


def test_a_signal_while_the_request_is_registered_cancels_it_before_its_card_is_posted(httpx_mock: HTTPXMock) -> None:
    relay = sending(httpx_mock, plan=[(0, stands())], cancels=[CANCELLED], signals=[(0, INT)])
    result = relay.run("send", *ASK, "--wait", env=SENDING)
    assert 3 == result.exit_code, result.output
    assert [] == httpx_mock.get_requests(url=WEBHOOK)
    assert 1 == len(httpx_mock.get_requests(url=CANCEL))


def test_a_signal_while_the_card_is_posted_cancels_the_request(httpx_mock: HTTPXMock) -> None:
    relay = sending(httpx_mock, plan=[(0, stands())], cancels=[CANCELLED], signals=[(1, TERM)])
    httpx_mock.add_response(url=WEBHOOK, status_code=503)
    result = relay.run("send", *ASK, "--wait", env=SENDING)
    assert 3 == result.exit_code, result.output
    assert "Interrupted (SIGTERM): the request is cancelled." in result.stderr


def test_a_second_signal_while_the_request_is_registered_ends_the_command(httpx_mock: HTTPXMock) -> None:
    relay = sending(httpx_mock, plan=[(0, stands())], signals=[(0, INT), (0, TERM)])
    assert 1 == relay.run("send", *ASK, "--wait", env=SENDING).exit_code


def test_without_wait_nothing_is_asked_after_the_card(httpx_mock: HTTPXMock) -> None:
    relay = sending(httpx_mock, plan=[])
    httpx_mock.add_response(url=WEBHOOK, status_code=202)
    assert (0, []) == (relay.run("send", *ASK, env=SENDING).exit_code, relay.looks)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((*ASK, "--wait", "--offline"), "--wait: the relay learns of an offline request at its first press"),
        ((*ASK, "--timeout", "5m"), "--timeout: is how long --wait waits"),
        ((*ASK, "--wait", "--timeout", "soon"), "is a whole number and its unit"),
        (("--repository", "octo/api", "--title", "T", "--wait"), "--event-type: is missing"),
    ],
)
def test_wrong_usage_sends_nothing(httpx_mock: HTTPXMock, arguments: tuple[str, ...], told: str) -> None:
    relay = FakeRelay(httpx_mock, [])
    result = relay.run("send", *arguments, env=SENDING)
    assert 2 == result.exit_code
    assert told in result.stderr
    assert [] == httpx_mock.get_requests()


def test_a_wait_by_key_needs_no_token(httpx_mock: HTTPXMock) -> None:
    relay = FakeRelay(httpx_mock, [(0, stands())], [CANCELLED], [(3, INT)])
    assert 3 == relay.wait("--cancel-on-interrupt", env=JOB | ENV).exit_code
    assert 0 == relay.tokens
