"""The page of the outbox: its buttons, its forms, and clicks from elsewhere."""

import re

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.browsing import FORM
from tests.pages.operator.asking import GRACE, HTML, KEY, browser, messages
from tests.pages.operator.debts import DENIED, SENT, owed, page, post, refuse, send, shown_text, token
from tests.support.functions import call
from tests.support.road import DISPATCHES, Road


def test_a_second_click_on_replay_shows_what_the_first_one_did(road: Road, refused: str, httpx_mock: HTTPXMock) -> None:
    fields = {"token": token(page()), "back": "/api/outbox"}
    assert 303 == send(f"{refused}/replay", fields).status
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=204)
    assert 1 == road.round()
    again = send(f"{refused}/replay", fields)
    assert (303, "/api/outbox") == (again.status, again.headers["location"])
    assert 404 == post(f"{refused}/replay").status


def test_an_operator_replays_from_the_page_and_comes_back_to_it(road: Road, refused: str) -> None:
    drawn = page()
    assert "Replay" in drawn.text
    assert "Ada" in shown_text(drawn)
    answer = send(f"{refused}/replay", {"token": token(drawn), "back": "/api/outbox"})
    assert (303, "/api/outbox") == (answer.status, answer.headers["location"])
    assert ["owed"] == [each["status"] for each in owed()]
    assert [("page", "replay", GRACE)] == [
        (each["channel"], each["what"], each["person"]) for each in messages("?channel=page")
    ]


def test_an_operator_drops_from_the_story_after_being_asked(road: Road, refused: str) -> None:
    path = f"/api/messages/{refused}"
    drawn = page(path=path)
    assert "Give it up for good?" in drawn.text
    answer = send(f"{refused}/drop", {"token": token(drawn), "back": path})
    assert (303, path) == (answer.status, answer.headers["location"])
    assert [] == owed()


def test_one_button_replays_all_of_a_cause(road: Road, httpx_mock: HTTPXMock) -> None:
    for number in range(2):
        refuse(httpx_mock, 401, event_type=f"deploy-{number}")
    drawn = page()
    assert "Replay all 2" in drawn.text
    answer = send("replay", {"token": token(drawn), "cause": DENIED, "back": "https://evil.example/"})
    assert (303, "/api/outbox") == (answer.status, answer.headers["location"])
    assert ["owed", "owed"] == [each["status"] for each in owed()]


@pytest.mark.parametrize(
    ("headers", "given"),
    [
        ({"content-type": FORM}, True),
        (SENT | {"origin": "https://evil.example"}, True),
        (SENT | {"sec-fetch-site": "cross-site"}, True),
        (SENT, False),
    ],
    ids=["no origin", "another origin", "another site", "no token"],
)
def test_a_form_of_another_page_moves_nothing(road: Road, refused: str, headers: dict[str, str], given: bool) -> None:
    fields = {"token": token(page())} if given else {}
    answer = send(f"{refused}/drop", fields, headers)
    assert (403, True) == (answer.status, answer.headers["content-type"].startswith("text/html"))
    assert ["refused"] == [each["status"] for each in owed()]


def test_a_token_of_another_operator_and_a_body_that_is_no_form_move_nothing(road: Road, refused: str) -> None:
    stolen = re.sub(r"[A-Za-z0-9_-]{43}$", "A" * 43, token(page()))
    assert 403 == send(f"{refused}/drop", {"token": stolen}).status
    assert 400 == call("POST", f"/api/outbox/{refused}/drop", browser() | SENT, b"\xff").status
    assert 413 == call("POST", f"/api/outbox/{refused}/drop", browser() | SENT, b"x" * 5_000).status
    assert ["refused"] == [each["status"] for each in owed()]


def test_a_key_that_asks_for_the_page_sees_it_without_buttons(road: Road, refused: str) -> None:
    drawn = call("GET", "/api/outbox", KEY | HTML)
    assert (200, False) == (drawn.status, "<form" in drawn.text)


def test_an_empty_outbox_says_so(road: Road) -> None:
    assert "Nothing is owed." in page().text
    assert "보낼 것이 없습니다." in call("GET", "/api/outbox", browser() | {"accept-language": "ko"}).text
