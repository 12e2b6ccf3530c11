import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay import app, health
from relay.model import Reply
from tests.support import road


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Yield the environment of a relay that is set up, for a test to change."""
    with road.set_up(tmp_path, monkeypatch):
        yield monkeypatch


def told(reply: Reply) -> tuple[int, str, dict[str, str]]:
    """Return the status code, the worst status, and the status of each check."""
    body = road.said(reply)
    assert {"status", "checks"} == set(body)
    assert all({"name", "status", "detail"} == set(check) for check in body["checks"])
    return reply.status, body["status"], {check["name"]: check["status"] for check in body["checks"]}


def detail(reply: Reply, name: str) -> str:
    found: list[dict[str, Any]] = [check for check in road.said(reply)["checks"] if check["name"] == name]
    return str(found[0]["detail"])


def test_a_relay_that_works_is_ok(environ: pytest.MonkeyPatch) -> None:
    assert (200, "ok", dict.fromkeys(("settings", "store", "timer", "outbox"), "ok")) == told(health.health())


def test_missing_and_wrong_settings_are_named_and_their_values_are_not_told(
    environ: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    environ.delenv("RELAY_RECEIPT_KEYS")
    environ.setenv("RELAY_TICKET_KEYS", "k1:c2hvcnQtc2VjcmV0")
    environ.setenv("RELAY_API_KEYS", "ci:very-secret-key")
    reply = health.health()
    assert (503, "failing", {"settings": "failing"}) == told(reply)
    assert "wrong or missing: RELAY_API_KEYS, RELAY_RECEIPT_KEYS, RELAY_TICKET_KEYS" == detail(reply, "settings")
    assert "secret" not in caplog.text
    assert "c2hvcnQ" not in caplog.text


def test_a_policy_that_is_none_is_named(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("RELAY_POLICY", "[[rule]]\nbogus = 1")
    assert "wrong or missing: RELAY_POLICY" == detail(health.health(), "settings")


def test_settings_that_this_version_does_not_use_are_degraded(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("RELAY_SLACK_BOT_TOKEN", "xoxb-secret")
    reply = health.health()
    assert (200, "degraded") == told(reply)[:2]
    assert "not used by this version: RELAY_SLACK_BOT_TOKEN" == detail(reply, "settings")


def test_sign_in_that_the_platform_does_not_vouch_for_is_degraded_with_the_cure(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("RELAY_SLACK_BOT_TOKEN", "x")
    here = app.relay()
    environ.setattr(app, "relay", lambda: replace(here, settings=replace(here.settings, sign_in=("not-enabled",))))
    reply = health.health()
    assert (200, "degraded") == told(reply)[:2]
    unused, sign_in = detail(reply, "settings").split("; ")
    assert "not used by this version: RELAY_SLACK_BOT_TOKEN" == unused
    assert sign_in.startswith("RELAY_SIGN_IN has no effect: ")
    assert "Switch it on under Authentication of the app, or set RELAY_SIGN_IN to off" in sign_in


def test_a_store_that_cannot_be_used_is_failing(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("RELAY_STORE", "sqlite:////dev/null/relay.db")
    assert (503, "failing", {"settings": "ok", "store": "failing"}) == told(health.health())


def test_a_timer_that_stopped_is_failing(environ: pytest.MonkeyPatch) -> None:
    app.relay().store.mark_round(time.time() - 400)
    reply = health.health()
    assert (503, "failing") == told(reply)[:2]
    assert "is the timer function disabled?" in detail(reply, "timer")
    app.relay().round().run()
    assert (200, "ok") == told(health.health())[:2]


def test_dispatches_that_were_never_taken_are_degraded(environ: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=404, json={})
    with road.made(Path(app.relay().settings.store.removeprefix("sqlite:///")).parent, httpx_mock) as here:
        here.press("ada", "approve", road.ticket(road.offline()))
    reply = health.health()
    assert (200, "degraded", "degraded") == (*told(reply)[:2], told(reply)[2]["outbox"])
    assert detail(reply, "outbox").startswith("1 dispatches or cards were never taken")
