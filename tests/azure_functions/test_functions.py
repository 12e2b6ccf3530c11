import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import azure.functions as func
import pytest
from azure.functions.timer import TimerRequest
from pytest_httpx import HTTPXMock

import function_app
from relay import app
from relay.azure_functions import chats, programs, timers
from tests.support import entra_tokens, road, this_process
from tests.support.logged import logged

IMPORTS = """
import sys, json, function_app
print(json.dumps(sorted({'httpcore', 'httpx', 'pydantic'} & set(sys.modules))))
"""
FORM = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포", "environment": "production"}


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> Iterator[pytest.MonkeyPatch]:
    """Yield the environment of a relay that is set up, for a test to change."""
    httpx_mock.add_response(url=entra_tokens.JWKS_URL, json=entra_tokens.jwks(), is_optional=True)
    with this_process.set_up(tmp_path, monkeypatch):
        yield monkeypatch


def request(
    headers: Mapping[str, str] | None = None, body: bytes = b"", *, method: str = "POST", **route: str
) -> func.HttpRequest:
    return func.HttpRequest(
        method=method, url=f"{road.ORIGIN}/api", headers=dict(headers or {}), route_params=route, body=body
    )


def asked(headers: Mapping[str, str] | None = None) -> dict[str, str]:
    return {"X-Relay-Key": road.API_KEY, "Content-Type": "application/json"} | dict(headers or {})


def said(response: func.HttpResponse) -> Any:
    return json.loads(response.get_body())


def test_importing_the_functions_needs_no_settings_and_imports_no_http_client_and_no_pydantic() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTS],
        cwd=road.ROOT,
        env={},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert [] == json.loads(done.stdout)


def test_building_the_world_imports_them_no_more_than_that(tmp_path: Path) -> None:
    """A cold click waits for every import, and the readers of requests are not for it."""
    script = (
        "import sys, os, function_app\n"
        "from relay import app\n"
        "here = app.relay()\n"
        "here.store.born_at(); here.store.close()\n"
        "assert not {'httpcore', 'httpx', 'pydantic'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=road.ROOT,
        env=road.environ(tmp_path),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)


def test_a_genuine_click_travels_the_whole_road(environ: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    click = road.click()
    headers = {name.title(): value for name, value in click.headers.items()}
    response = function_app.interactions(request(headers, click.body, channel="messagecard"))
    assert (200, "released") == (response.status_code, response.headers["Relay-Outcome"])
    assert "Approve" not in json.dumps(said(response).get("potentialAction", []))


@pytest.mark.parametrize("channel", ["pigeon", "webhook", "MessageCard", "", "../messagecard"])
def test_a_channel_that_is_not_there_is_not_found(environ: pytest.MonkeyPatch, channel: str) -> None:
    response = function_app.interactions(request(channel=channel))
    assert (404, "not-found") == (response.status_code, said(response)["error"])


@pytest.mark.parametrize("channel", ["pigeon", "messagecard", "outlook", "Slack", ""])
def test_a_chat_that_brings_no_commands_is_not_found(environ: pytest.MonkeyPatch, channel: str) -> None:
    response = function_app.commands(request(channel=channel))
    assert (404, "not-found") == (response.status_code, said(response)["error"])


def test_a_command_takes_its_own_address(environ: pytest.MonkeyPatch) -> None:
    unsigned = function_app.commands(request({}, b"command=%2Frelay&text=help", channel="slack"))
    assert (401, b"", "not-genuine") == (
        unsigned.status_code,
        unsigned.get_body(),
        unsigned.headers["Relay-Outcome"],
    )
    checked = function_app.commands(request({}, b"token=x&ssl_check=1", channel="slack"))
    assert (200, b"") == (checked.status_code, checked.get_body())


def test_requests_are_made_shown_and_cancelled(environ: pytest.MonkeyPatch) -> None:
    made = function_app.make_request(request(asked(), json.dumps(FORM).encode()))
    assert 201 == made.status_code
    identifier = said(made)["id"]
    shown = function_app.show_request(request(asked(), method="GET", id=identifier))
    assert (200, "pending") == (shown.status_code, said(shown)["status"])
    early = function_app.report_run(request(asked(), b'{"state": "success"}', id=identifier))
    assert (409, "not-dispatched") == (early.status_code, said(early)["error"])
    cancelled = function_app.cancel_request(request(asked(), id=identifier))
    assert (200, "cancelled") == (cancelled.status_code, said(cancelled)["status"])


def test_a_plain_card_is_dispatched(environ: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.SITE_DISPATCHES, method="POST", status_code=204)
    response = function_app.run_action(request(body=b'{"event_type": "publish"}'))
    assert (202, "released") == (response.status_code, response.headers["Relay-Outcome"])
    assert b'{"event_type": "publish"}' == response.get_body()


def test_the_keys_and_the_health_are_published(environ: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url="https://api.github.com/rate_limit", json={})
    published = function_app.keys(request(method="GET"))
    assert (200, app.relay().key_set) == (published.status_code, said(published))
    assert "public, max-age=300" == published.headers["Cache-Control"]
    assert (200, "ok") == (
        function_app.health(request(method="GET")).status_code,
        said(function_app.health(request(method="GET")))["status"],
    )


def test_the_timer_runs_a_round(environ: pytest.MonkeyPatch) -> None:
    before = time.time()
    function_app.pay(TimerRequest())
    assert before <= app.relay().store.last_round()


@pytest.mark.parametrize(
    ("name", "value"), [("RELAY_STORE", "sqlite:////dev/null/relay.db"), ("RELAY_POLICY", "x = 1")]
)
def test_a_round_that_fails_is_logged_and_tried_again(
    environ: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, value: str
) -> None:
    environ.setenv(name, value)
    function_app.pay(TimerRequest())
    (line,) = logged(caplog)
    assert ("round", "failed", True) == (line["event"], line["outcome"], bool(line["reason"]))


def test_an_idle_timer_writes_a_line_every_five_minutes_and_no_more(
    environ: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "relay")
    environ.setattr(timers, "_DONE_AT", {})
    now = [1_000.0]
    environ.setattr(time, "monotonic", lambda: now[0])
    for seconds, lines in ((0, 1), (299, 1), (2, 2)):
        now[0] += seconds
        function_app.pay(TimerRequest())
        assert [("round", "done", 0)] * lines == [
            (line["event"], line["outcome"], line["tried"]) for line in logged(caplog)
        ]


def test_without_settings_a_click_is_busy_in_the_form_of_its_chat(
    environ: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environ.delenv("RELAY_TICKET_KEYS")
    click = road.click()
    response = chats.interaction(request(click.headers, click.body, channel="messagecard"))
    assert (503, "busy") == (response.status_code, response.headers["Relay-Outcome"])
    assert response.headers["CARD-ACTION-STATUS"].isascii()
    assert "CARD-UPDATE-IN-BODY" not in response.headers
    reason = "RELAY_TICKET_KEYS is missing; `relay keys new` makes one"
    assert [{"event": "settings", "outcome": "wrong", "reason": reason}] == logged(caplog)


@pytest.mark.parametrize(
    "work",
    [
        programs.make_request,
        programs.show_request,
        programs.cancel_request,
        programs.report_run,
        programs.github_webhook,
        programs.run_action,
        programs.keys,
    ],
)
def test_without_settings_a_program_is_told_to_come_again(
    environ: pytest.MonkeyPatch, work: Callable[[func.HttpRequest], func.HttpResponse]
) -> None:
    environ.delenv("RELAY_TICKET_KEYS")
    response = work(request(asked(), id="a"))
    assert (503, "busy") == (response.status_code, said(response)["error"])


def test_settings_that_were_mended_work_without_a_restart(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("RELAY_TICKET_KEYS", "")
    assert 503 == programs.keys(request()).status_code
    environ.setenv("RELAY_TICKET_KEYS", road.environ(Path())["RELAY_TICKET_KEYS"])
    assert 200 == programs.keys(request()).status_code
