"""Cards are changed for everybody whenever there is something new to show."""

import time
from pathlib import Path

import httpx
from pytest_httpx import HTTPXMock

from tests.chats.posting.posting import DISPATCHES, OLD, OPS, asked, pressed
from tests.support import clicks, groups, road
from tests.support.fake_chat import Chat, joined


def test_whoever_decides_changes_every_card_at_once(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    asked(here, "ops", "old")
    assert "released" == pressed(here, chat, "ada")
    for place in (OPS, OLD):
        shown = chat.shown(place)
        assert ("approved", ["Ada approve"], ["delivered"]) == (shown["status"], shown["reviews"], shown["github"])
        assert ("", "") == (shown["ticket"], shown["needs"])
    assert ["post", "post", "update", "update"] == chat.calls
    assert 0 == here.round()


def test_a_word_that_only_counts_is_shown_too(here: road.Road, chat: Chat) -> None:
    asked(here, "ops", environment="staged")
    assert "counted" == pressed(here, chat, "lin")
    shown = chat.shown(OPS)
    assert (["Lin approve"], "2 more approvals in stage release") == (shown["reviews"], shown["needs"])
    assert "counted" == pressed(here, chat, "ada")


def test_what_github_says_later_is_shown_then(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=500)
    asked(here, "ops")
    assert "approved-retrying" == pressed(here, chat, "ada")
    assert ("approved", ["owed"]) == (chat.shown(OPS)["status"], chat.shown(OPS)["github"])
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    here.ahead += 3_600
    assert 2 == here.round()
    assert ["delivered"] == chat.shown(OPS)["github"]


def test_what_the_operator_gives_up_is_shown(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=500)
    case_id = asked(here, "ops")
    assert "approved-retrying" == pressed(here, chat, "ada")
    here.ahead += 60
    here.outbox().drop(case_id)
    assert ["card"] == [case.debts[index].kind for case, index in here.outbox().owed()]
    assert 1 == here.round()
    assert ["dead"] == chat.shown(OPS)["github"]


def test_a_request_that_was_withdrawn_says_so_at_once(here: road.Road, chat: Chat) -> None:
    case_id = asked(here, "ops")
    assert 200 == here.cancel(case_id).status
    assert ("cancelled", "") == (chat.shown(OPS)["status"], chat.shown(OPS)["ticket"])


def test_a_request_that_ended_by_itself_says_so_at_the_next_rounds(here: road.Road, chat: Chat) -> None:
    asked(here, "ops", expires_in="1h")
    here.ahead += 3_700
    here.round()
    here.round()
    assert ("expired", "") == (chat.shown(OPS)["status"], chat.shown(OPS)["ticket"])


def test_an_older_request_says_what_took_its_place(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with groups.made(tmp_path, httpx_mock) as here:
        groups.never_pausing(here)
        chat = joined(here)
        asked(here, "ops", environment="newest")
        asked(here, "old", environment="newest", title="Newer")
        here.ahead += 1
        assert 1 == here.round()
    assert ("superseded", "pending") == (chat.shown(OPS)["status"], chat.shown(OLD)["status"])


def test_a_click_without_time_leaves_the_card_to_the_timer(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    def answered_late(_request: httpx.Request) -> httpx.Response:
        time.sleep(0.35)  # and with it goes the time for the card
        return httpx.Response(204)

    httpx_mock.add_callback(answered_late, method="POST", url=DISPATCHES)
    asked(here, "ops")
    ticket = str(chat.shown(OPS)["ticket"])
    at = int(here.now())
    headers = clicks.headers("ada", "approve", ticket, iat=at, nbf=at, exp=at + 3_600)
    assert "released" == road.outcome(here.send(headers, late=3.2))[1]
    assert ["post"] == chat.calls
    here.ahead += 2
    assert 1 == here.round()
    assert "approved" == chat.shown(OPS)["status"]
