"""POST /api/doctor: operators alone may ask, and get the whole report."""

from pathlib import Path
from typing import Any

import pytest
from azure.functions import HttpRequest
from pytest_httpx import HTTPXMock

from relay.app import Relay
from relay.azure_functions import operators
from relay.doctor.route import doctor
from relay.doctor.table import inside_checks
from relay.model.delivery import Delivery
from tests.doctor.examining import POLICY, answering
from tests.pages.browsing import principal
from tests.support import road, this_process

OPERATORS = f'operators = ["ada"]\n{POLICY}'
OURS = {"origin": road.ORIGIN, "sec-fetch-site": "same-origin"}


def asked(here: Relay, headers: dict[str, str]) -> tuple[int, Any]:
    reply = doctor(here, Delivery("", headers, b"", 0.0))
    return reply.status, road.said(reply)


def signed_in(tmp_path: Path, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a relay where App Service signs people in."""
    monkeypatch.setenv("WEBSITE_AUTH_ENABLED", "True")
    return road.made(tmp_path, httpx_mock, RELAY_POLICY=OPERATORS, RELAY_SIGN_IN="app-service")


def test_an_operators_key_gets_the_report(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=OPERATORS) as here:
        status, said = asked(here.world, {"x-relay-key": road.OPERATOR_KEY})
    assert (200, "ok") == (status, said["status"]), said
    told = {each["name"] for each in [*said["checks"], *said["left_out"]]}
    assert {check.name for check in inside_checks()} == told


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "not-genuine"),
        ({"x-relay-key": "wrong"}, 401, "not-genuine"),
        ({"x-relay-key": road.API_KEY}, 403, "not-allowed"),
    ],
)
def test_nobody_else_does(
    headers: dict[str, str], status: int, code: str, tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=OPERATORS) as here:
        told, said = asked(here.world, headers)
    assert (status, code) == (told, said["error"])


@pytest.mark.parametrize(
    ("person", "headers", "status"),
    [
        ("ada", OURS, 200),
        ("grace", OURS, 403),
        ("ada", {"origin": "https://elsewhere.example"}, 403),
        ("11111111-2222-4333-8444-555555555555", OURS, 403),
    ],
    ids=["an operator", "no operator", "from another site", "a stranger"],
)
def test_a_person_must_be_an_operator_and_ask_from_our_own_page(
    person: str,
    headers: dict[str, str],
    status: int,
    tmp_path: Path,
    httpx_mock: HTTPXMock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering(httpx_mock)
    with signed_in(tmp_path, httpx_mock, monkeypatch) as here:
        told, _ = asked(here.world, {**principal(person), **headers})
    assert status == told


def test_wrong_settings_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with this_process.set_up(tmp_path, monkeypatch):
        monkeypatch.setenv("RELAY_TICKET_KEYS", "short")
        monkeypatch.delenv("RELAY_RECEIPT_KEYS")
        answer = operators.doctor(HttpRequest("POST", "/api/doctor", body=b""))
    assert 503 == answer.status_code
    assert b"Settings are wrong or missing: RELAY_RECEIPT_KEYS, RELAY_TICKET_KEYS." in answer.get_body()
