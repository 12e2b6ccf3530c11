"""Requests made offline: their ticket in the link, in a cookie and in the form."""

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.browsing import Browser, fields, shown, told
from tests.pages.review.asking import LOGIN, opened
from tests.support.road import NOTHING, Road, offline, ticket


def test_an_offline_ticket_waits_in_a_cookie_while_its_reader_signs_in(road: Road, github: HTTPXMock) -> None:
    request = offline()
    browser = Browser(road)
    first = browser.get(request.id, ticket=ticket(request))
    assert (303, f"/api/review/{request.id}") == (first.status, first.headers["Location"])
    assert LOGIN + request.id == browser.get(request.id).headers["Location"]
    assert NOTHING == road.recorded()
    browser.person = "ada"
    for _ in range(2):  # a reload
        assert "Waiting for approval" in shown(browser.get(request.id))
    assert NOTHING == road.recorded()
    assert 303 == browser.press(request.id, "approve").status
    assert "Approved. GitHub has taken it." == told(browser.get(request.id))
    assert ["__Host-relay-told"] == [*browser.cookies]
    assert "Approved" in shown(Browser(road, "grace").get(request.id))


def test_two_offline_requests_can_be_read_at_once(road: Road) -> None:
    ada, first = opened(road)
    second = offline(nonce="m" * 22, title="The second")
    ada.get(second.id, ticket=ticket(second))
    assert "The second" not in shown(ada.get(first))
    assert "The second" in shown(ada.get(second.id))


def test_a_browser_keeps_six_tickets_and_lets_the_oldest_go_first(road: Road) -> None:
    ada, ids = Browser(road, "ada"), list[str]()
    for number in range(9):
        request = offline(nonce=f"{number}" * 22, title=f"Request {number}")
        ids.append(request.id)
        ada.person = "ada" if number % 2 else ""  # the way to the sign-in counts as well
        ada.get(request.id, ticket=ticket(request))
        ada.get(request.id)
        assert [f"__Host-relay-ticket-{each}" for each in ids[-6:]] == [*ada.cookies]
    ada.person = "ada"
    assert "Request 3" in shown(ada.get(ids[3]))
    assert 404 == ada.get(ids[2]).status


def test_a_form_brings_its_ticket_along_when_the_cookie_is_gone(road: Road) -> None:
    ada, case_id = opened(road)
    form = fields(ada.get(case_id)) | {"decision": "reject", "comment": ""}
    ada.cookies.clear()
    assert 303 == ada.post(case_id, form).status
    assert "rejected" == road.case(case_id).status


@pytest.mark.parametrize("way", ["by its link", "by a cookie", "by the form"])
@pytest.mark.parametrize(
    "spoil", ["another id", "signature", "no ticket", "another relay", "too long", "a cookie's end", "not ASCII"]
)
def test_a_ticket_that_is_not_genuine_or_of_another_request_shows_nothing(road: Road, spoil: str, way: str) -> None:
    request, other = offline(), offline(nonce="m" * 22, title="Another")
    text = {
        "another id": ticket(other),
        "signature": ticket(request)[:-4] + "AAAA",
        "no ticket": "abc",
        "another relay": ticket(request, origin="https://other.example"),
        "too long": "t" * 9_000,
        "a cookie's end": "a\r\nSet-Cookie: x",
        "not ASCII": "é",
    }[spoil]
    browser = Browser(road, "ada")
    if way == "by its link":
        reply = browser.get(request.id, ticket=text)
    elif way == "by a cookie":
        browser.cookies[f"__Host-relay-ticket-{request.id}"] = text
        reply = browser.get(request.id)
    else:
        reply = browser.post(request.id, {"token": "t", "decision": "approve", "comment": "", "ticket": text})
    assert (400, True) == (reply.status, "This link is not genuine" in shown(reply))
    assert "Set-Cookie" not in reply.headers
    assert "Another" not in shown(reply)
    assert NOTHING == road.recorded()


def test_an_expired_offline_request_shows_that(road: Road) -> None:
    ada, case_id = opened(road)
    road.ahead = 86_401
    assert "Expired without a decision" in shown(ada.get(case_id))
