"""The filters of GET /api/messages, and its pages."""

from urllib.parse import unquote

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.operator.asking import ADA, HTML, KEY, LIN, ask, messages, press
from tests.support.functions import call
from tests.support.road import Road


def test_filters_find_a_person_by_any_of_their_ids_or_by_their_key(road: Road, github: HTTPXMock) -> None:
    press("ada", "approve", ask()["ticket"])
    press("lin", "approve", ask()["ticket"])
    assert [ADA] == [each["person"] for each in messages("?person=ada")]
    assert [LIN] == [each["person"] for each in messages(f"?person={LIN}")]
    assert ["key:ci", "key:ci"] == [each["person"] for each in messages("?person=key:ci")]
    assert [] == messages("?person=grace")
    assert [ADA] == [each["person"] for each in messages("?outcome=released&repository=OCTO/api&channel=messagecard")]
    assert 5 == len(messages("?since=2020-01-01&until=2999-12-31&request=&person="))
    assert [] == messages("?until=2020-01-01")


def test_a_page_has_fifty_messages_and_leads_to_the_next(road: Road) -> None:
    for _ in range(60):
        call("POST", "/api/requests", {}, b"{}")
    call("POST", "/api/receipts/check", {}, b"{}")
    first = call("GET", "/api/messages?outcome=not-genuine", KEY).json
    assert 50 == len(first["messages"])
    rest = call("GET", f"/api/messages?outcome=not-genuine&cursor={first['next']}", KEY).json
    assert (10, None) == (len(rest["messages"]), rest["next"])
    times = [each["at"] for each in [*first["messages"], *rest["messages"]]]
    assert sorted(times, reverse=True) == times


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=yesterday", "since"),
        ("since=2026-13-01", "since"),
        ("until=2026-W01", "until"),
        ("until=1790000000", "until"),
        ("cursor=x", "cursor"),
        ("cursor=79999999999999-ffffffff00000000.000000000000", "cursor"),
        (f"person={'x' * 301}", "person"),
        ("repository=a%07b", "repository"),
        ("repository=octo/*", "repository"),
        ("channel=smoke", "channel"),
        ("outcome=smoke", "outcome"),
        ("person=nobody", "person"),
        ("request=a/b", "request"),
    ],
)
def test_a_filter_of_another_form_is_named(road: Road, query: str, field: str) -> None:
    answer = call("GET", f"/api/messages?{query}", KEY)
    assert (400, "malformed", field) == (answer.status, answer.json["error"], answer.json["field"])


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("channel=teems", "channel: is none of messagecard, outlook, "),
        ("channel=teems", "; the nearest is teams"),
        ("outcome=Refusd", "outcome: is no outcome of a message; the nearest is refused"),
        ("person=adda", "person: is no person of the policy, and no id such as slack:TEAM/USER; the nearest is ada"),
    ],
)
def test_a_value_that_no_message_can_have_is_no_empty_list_and_the_nearest_is_named(
    road: Road, query: str, told: str
) -> None:
    assert told in call("GET", f"/api/messages?{query}", KEY).json["message"]


def test_a_cursor_of_other_filters_is_refused(road: Road) -> None:
    for _ in range(51):
        call("POST", "/api/requests", {}, b"{}")
    cursor = call("GET", "/api/messages", KEY).json["next"]
    assert 400 == call("GET", f"/api/messages?channel=api&cursor={cursor}", KEY).status
    assert 200 == call("GET", f"/api/messages?cursor={cursor}", KEY).status


def test_a_filter_is_no_field_of_the_sign_in(road: Road) -> None:
    led = call("GET", "/api/messages?person=ada&since=2026-01-31&x=y%26z", HTML)
    start, _, to = led.headers["location"].partition("=")
    assert "/.auth/login/aad?post_login_redirect_uri" == start
    assert "&" not in to
    assert "/api/messages?person=ada&since=2026-01-31&x=y%26z" == unquote(to)
