"""Attempts to sign in: each belongs to one browser, ends once and in time, and leads back to a page of ours."""

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.sign_in.visitor import (
    EXPIRED,
    REFUSED,
    REVIEW,
    TOKEN_URL,
    Visitor,
    asked,
    entra_answers,
    id_token,
    sent,
    signed_in,
    told,
)


def test_an_attempt_ends_after_ten_minutes(visitor: Visitor) -> None:
    state = asked(visitor.start())["state"]
    visitor.road.ahead = 601
    assert EXPIRED == told(visitor.back(code="c", state=state))


def test_a_replayed_callback_is_told_and_asks_nothing_of_entra(visitor: Visitor, httpx_mock: HTTPXMock) -> None:
    signed_in(visitor, httpx_mock)
    state = sent(httpx_mock, TOKEN_URL)[0]["code"]
    assert EXPIRED == told(visitor.back(code=state, state="s" * 22))
    assert 1 == len(sent(httpx_mock, TOKEN_URL))


def test_a_code_replayed_with_a_kept_cookie_is_refused_by_entra_and_told(
    visitor: Visitor, httpx_mock: HTTPXMock
) -> None:
    brought = asked(visitor.start())
    kept = dict(visitor.jar)
    entra_answers(httpx_mock, id_token(brought))
    assert 303 == visitor.back(code="c", state=brought["state"]).status
    visitor.jar = kept
    httpx_mock.add_response(url=TOKEN_URL, status_code=400, json={"error": "invalid_grant"})
    assert REFUSED == told(visitor.back(code="c", state=brought["state"]))
    assert [] == visitor.cookies("/api/review/x")


def test_another_browser_cannot_end_an_attempt(visitor: Visitor) -> None:
    state = asked(visitor.start())["state"]
    assert EXPIRED == told(Visitor(visitor.road).back(code="c", state=state))


@pytest.mark.parametrize("state", ["", "x", "a" * 23, "../" * 8, "é" * 22])
def test_a_state_of_another_form_is_of_no_attempt(visitor: Visitor, state: str) -> None:
    visitor.start()
    assert EXPIRED == told(visitor.back(code="c", state=state))


def test_a_forged_cookie_is_no_attempt(visitor: Visitor) -> None:
    first, second = (asked(visitor.start())["state"] for _ in range(2))
    names = visitor.cookies()
    visitor.jar[names[0]], visitor.jar[names[1]] = visitor.jar[names[1]], visitor.jar[names[0]]
    assert [EXPIRED, EXPIRED] == [told(visitor.back(code="c", state=state)) for state in (first, second)]


def test_two_tabs_sign_in_beside_each_other_each_to_its_own_page(visitor: Visitor, httpx_mock: HTTPXMock) -> None:
    pages = [REVIEW, "/api/review/" + "b" * 32]
    brought = [asked(visitor.start(to=page)) for page in pages]
    for each, page in reversed(list(zip(brought, pages, strict=True))):
        entra_answers(httpx_mock, id_token(each))
        assert page == visitor.back(code="c", state=each["state"]).headers["Location"]


@pytest.mark.parametrize("name", ["\u00e9", "a", "a" * 21, "a" * 23, "a" * 21 + '"', ""])
def test_a_cookie_that_is_no_attempt_is_not_answered_with_its_name(visitor: Visitor, name: str) -> None:
    states = [asked(visitor.start())["state"] for _ in range(6)]
    visitor.jar = {f"__Secure-relay-sign-in-{name}": ("x", "/api/sign-in"), **visitor.jar}
    reply = visitor.start()
    assert [f"__Secure-relay-sign-in-{each}" for each in (states[0], asked(reply)["state"])] == [
        cookie.partition("=")[0] for cookie in reply.cookies
    ]


def test_of_seven_attempts_the_oldest_is_dropped(visitor: Visitor) -> None:
    states = [asked(visitor.start())["state"] for _ in range(7)]
    assert [f"__Secure-relay-sign-in-{state}" for state in states[1:]] == visitor.cookies()


@pytest.mark.parametrize(
    "to",
    [
        *(
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "/api//evil.example",
            "/api/../../evil",
            "",
            "x",
        ),
        *("/api/sign-in", "/api/sign-in/callback", "/api/sign-out", "/api/sign-in?to=/api/review/x", "/api/review/\n"),
        *("/api/review/a?x=//evil.example\\", "/api/review/" + "a" * 500, "javascript:alert(1)", "/.auth/logout"),
    ],
)
def test_nobody_is_led_away_or_around(visitor: Visitor, httpx_mock: HTTPXMock, to: str) -> None:
    assert (303, "/api/sign-out") == (
        (reply := signed_in(visitor, httpx_mock, to=to)).status,
        reply.headers["Location"],
    )
    assert (200, "Signed in as Ada") == told(visitor.whoami())
