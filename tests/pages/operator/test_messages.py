"""GET /api/messages: what came in and what went out, for operators alone."""

import json
from datetime import datetime
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from relay.journal.messages import SHOWN
from tests.pages.operator.asking import ADA, ASKER, FORM, HTML, KEY, LIN, TRACE, TRACED, ask, browser, messages, press
from tests.support import clicks, road
from tests.support.functions import call
from tests.support.road import Road

GITHUB = "https://api.github.com/repos/octo/api/dispatches"


def only(found: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(each[name] for name in names) for each in found]


def test_a_released_request_leaves_three_messages_newest_first(road: Road, github: HTTPXMock) -> None:
    made = ask()
    assert "released" == press("ada", "approve", made["ticket"], **TRACED).headers["relay-outcome"]
    found = messages()
    names = ("direction", "channel", "what", "outcome", "status", "attempt", "person", "trace")
    assert [
        ("out", "github", "dispatch", "delivered", 204, 1, None, TRACE),
        ("in", "messagecard", "press", "released", 200, None, ADA, TRACE),
        ("in", "api", "request", "requested", 201, None, "key:ci", None),
    ] == only(found, *names)
    assert [(made["id"], "octo/api")] * 3 == only(found, "request", "repository")
    assert all([*SHOWN] == [*each] for each in found)
    assert all(isinstance(each["ms"], int) for each in found)
    assert all(each["at"].endswith("Z") and datetime.fromisoformat(each["at"]) for each in found)


def test_a_refused_press_names_the_check_and_its_request(road: Road) -> None:
    made = ask()
    assert 403 == press("lin", "approve", made["ticket"]).status
    (found, _) = messages()
    assert ("not-allowed", "not an approver of stage release", 403) == (
        *(found["outcome"], found["check"]),
        found["status"],
    )
    assert (made["id"], "octo/api", LIN) == (found["request"], found["repository"], found["person"])


def test_presses_without_proof_are_messages_of_nobody(road: Road) -> None:
    made = ask()
    headers = road_headers("ada", made["ticket"]) | {"authorization": "Bearer x"}
    assert 401 == call("POST", "/api/interactions/messagecard", headers).status
    assert [("not-genuine", 401, None, None)] == only(messages()[:1], "outcome", "status", "person", "request")


def road_headers(person: str, ticket: str) -> dict[str, str]:
    return clicks.headers(person, "approve", ticket)


def test_each_call_of_the_api_is_a_message_and_looking_is_none(road: Road) -> None:
    made = ask()
    again = ASKER | {"idempotency-key": "once"}
    for _ in range(2):
        call("POST", "/api/requests", again, json.dumps(FORM | {"environment": "staged"}).encode())
    call("GET", f"/api/requests/{made['id']}", ASKER)
    call("POST", f"/api/requests/{made['id']}/cancel", ASKER)
    call("POST", "/api/requests", ASKER, b"{}")
    call("POST", "/api/requests", {}, b"{}")
    call("POST", "/api/receipts/check", {}, b'{"receipt": "x"}')
    call("POST", "/api/receipts/redeem", ASKER, b"{}")
    call("GET", "/api/keys")
    call("GET", f"/api/review/{made['id']}")
    assert [
        ("redeem", "malformed", "key:ci"),
        ("check", "not-genuine", None),
        ("request", "not-genuine", None),
        ("request", "malformed", "key:ci"),
        ("cancel", "cancelled", "key:ci"),
        ("request", "repeated", "key:ci"),
        ("request", "requested", "key:ci"),
        ("request", "requested", "key:ci"),
    ] == only(messages(), "what", "outcome", "person")


def test_a_plain_dispatch_is_a_message_of_its_own_channel(road: Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url="https://api.github.com/repos/octo/site/dispatches", method="POST", status_code=204)
    assert 202 == call("POST", "/api/actions/run", {}, b'{"event_type": "publish"}').status
    assert [("github", "dispatch", "delivered", "octo/site"), ("plain", "plain", "released", "octo/site")] == only(
        messages(), "channel", "what", "outcome", "repository"
    )


def test_each_try_of_a_dispatch_is_a_message_with_its_number_and_cause(road: Road, httpx_mock: HTTPXMock) -> None:
    for status in (502, 401):
        httpx_mock.add_response(url=GITHUB, method="POST", status_code=status)
    press("ada", "approve", ask()["ticket"])
    road.ahead += 60
    assert 1 == road.round()
    assert [
        ("refused", "it-does-not-accept-the-relay-s-credential", 401, 2),
        ("retry", "it-answers-with-error-502", 502, 1),
    ] == only(messages("?channel=github"), "outcome", "check", "status", "attempt")


def test_the_trace_of_a_press_is_passed_on_by_each_try_and_none_is_made_up(road: Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=GITHUB, method="POST", status_code=502)
    httpx_mock.add_response(url=GITHUB, method="POST", status_code=204, is_reusable=True)
    press("ada", "approve", ask()["ticket"], **TRACED)
    road.ahead += 60
    road.round()
    press("ada", "approve", ask(title="Untraced")["ticket"])
    sent = [each.headers.get("traceparent", "") for each in httpx_mock.get_requests(url=GITHUB)]
    assert [True, True, False] == [each.startswith(f"00-{TRACE}-") for each in sent]
    assert sent[0] != sent[1], "each call is a span of its own"
    assert "" == sent[2]


def test_a_try_without_an_answer_has_no_status(road: Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ReadError("no"), url=GITHUB)
    press("ada", "approve", ask()["ticket"])
    (found,) = messages("?channel=github")
    assert ("retry", None) == (found["outcome"], found["status"])


@pytest.mark.parametrize("path", ["/api/messages", "/api/messages/abc"])
def test_only_operators_read(road: Road, path: str) -> None:
    assert 401 == call("GET", path).status
    assert 401 == call("GET", path, {"x-relay-key": "wrong"}).status
    assert 403 == call("GET", path, {"x-relay-key": road_key()}).status
    led = call("GET", f"{path}?person=ada%20b", HTML)
    assert 302 == led.status
    filters = "%3Fperson%3Dada%2520b" if path == "/api/messages" else ""  # a story has none
    assert f"/.auth/login/aad?post_login_redirect_uri={path}{filters}" == led.headers["location"]
    assert 403 == call("GET", path, browser("ada")).status
    assert call("GET", path, browser("grace")).status in (200, 404)


@pytest.mark.parametrize("path", ["x%26a=b", "%C3%A9", "x%0D%0Aa:%20b", "%F0%9F%98%80", "x" * 600])
def test_a_path_that_is_none_of_ours_is_no_way_back_from_the_sign_in(road: Road, path: str) -> None:
    led = call("GET", f"/api/messages/{path}", HTML)
    assert (302, "/.auth/login/aad?post_login_redirect_uri=") == (led.status, led.headers["location"])


def road_key() -> str:
    return road.API_KEY


def test_a_store_that_does_not_answer_is_busy(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Outage("the store does not work")

    monkeypatch.setattr(type(road.world.store), "messages", fail)
    assert 503 == call("GET", "/api/messages", KEY).status


def test_a_log_that_cannot_be_written_costs_no_press(
    road: Road, github: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Outage("the store does not work")

    monkeypatch.setattr(type(road.world.store), "add_messages", fail)
    assert "released" == press("ada", "approve", ask()["ticket"]).headers["relay-outcome"]
    assert road.world.messages.flush(5)
    assert 3 == road.world.messages.lost
    github.add_response(url="https://api.github.com/rate_limit", json={})
    checks = {each["name"]: (each["status"], each["detail"]) for each in call("GET", "/api/health").json["checks"]}
    assert ("degraded", "3 were not kept since the start: the store does not work") == checks["messages"]
