import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from pytest_httpx import HTTPXMock

from relay import app
from relay.model.case import Case
from relay.model.debts import Debt
from relay.outbox.commit import commit_and_lease
from tests.pages.sign_in.visitor import ENTRA, REVIEW, entra_answers, id_token
from tests.support import entra_tokens, road, this_process
from tests.support.azure_runtime import Runtime
from tests.support.left_out import leave_out

if find_spec("azure_functions_runtime") is None:
    leave_out(
        "azure-functions-runtime is missing: it needs Python 3.13, and the tests in it were left out",
        possible=sys.version_info >= (3, 13),
    )

FORM = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포", "environment": "production"}
ROUTES = {
    "interactions": ("interactions/{channel}", ["POST"], "ANONYMOUS"),
    "commands": ("commands/{channel}", ["POST"], "ANONYMOUS"),
    "make_request": ("requests", ["POST"], "ANONYMOUS"),
    "show_request": ("requests/{id}", ["GET"], "ANONYMOUS"),
    "redeem_receipt": ("receipts/redeem", ["POST"], "ANONYMOUS"),
    "check_receipt": ("receipts/check", ["POST"], "ANONYMOUS"),
    "cancel_request": ("requests/{id}/cancel", ["POST"], "ANONYMOUS"),
    "report_run": ("requests/{id}/report", ["POST"], "ANONYMOUS"),
    "github_webhook": ("webhooks/github", ["POST"], "ANONYMOUS"),
    "show_review": ("review/{id}", ["GET"], "ANONYMOUS"),
    "decide_review": ("review/{id}", ["POST"], "ANONYMOUS"),
    "sign_in": ("sign-in", ["GET"], "ANONYMOUS"),
    "end_sign_in": ("sign-in/callback", ["GET"], "ANONYMOUS"),
    "show_sign_in": ("sign-out", ["GET"], "ANONYMOUS"),
    "sign_out": ("sign-out", ["POST"], "ANONYMOUS"),
    "run_action": ("actions/run", ["POST"], "FUNCTION"),
    "show_messages": ("messages", ["GET"], "ANONYMOUS"),
    "show_story": ("messages/{id}", ["GET"], "ANONYMOUS"),
    "show_outbox": ("outbox", ["GET"], "ANONYMOUS"),
    "replay_debts": ("outbox/replay", ["POST"], "ANONYMOUS"),
    "replay_debt": ("outbox/{id}/replay", ["POST"], "ANONYMOUS"),
    "drop_debt": ("outbox/{id}/drop", ["POST"], "ANONYMOUS"),
    "keys": ("keys", ["GET"], "ANONYMOUS"),
    "export_audit": ("audit", ["GET"], "ANONYMOUS"),
    "show_metrics": ("metrics", ["GET"], "ANONYMOUS"),
    "doctor": ("doctor", ["POST"], "ANONYMOUS"),
    "health": ("health", ["GET", "HEAD"], "ANONYMOUS"),
}


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    started = Runtime()
    yield started
    started.close()


@pytest.fixture
def deployed(
    runtime: Runtime, tmp_path: Path, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Runtime]:
    """Yield the functions with settings in their environment, and a key server that answers."""
    httpx_mock.add_response(url=entra_tokens.JWKS_URL, json=entra_tokens.jwks(), is_optional=True)
    with this_process.set_up(tmp_path, monkeypatch):
        yield runtime


def key(**more: str) -> dict[str, str]:
    return {"x-relay-key": road.API_KEY, "content-type": "application/json"} | more


def test_the_runtime_finds_every_function_and_nothing_else(runtime: Runtime) -> None:
    assert {*ROUTES, "pay"} == set(runtime.functions)


@pytest.mark.parametrize("name", ROUTES)
def test_each_http_function_has_its_route_its_method_and_its_auth_level(runtime: Runtime, name: str) -> None:
    route, methods, level = ROUTES[name]
    trigger, answer = runtime.bindings(name)
    assert ("httpTrigger", "IN", "req", route, methods, level) == (
        trigger["type"],
        trigger["direction"],
        trigger["name"],
        trigger["route"],
        trigger["methods"],
        trigger["authLevel"],
    )
    assert ("http", "OUT", "$return") == (answer["type"], answer["direction"], answer["name"])


def test_the_timer_ticks_every_fifteen_seconds_and_not_at_start(runtime: Runtime) -> None:
    (trigger,) = runtime.bindings("pay")
    assert ("timerTrigger", "timer", "*/15 * * * * *", False) == (
        trigger["type"],
        trigger["name"],
        trigger["schedule"],
        trigger["runOnStartup"],
    )


def test_a_genuine_click_is_released(deployed: Runtime, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    click = road.click("haneul", request=road.offline(title="배포 승인"))
    headers = {"Authorization": click.headers.pop("authorization")} | click.headers
    answer = deployed.http("interactions", headers=headers, body=click.body, route={"channel": "messagecard"})
    assert (200, "released", "true") == (
        answer.status,
        answer.headers["Relay-Outcome"],
        answer.headers["CARD-UPDATE-IN-BODY"],
    )
    assert "Approved. GitHub has taken it." == answer.headers["CARD-ACTION-STATUS"]
    assert "application/json; charset=utf-8" == answer.headers["Content-Type"]
    assert "배포 승인" == json.loads(answer.body)["title"]
    assert 1 == len(road.dispatched(httpx_mock))


def test_a_forged_click_is_not(deployed: Runtime, httpx_mock: HTTPXMock) -> None:
    click = road.click()
    click.headers["relay-ticket"] = click.headers["relay-ticket"][:-4] + "AAAA"
    answer = deployed.http("interactions", headers=click.headers, body=click.body, route={"channel": "messagecard"})
    assert (401, "not-genuine") == (answer.status, answer.headers["Relay-Outcome"])
    assert [] == road.dispatched(httpx_mock)


def test_a_chat_that_is_not_there_is_not_found(deployed: Runtime) -> None:
    assert 404 == deployed.http("interactions", route={"channel": "pigeon"}).status


def test_a_request_is_made_shown_and_cancelled(deployed: Runtime) -> None:
    made = deployed.http("make_request", headers=key(), body=json.dumps(FORM).encode())
    identifier = json.loads(made.body)["id"]
    shown = deployed.http("show_request", method="GET", headers=key(), route={"id": identifier})
    cancelled = deployed.http("cancel_request", headers=key(), route={"id": identifier})
    assert (201, 200, 200) == (made.status, shown.status, cancelled.status)
    assert ("pending", "cancelled") == (json.loads(shown.body)["status"], json.loads(cancelled.body)["status"])


def test_the_plain_form_is_dispatched(deployed: Runtime, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.SITE_DISPATCHES, method="POST", status_code=204)
    body = json.dumps({"event_type": "publish", "client_payload": {"a": 1.5}}).encode()
    answer = deployed.http("run_action", body=body)
    assert (202, "released", body) == (answer.status, answer.headers["Relay-Outcome"], answer.body)


def test_the_keys_of_receipts_are_published(deployed: Runtime) -> None:
    answer = deployed.http("keys", method="GET")
    assert (200, "public, max-age=300") == (answer.status, answer.headers["Cache-Control"])
    (published,) = json.loads(answer.body)["keys"]
    assert ("OKP", "Ed25519", "EdDSA", False) == (
        published["kty"],
        published["crv"],
        published["alg"],
        "d" in published,
    )


def test_health_is_told(deployed: Runtime, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url="https://api.github.com/rate_limit", json={})
    answer = deployed.http("health", method="GET")
    assert (200, "ok") == (answer.status, json.loads(answer.body)["status"])


def test_the_timer_pays_what_is_owed(deployed: Runtime, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    debt = Debt(event_type="deploy-api", created_at=int(time.time()) - 60, due_at=time.time() - 60)
    case = Case(road.offline(), "offline", status="approved", debts=(debt,))
    at = time.time() - 30
    assert commit_and_lease(
        app.relay().store,
        app.relay().policy,
        case,
        case,
        holder="a click that died",
        now=at,
        until=at,
        identity="token",
    )
    deployed.timer("pay")
    assert 1 == len(road.dispatched(httpx_mock))
    assert 0 < app.relay().store.last_round()


def test_without_settings_every_function_answers_and_the_timer_does_not_fail(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in list(os.environ):
        if name.startswith("RELAY_"):
            monkeypatch.delitem(os.environ, name)
    app._relay.cache_clear()
    routes = {"interactions": {"channel": "messagecard"}, "commands": {"channel": "slack"}}
    answers = {
        name: runtime.http(name, method=ROUTES[name][1][0], route=routes.get(name, {"id": "a"})) for name in ROUTES
    }
    assert dict.fromkeys(ROUTES, 503) == {name: answer.status for name, answer in answers.items()}
    assert "busy" == answers["interactions"].headers["Relay-Outcome"]
    assert all(b"Traceback" not in answer.body for answer in answers.values())
    runtime.timer("pay")
    errors = {record.getMessage() for record in caplog.records if record.levelno == logging.ERROR}
    assert len(ROUTES) + 1 == len([record for record in caplog.records if record.levelno == logging.ERROR])
    assert all("RELAY_TICKET_KEYS is missing" in message for message in errors)


def test_a_sign_in_sets_its_session_and_ends_its_attempt_in_one_answer(
    deployed: Runtime, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENTRA.items():
        monkeypatch.setenv(name, value)
    asked = deployed.http("sign_in", method="GET", query={"to": REVIEW})
    assert 302 == asked.status
    brought = dict(parse_qsl(urlsplit(asked.headers["Location"]).query))
    entra_answers(httpx_mock, id_token(brought))
    headers = {"Cookie": "; ".join(asked.cookies)}
    query = {"code": "c", "state": brought["state"]}
    back = deployed.http("end_sign_in", method="GET", headers=headers, query=query)
    assert (303, REVIEW) == (back.status, back.headers["Location"])
    ended, session = back.cookies
    assert f"__Secure-relay-sign-in-{brought['state']}=" == ended
    shown = deployed.http("show_sign_in", method="GET", headers={"Cookie": session})
    assert (200, True) == (shown.status, b"Signed in as Ada" in shown.body)
    left = deployed.http("sign_out", headers={"Cookie": session, "Origin": road.ORIGIN})
    assert (303, ("__Host-relay-session=",)) == (left.status, left.cookies)
