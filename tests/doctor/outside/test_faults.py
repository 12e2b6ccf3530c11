"""Faults that only an outsider sees, each on a relay that is sound but for that one."""

import re
import ssl
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.app.wiring import lazily
from relay.doctor.checkup import Report, examine
from relay.doctor.outside.app import ask_app
from relay.doctor.outside.proofs import PAGE, ROUTES
from relay.doctor.outside.subject import Outside
from relay.doctor.table import outside_checks
from relay.doctor.web import Web
from relay.net.client import make_client
from relay.signed import receipt_keys
from tests.doctor.examining import Answers, found, statuses
from tests.support import road

URL: Final = road.ORIGIN
HEALTH: Final = ("GET", f"{URL}/api/health")
KEYS: Final = ("GET", f"{URL}/api/keys")
REVIEW: Final = ("GET", URL + PAGE)
DOCTOR: Final = ("POST", f"{URL}/api/doctor")
OWN: Final = {"status_code": 401, "json": {"error": "not-genuine", "message": "..."}}
PRESSES: Final = re.compile(f"{URL}/api/(interactions|commands)/.*")
OK_HEALTH: Final = {"status": "ok", "version": "1.2.3", "built": "2026-11-28T12:00:00Z", "checks": []}


def sound() -> Answers:
    return {
        HEALTH: {"json": OK_HEALTH},
        KEYS: {"json": receipt_keys.jwks([receipt_keys.parse_key(road.RECEIPT_KEY)])},
        REVIEW: {"status_code": 302, "headers": {"location": "/api/sign-in?to=x"}},
        ("POST", PRESSES): {"status_code": 401, "headers": {"Relay-Outcome": "not-genuine"}},
        **{(method, URL + path): OWN for method, path in ROUTES},
    }


def outside(httpx_mock: HTTPXMock, spoilt: Answers, expected: str = "") -> Outside:
    for (method, url), answer in {**sound(), **spoilt}.items():
        add = httpx_mock.add_exception if "exception" in answer else httpx_mock.add_response
        add(method=method, url=url, is_optional=True, is_reusable=True, **answer)
    return Outside(URL, expected, Web(lazily(make_client), time.time, time.time() + 15))


def looked(httpx_mock: HTTPXMock, spoilt: Answers, expected: str = "") -> Report:
    return examine(outside_checks(), outside(httpx_mock, spoilt, expected), clock=time.time)


def test_a_sound_relay_is_ok(httpx_mock: HTTPXMock) -> None:
    report = looked(httpx_mock, {}, "1.2.3")
    assert {check.name: ["ok"] for check in outside_checks()} == statuses(report)
    assert "version 1.2.3, built 2026-11-28T12:00:00Z" == found(report, "version")[0][1]
    sent = httpx_mock.get_requests(method="GET", url=KEYS[1])
    assert 16 * 1_000 < max(sum(len(value) for value in request.headers.values()) for request in sent)
    assert {"POST"} == {each.method for each in httpx_mock.get_requests() if "interactions" in each.url.path}


def health(status: str, *checks: Mapping[str, str], code: int = 200) -> dict[str, Any]:
    return {"status_code": code, "json": {**OK_HEALTH, "status": status, "checks": list(checks)}}


TIMER: Final = {"name": "timer", "status": "failing", "detail": "no round for 400 s"}
OUTBOX: Final = {"name": "outbox", "status": "degraded", "detail": "one dispatch was never taken"}
UNTRUSTED: Final = httpx.ConnectError("no")
UNTRUSTED.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
OTHER_KEY: Final = {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43, "kid": "not-its-digest"}


@pytest.mark.parametrize(
    ("check", "status", "detail", "spoilt"),
    [
        ("address", "failed", "cannot be reached", {HEALTH: {"exception": httpx.ConnectError("no")}}),
        ("address", "failed", "not trusted here: SSL_CERT_FILE names a bundle", {HEALTH: {"exception": UNTRUSTED}}),
        ("address", "failed", "answers 404, and not as a relay", {HEALTH: {"status_code": 404, "text": "<html>"}}),
        ("address", "failed", "answers 200, and not as a relay", {HEALTH: {"json": []}}),
        ("health", "failed", "timer: no round for 400 s", {HEALTH: health("failing", TIMER, code=503)}),
        ("health", "warning", "outbox: one dispatch", {HEALTH: health("degraded", OUTBOX)}),
        ("version", "failed", "1.2.3, built 2026-11-28T12:00:00Z answers, and 2.0.0 is expected", {}),
        ("forged-sign-in", "failed", "302 without it, 403 with it", {}),
        ("foreign-token", "failed", "is answered 401 by something before", {("POST", PRESSES): {"status_code": 401}}),
        ("foreign-token", "failed", "is answered 403 by something before", {("POST", PRESSES): {"status_code": 403}}),
        (
            "foreign-token",
            "failed",
            "answered 503 by the relay itself",
            {("POST", f"{URL}/api/requests"): {**OWN, "status_code": 503}},
        ),
        ("foreign-token", "failed", "commands/slack is answered 404", {("POST", PRESSES): {"status_code": 404}}),
        ("foreign-token", "failed", "cannot be reached", {("POST", PRESSES): {"exception": httpx.ConnectError("no")}}),
        ("review-page", "failed", "somewhere else", {REVIEW: {"status_code": 302, "headers": {"location": "/login"}}}),
        ("review-page", "warning", "answers 404 to a stranger", {REVIEW: {"status_code": 404}}),
        ("keys", "failed", "answers 200 with 0 sound keys and 1 others", {KEYS: {"json": {"keys": [OTHER_KEY]}}}),
        ("keys", "failed", "answers 200 with 0 sound keys and 1 others", {KEYS: {"json": {"keys": ["odd"]}}}),
        ("keys", "failed", "with 0 sound keys and 0 others", {KEYS: {"json": {"keys": {}}}}),
        ("headers", "failed", "are answered 431", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_is_found_by_its_check_alone(
    check: str, status: str, detail: str, spoilt: Answers, httpx_mock: HTTPXMock
) -> None:
    if check == "forged-sign-in":  # an answer to the header alone, which stands before the answer to a stranger
        forged = {"x-ms-client-principal-idp": "aad"}
        httpx_mock.add_response(url=REVIEW[1], match_headers=forged, status_code=403, is_reusable=True)
    if check == "headers":
        httpx_mock.add_response(url=KEYS[1], match_headers={"x-relay-doctor-0": "0" * 1_000}, status_code=431)
    report = looked(httpx_mock, spoilt, "2.0.0" if check == "version" else "")
    told = [each for each in found(report, check) if each[0] == status]
    assert any(detail in each and cure for _, each, cure in told), found(report, check)
    assert {check} == {name for name, each in statuses(report).items() if {"failed", "warning"} & {*each}}


def test_a_relay_of_which_no_route_answers_as_it_should_has_no_line_for_the_others(httpx_mock: HTTPXMock) -> None:
    gone = {"status_code": 404}
    spoilt = {key: gone for key in sound() if key[0] == "POST" or re.search("requests|metrics", str(key[1]))}
    assert {"failed"} == {status for status, _, _ in found(looked(httpx_mock, spoilt), "foreign-token")}


def test_the_report_of_the_app_is_taken_as_it_is(httpx_mock: HTTPXMock) -> None:
    said = {
        "status": "failed",
        "checks": [
            {"name": "store", "status": "failed", "detail": "d", "cure": "c"},
            {"name": "odd", "status": "x"},
            1,
        ],
        "left_out": [{"name": "slack-app", "because": "b"}],
    }
    report = ask_app(outside(httpx_mock, {DOCTOR: {"json": said}}), "operator-key")
    assert [("failed", "d", "c")] == found(report, "store")
    assert [("left out", "b", "")] == found(report, "slack-app")
    assert ["operator-key"] == [each.headers["x-relay-key"] for each in httpx_mock.get_requests(url=DOCTOR[1])]


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (
            {"status_code": 403, "json": {"error": "not-allowed", "message": "Only an operator may ask"}},
            "Only an operator",
        ),
        ({"status_code": 503, "json": {"message": "Settings are wrong or missing: RELAY_X."}}, "RELAY_X"),
        ({"status_code": 404}, "it answers 404"),
        ({"exception": httpx.ConnectError("no")}, "cannot be reached"),
    ],
)
def test_an_app_that_does_not_examine_itself_has_failed(
    answer: Mapping[str, Any], detail: str, httpx_mock: HTTPXMock
) -> None:
    ((status, told, cure),) = found(ask_app(outside(httpx_mock, {DOCTOR: answer}), "k"), "app")
    assert ("failed", True, True) == (status, detail in told, bool(cure))
