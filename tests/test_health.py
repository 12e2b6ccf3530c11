import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from azure.functions import HttpRequest
from pytest_httpx import HTTPXMock

from relay import __version__, app, azure_functions, health
from relay.model import Reply, iso
from relay.settings import Settings
from relay.store.sqlite import store, writer
from tests.support import road

CHECKS = ("settings", "store", "timer", "outbox", "threads", "people", "github", "clock")
LIMITS = "https://api.github.com/rate_limit"


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> Iterator[pytest.MonkeyPatch]:
    """Yield the environment of a relay that is set up, for a test to change. GitHub takes its credential."""
    httpx_mock.add_response(url=LIMITS, json={"resources": {}}, is_optional=True, is_reusable=True)
    with road.set_up(tmp_path, monkeypatch):
        yield monkeypatch


def told(reply: Reply) -> tuple[int, str, dict[str, str]]:
    """Return the status code, the worst status, and the status of each check."""
    body = road.said(reply)
    assert {"status", "version", "built", "checks"} == set(body)
    assert all({"name", "status", "detail"} == set(check) for check in body["checks"])
    return reply.status, body["status"], {check["name"]: check["status"] for check in body["checks"]}


def detail(reply: Reply, name: str) -> str:
    found: list[dict[str, Any]] = [check for check in road.said(reply)["checks"] if check["name"] == name]
    return str(found[0]["detail"])


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


def test_settings_that_this_version_does_not_use_are_degraded(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("RELAY_TEAMS_WEBHOOK_KEYS", "secret")
    reply = health.health()
    assert (200, "degraded") == told(reply)[:2]
    assert "not used by this version: RELAY_TEAMS_WEBHOOK_KEYS" == detail(reply, "settings")


def test_sign_in_that_the_platform_does_not_vouch_for_is_degraded_with_the_cure(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("RELAY_TEAMS_WEBHOOK_KEYS", "x")
    here = app.relay()
    environ.setattr(app, "relay", lambda: replace(here, settings=replace(here.settings, sign_in=("not-enabled",))))
    reply = health.health()
    assert (200, "degraded") == told(reply)[:2]
    unused, sign_in = detail(reply, "settings").split("; ")
    assert "not used by this version: RELAY_TEAMS_WEBHOOK_KEYS" == unused
    assert sign_in.startswith("RELAY_SIGN_IN has no effect: ")
    assert "Switch it on under Authentication of the app, or set RELAY_SIGN_IN to off" in sign_in


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
    assert detail(reply, "outbox").startswith("one dispatch or card was never taken")


def changed(environ: pytest.MonkeyPatch, **settings: str) -> Reply:
    for name, value in settings.items():
        environ.setenv(name, value)
    return health.health()


def test_a_store_that_is_locked_is_failing_and_tells_the_cure(environ: pytest.MonkeyPatch) -> None:
    environ.setattr(writer, "BUSY_TIMEOUT", 0.2)
    environ.setattr(store, "BUSY_TIMEOUT", 0.2)
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
    ("settings", "reason"),
    [
        ({"RELAY_ENTRA_TENANTS": ""}, "RELAY_ENTRA_TENANTS is empty"),
        ({"RELAY_CARD_AUDIENCE": ""}, "no chat that takes presses is set up and RELAY_SIGN_IN is off"),
        ({"RELAY_ENTRA_TENANTS": "11111111-2222-4333-8444-555555555555"}, "needs 1 and has 0 of the tenants"),
    ],
)
def test_a_relay_where_nobody_can_press_is_degraded(
    environ: pytest.MonkeyPatch, settings: dict[str, str], reason: str
) -> None:
    reply = changed(environ, **settings)
    assert (200, "degraded", "degraded") == (*told(reply)[:2], told(reply)[2]["people"])
    assert reason in detail(reply, "people")


@pytest.mark.parametrize(("github_id", "status"), [("github_id = 1001", "ok"), ("", "degraded")])
def test_people_who_sign_in_at_github_need_no_tenant_and_anyone_is_none_of_them(
    environ: pytest.MonkeyPatch, github_id: str, status: str
) -> None:
    approvers = "ada" if github_id else "anyone"
    policy = (
        f'[people.ada]\nname = "Ada"\n{github_id}\n[[rule]]\nrepository = "octo/api"\n'
        'event_types = ["deploy"]\nself_approval = true\n'
        f'[[rule.stage]]\napprovers = ["{approvers}"]\n'
    )
    github = {"RELAY_GITHUB_SIGN_IN_CLIENT_ID": "Iv1.x", "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET": "s"}
    reply = changed(environ, RELAY_POLICY=policy, RELAY_ENTRA_TENANTS="", RELAY_SIGN_IN="github", **github)
    assert status == told(reply)[2]["people"]
    expected = "needs 1 and has 0 of the tenants in RELAY_ENTRA_TENANTS or with a github_id"
    assert (status == "degraded") == (expected in detail(reply, "people"))


SLACK = {"RELAY_SLACK_SIGNING_SECRET": "8f74" * 8, "RELAY_CARD_AUDIENCE": "", "RELAY_ENTRA_TENANTS": ""}


def test_slack_alone_lets_people_press_by_the_teams_of_its_setting(environ: pytest.MonkeyPatch) -> None:
    assert "ok" == told(changed(environ, **SLACK, RELAY_SLACK_TEAMS="T111"))[2]["people"]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"RELAY_SLACK_TEAMS": "T999"}, "needs 1 and has 0 of the tenants in RELAY_ENTRA_TENANTS and the teams in"),
        ({"RELAY_SLACK_TEAMS": "T111", "RELAY_SLACK_SIGNING_SECRET": ""}, "RELAY_ENTRA_TENANTS is empty"),
    ],
)
def test_slack_without_a_secret_or_with_another_team_lets_nobody_press(
    environ: pytest.MonkeyPatch, settings: dict[str, str], reason: str
) -> None:
    assert reason in detail(changed(environ, **(SLACK | settings)), "people")


def test_a_policy_of_plain_rules_needs_nobody(environ: pytest.MonkeyPatch) -> None:
    plain = '[[rule]]\nrepository = "octo/site"\nevent_types = ["publish"]\nplain = true\n'
    assert "ok" == told(changed(environ, RELAY_POLICY=plain, RELAY_ENTRA_TENANTS=""))[2]["people"]


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
    with road.set_up(tmp_path, monkeypatch):
        replies = health.health(), health.health()  # the second does not ask again
    for reply in replies:
        assert (200, "degraded", "degraded") == (*told(reply)[:2], told(reply)[2]["github"])
        assert reason in detail(reply, "github")


def test_a_server_without_rate_limits_takes_the_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=LIMITS, status_code=404, json={"message": "Rate limiting is not enabled."})
    with road.set_up(tmp_path, monkeypatch):
        assert "ok" == told(health.health())[2]["github"]


@pytest.mark.parametrize(("ahead", "status"), [(3_600, "degraded"), (-400, "degraded"), (200, "ok")])
def test_a_clock_that_is_more_than_five_minutes_off_is_degraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock, ahead: int, status: str
) -> None:
    date = format_datetime(datetime.fromtimestamp(time.time() - ahead, UTC), usegmt=True)
    httpx_mock.add_response(url=LIMITS, json={}, headers={"Date": date})
    with road.set_up(tmp_path, monkeypatch):
        reply = health.health()
    assert status == told(reply)[2]["clock"]
    assert ("ahead of" in detail(reply, "clock")) == (ahead == 3_600)


@pytest.mark.parametrize(("threads", "status"), [("", "degraded"), ("31", "degraded"), ("x", "degraded"), ("32", "ok")])
def test_too_few_threads_on_azure_are_degraded(environ: pytest.MonkeyPatch, threads: str, status: str) -> None:
    azure = {"WEBSITE_INSTANCE_ID": "0f", "AzureWebJobsStorage": "UseDevelopmentStorage=true", "RELAY_STORE": ""}
    for name, value in azure.items():
        environ.setenv(name, value)
    environ.setenv("PYTHON_THREADPOOL_THREAD_COUNT", threads)
    settings = Settings.read(os.environ)
    assert (status == "degraded") == bool(health._few_threads(settings))
    assert "PYTHON_THREADPOOL_THREAD_COUNT" in health._few_threads(replace(settings, threads=5))


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
        answer = azure_functions.health(HttpRequest("HEAD", "/api/health", body=b""))
        assert (status, b"") == (answer.status_code, answer.get_body())
