"""Requests: registered, shown, and ended by their own time or that of their rule."""

import time
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.model.values import iso
from relay.signed import tickets
from tests.api.asking import FORM
from tests.support import road
from tests.support.logged import logged


def lifetime(here: road.Road, case_id: str) -> int:
    request = here.case(case_id).request
    return request.expires_at - request.issued_at


def test_a_request_is_made_and_can_be_pressed(here: road.Road, httpx_mock: HTTPXMock) -> None:
    reply = here.ask(FORM)
    made = road.said(reply)
    assert 201 == reply.status
    assert {"id", "status", "proven", "expires_at", "review_url", "ticket", "review_page"} == set(made)
    request = here.case(made["id"]).request
    assert ("pending", iso(request.expires_at)) == (made["status"], made["expires_at"])
    assert f"{road.ORIGIN}/api/review/{made['id']}" == made["review_url"]
    opened = tickets.open_ticket(made["ticket"], [road.MASTER], road.ORIGIN, now=time.time(), born_at=0)
    assert (made["id"], None) == (opened.id, opened.request)
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    assert (200, "released") == road.outcome(here.press("ada", "approve", made["ticket"]))


def test_what_was_made_is_described_to_its_asker(here: road.Road) -> None:
    made = road.said(here.ask(FORM))
    reply = here.show(made["id"])
    assert 200 == reply.status
    assert {
        "id": made["id"],
        "status": "pending",
        "proven": [],
        "stage": "release",
        "reviews": [],
        "dispatch": {"status": "none", "attempts": 0, "last_error": None, "run_url": None},
    } == road.said(reply)


def test_reviews_and_dispatch_are_described(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=500)
    made = road.said(here.ask(FORM))
    here.press("haneul", "approve", made["ticket"], "좋아요")
    shown = road.said(here.show(made["id"]))
    assert ("approved", "release", "김하늘", "좋아요") == (
        shown["status"],
        shown["stage"],
        shown["reviews"][0]["by"]["name"],
        shown["reviews"][0]["comment"],
    )
    assert {
        "status": "owed",
        "attempts": 1,
        "last_error": "it answers with error 500",
        "run_url": None,
    } == shown["dispatch"]


def test_the_stage_described_is_the_one_that_is_waited_for(here: road.Road) -> None:
    made = road.said(here.ask(FORM | {"environment": "staged"}))
    assert "qa" == road.said(here.show(made["id"]))["stage"]
    here.press("lin", "approve", made["ticket"])
    assert "release" == road.said(here.show(made["id"]))["stage"]


@pytest.mark.parametrize(
    ("environment", "wish", "seconds"),
    [
        ("production", None, 86_400),
        ("production", "90s", 90),
        ("production", "30d", 86_400),
        ("korea", None, 7_200),
        ("korea", "45m", 2_700),
        ("korea", "7d", 7_200),
    ],
)
def test_the_wish_to_expire_holds_within_the_rule(
    here: road.Road, environment: str, wish: str | None, seconds: int
) -> None:
    form = FORM | {"environment": environment} | ({"expires_in": wish} if wish else {})
    assert seconds == lifetime(here, road.said(here.ask(form))["id"])


def test_a_request_expires_and_is_then_neither_pressed_nor_cancelled(here: road.Road) -> None:
    made = road.said(here.ask(FORM | {"expires_in": "90s"}))
    here.ahead = 91
    assert "expired" == road.said(here.show(made["id"]))["status"]
    assert (200, "expired") == road.outcome(here.press("ada", "approve", made["ticket"]))
    assert (409, "already-decided") == (here.cancel(made["id"]).status, road.said(here.cancel(made["id"]))["error"])


def test_a_notification_has_no_event_and_is_never_approved(here: road.Road) -> None:
    reply = here.ask({"repository": "octo/api", "title": "It is done"})
    made = road.said(reply)
    assert (201, 86_400) == (reply.status, lifetime(here, made["id"]))
    assert ("pending", "") == (road.said(here.show(made["id"]))["status"], road.said(here.show(made["id"]))["stage"])
    assert (403, "no-rule") == road.outcome(here.press("ada", "approve", made["ticket"]))


def test_an_answer_is_json_that_no_cache_keeps(here: road.Road) -> None:
    headers = here.ask(FORM).headers
    assert ("application/json; charset=utf-8", "no-store") == (headers["Content-Type"], headers["Cache-Control"])


def test_no_store_is_busy(tmp_path: Path, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture) -> None:
    with road.made(tmp_path, httpx_mock, RELAY_STORE="sqlite:////dev/null/relay.db") as here:
        replies = here.ask(FORM), here.show("a"), here.cancel("a")
    assert [(503, "busy")] * 3 == [(reply.status, road.said(reply)["error"]) for reply in replies]
    assert [("http", "busy")] * 3 == [(line["event"], line["outcome"]) for line in logged(caplog)]
    assert all(line["reason"].startswith("the store does not work") for line in logged(caplog))
