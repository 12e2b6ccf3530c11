"""The page through the functions that serve it."""

from typing import NoReturn
from urllib.parse import urlencode

import azure.functions as func
import pytest

from relay import app
from relay.azure_functions import browsers
from relay.model.delivery import Reply
from relay.settings import SettingsError
from tests.pages.browsing import fields, principal
from tests.support.road import ORIGIN, Road, offline, ticket


def call(method: str, case_id: str, headers: dict[str, str], body: bytes = b"", **query: str) -> func.HttpResponse:
    request = func.HttpRequest(
        method=method,
        url=f"{ORIGIN}/api/review/{case_id}",
        headers=headers,
        params=query,
        route_params={"id": case_id},
        body=body,
    )
    return (browsers.show_review if method == "GET" else browsers.decide_review)(request)


def test_the_functions_show_and_decide(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "relay", lambda: road.world)
    request = offline()
    kept = call("GET", request.id, {}, ticket=ticket(request)).headers["Set-Cookie"]
    cookie = kept.partition(";")[0]
    page = call("GET", request.id, principal() | {"Cookie": cookie}, look="once")
    assert (200, "text/html; charset=utf-8") == (page.status_code, page.headers["Content-Type"])
    reply = Reply(page.status_code, {}, page.get_body())
    form = fields(reply) | {"decision": "reject", "comment": ""}
    sent = principal() | {"Origin": ORIGIN, "Content-Type": "application/x-www-form-urlencoded"}
    assert 303 == call("POST", request.id, sent, urlencode(form).encode()).status_code
    assert "rejected" == road.case(request.id).status


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_relay_without_settings_says_so_to_a_person(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    def fail() -> NoReturn:
        raise SettingsError({"RELAY_PUBLIC_URL": "is missing"})

    monkeypatch.setattr(app, "relay", fail)
    reply = call(method, "a" * 32, {"Accept-Language": "ko"})
    assert (503, True) == (reply.status_code, "릴레이가 준비되지 않았습니다" in reply.get_body().decode())
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
