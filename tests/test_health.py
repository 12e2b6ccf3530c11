import logging
import os
import sqlite3
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from azure.functions import HttpRequest
from pytest_httpx import HTTPXMock

from relay import __version__, app, health
from relay.azure_functions import operators
from relay.model.values import iso
from relay.settings import Settings
from relay.store.sqlite import file, writer
from tests.support import example_policy, road, this_process
from tests.support.health import LIMITS, changed, detail, set_up, told

CHECKS = ("settings", "store", "timer", "outbox", "threads", "people", "github", "clock", "hooks")


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> Iterator[pytest.MonkeyPatch]:
    with set_up(tmp_path, monkeypatch, httpx_mock) as changed_by_tests:
        yield changed_by_tests


def test_a_relay_that_works_is_ok(environ: pytest.MonkeyPatch) -> None:
    assert (200, "ok", dict.fromkeys(CHECKS, "ok")) == told(health.health())


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


def test_a_store_that_cannot_be_used_is_failing(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("RELAY_STORE", "sqlite:////dev/null/relay.db")
    status, worst, checks = told(health.health())
    assert (503, "failing", "failing") == (status, worst, checks["store"])
    assert {"timer", "outbox"}.isdisjoint(checks)


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
    assert detail(reply, "outbox").startswith("one dispatch, card or notice was never taken")


def test_a_webhook_without_an_entry_in_the_settings_is_degraded_by_name(environ: pytest.MonkeyPatch) -> None:
    hooks = '\n[channels.events]\nkind = "webhook"\n[channels.audit]\nkind = "webhook"\n'
    entry = f"audit:whsec_{b64encode(bytes(24)).decode()}:https://hooks.example"
    app._relay.cache_clear()
    reply = changed(environ, RELAY_POLICY=example_policy.POLICY + hooks, RELAY_HOOKS=entry)
    assert ("degraded", "RELAY_HOOKS has no entry of the name events") == (
        told(reply)[2]["hooks"],
        detail(reply, "hooks"),
    )


def test_a_store_that_is_locked_is_failing_and_tells_the_cure(environ: pytest.MonkeyPatch) -> None:
    environ.setattr(writer, "BUSY_TIMEOUT", 0.2)
    environ.setattr(file, "BUSY_TIMEOUT", 0.2)
    path = Path(app.relay().settings.store.removeprefix("sqlite:///"))
    assert 200 == health.health().status
    app._relay.cache_clear()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        reply = health.health()
    assert (503, "failing") == (told(reply)[0], told(reply)[2]["store"])
    assert "database is locked (SQLITE_BUSY): another process holds the file" in detail(reply, "store")


def test_a_new_store_tells_since_when_it_is_there(environ: pytest.MonkeyPatch) -> None:
    reply = health.health()
    assert f"made {iso(app.relay().store.born_at())}" == detail(reply, "store")


@pytest.mark.parametrize(
    ("status", "json", "reason"),
    [
        (401, {"message": "Bad credentials"}, "expired, revoked or mistyped"),
        (404, [], "RELAY_GITHUB_API_URL is probably not"),
        (503, {}, "error 503"),
    ],
)
def test_a_credential_that_github_does_not_take_is_degraded_before_any_approval(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock, status: int, json: object, reason: str
) -> None:
    httpx_mock.add_response(url=LIMITS, status_code=status, json=json)
    with this_process.set_up(tmp_path, monkeypatch):
        replies = health.health(), health.health()  # the second does not ask again
    for reply in replies:
        assert (200, "degraded", "degraded") == (*told(reply)[:2], told(reply)[2]["github"])
        assert reason in detail(reply, "github")


def test_a_server_without_rate_limits_takes_the_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=LIMITS, status_code=404, json={"message": "Rate limiting is not enabled."})
    with this_process.set_up(tmp_path, monkeypatch):
        assert "ok" == told(health.health())[2]["github"]


@pytest.mark.parametrize(("ahead", "status"), [(3_600, "degraded"), (-320, "degraded"), (280, "ok")])
def test_a_clock_that_is_more_than_five_minutes_off_is_degraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock, ahead: int, status: str
) -> None:
    date = format_datetime(datetime.fromtimestamp(time.time() - ahead, UTC), usegmt=True)
    httpx_mock.add_response(url=LIMITS, json={}, headers={"Date": date})
    with this_process.set_up(tmp_path, monkeypatch):
        reply = health.health()
    assert status == told(reply)[2]["clock"]
    assert ("ahead of" in detail(reply, "clock")) == (ahead == 3_600)


@pytest.mark.parametrize(("secrets", "troubles"), [((), 1), (("a secret of 16 characters",), 0)])
def test_a_rule_that_needs_webhooks_is_degraded_without_a_secret(
    environ: pytest.MonkeyPatch, secrets: tuple[str, ...], troubles: int
) -> None:
    here = app.relay()
    rules = (here.policy.rules[0], replace(here.policy.rules[1], target="deployment_protection"))
    settings, policy = replace(here.settings, github_webhook_secrets=secrets), replace(here.policy, rules=rules)
    alone = "RELAY_GITHUB_APP_CLIENT_ID is not set, and only a GitHub App can answer for rule 2"
    assert [alone] == [*health.unheard(settings, policy)][troubles:]
    found = [*health.unheard(replace(settings, github_app_client_id="Iv23liExample"), policy)]
    assert ["RELAY_GITHUB_WEBHOOK_SECRET is not set, and rule 2 needs the webhooks of GitHub"] * troubles == found
    both = replace(policy, rules=(rules[1], rules[1]))
    assert [
        "RELAY_GITHUB_WEBHOOK_SECRET is not set, and rules 1, 2 need the webhooks of GitHub",
        "RELAY_GITHUB_APP_CLIENT_ID is not set, and only a GitHub App can answer for rules 1, 2",
    ][1 - troubles :] == [*health.unheard(settings, both)]


@pytest.mark.parametrize(("threads", "status"), [("", "degraded"), ("31", "degraded"), ("x", "degraded"), ("32", "ok")])
def test_toofew_threads_on_azure_are_degraded(environ: pytest.MonkeyPatch, threads: str, status: str) -> None:
    azure = {"WEBSITE_INSTANCE_ID": "0f", "AzureWebJobsStorage": "UseDevelopmentStorage=true", "RELAY_STORE": ""}
    for name, value in azure.items():
        environ.setenv(name, value)
    environ.setenv("PYTHON_THREADPOOL_THREAD_COUNT", threads)
    settings = Settings.read(os.environ)
    assert (status == "degraded") == bool(health.few_threads(settings))
    assert "PYTHON_THREADPOOL_THREAD_COUNT" in health.few_threads(replace(settings, threads=5))


def test_elsewhere_the_threads_of_azure_do_not_matter(environ: pytest.MonkeyPatch) -> None:
    assert "ok" == told(changed(environ, PYTHON_THREADPOOL_THREAD_COUNT="1"))[2]["threads"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("RELAY_ENTRA_TENANT", "RELAY_ENTRA_TENANTS"),
        ("relay_store", "RELAY_STORE"),
        ("RELAY_WEBHOK_URL", "RELAY_WEBHOOK_URL"),
        ("RELAY_COLOUR_OF_THE_SKY", ""),
    ],
)
def test_a_misspelt_setting_is_degraded_with_the_nearest_one(
    environ: pytest.MonkeyPatch, name: str, nearest: str
) -> None:
    reply = changed(environ, **{name: "secret"})
    assert (200, "degraded") == told(reply)[:2]
    assert f"{name} is no setting{f': did you mean {nearest}?' if nearest else ''}" == detail(reply, "settings")


def test_the_version_is_told_and_sources_were_built_never(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert (__version__, None) == tuple(road.said(health.health())[name] for name in ("version", "built"))
    (tmp_path / "BUILT").write_text("2026-11-28T12:00:00Z\n", "ascii")
    environ.setattr(health, "_BUILT", tmp_path / "BUILT")
    assert "2026-11-28T12:00:00Z" == road.said(health.health())["built"]


def test_a_monitor_that_asks_by_head_gets_the_status_alone(environ: pytest.MonkeyPatch) -> None:
    for store_, status in (("", 200), ("sqlite:////dev/null/relay.db", 503)):
        if store_:
            environ.setenv("RELAY_STORE", store_)
            app._relay.cache_clear()
        answer = operators.health(HttpRequest("HEAD", "/api/health", body=b""))
        assert (status, b"") == (answer.status_code, answer.get_body())
