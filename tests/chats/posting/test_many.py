"""Many cards of one request: a press changes as many as it has time for, and no longer waits for the others."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pytest_httpx import HTTPXMock

from tests.chats.posting.posting import FORM
from tests.support import example_policy, fake_chat, road
from tests.support.fake_chat import Chat

CARDS = 40
NAMES = [f"c{number}" for number in range(CARDS)]
CHANNELS = "".join(f'[channels.{name}]\nkind = "teams"\nplace = "19:{name}@thread.tacv2"\n' for name in NAMES)


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    policy = example_policy.POLICY.replace("[[rule]]", f"[[rule]]\nchannels = {NAMES}", 1) + CHANNELS
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=policy) as made:
        yield made


@pytest.fixture
def asked(here: road.Road, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    with monkeypatch.context() as fitting:
        fitting.setattr(fake_chat.Drawn, "fits", lambda *_given: "")
        said: dict[str, str] = road.said(here.ask(FORM))
    assert CARDS == len(chat.posts)
    chat.calls.clear()
    return said


def all_are_shown_by_the_timer(here: road.Road, chat: Chat) -> None:
    here.ahead += 2
    here.round()
    assert {"approved"} == {message["status"] for message in chat.posts.values()}


def test_cards_for_which_a_press_has_no_time_are_given_back_in_one_commit(
    here: road.Road, chat: Chat, asked: dict[str, str], httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)

    def slow() -> None:
        here.ahead += 0.6

    monkeypatch.setattr(chat, "before", slow)
    known = here.case(asked["id"]).version
    assert (200, "released") == road.outcome(here.press("ada", "approve", asked["ticket"]))
    assert ["update"] * 2 == chat.calls
    # The press, its dispatch, the leases of the cards, two cards, and all others.
    assert known + 6 == here.case(asked["id"]).version
    monkeypatch.undo()
    all_are_shown_by_the_timer(here, chat)


def test_a_press_whose_time_github_took_leases_no_cards(
    here: road.Road, chat: Chat, asked: dict[str, str], httpx_mock: HTTPXMock
) -> None:
    def slow(_request: httpx.Request) -> httpx.Response:
        here.ahead += 3.8
        return httpx.Response(204)

    httpx_mock.add_callback(slow, url=road.DISPATCHES)
    known = here.case(asked["id"]).version
    assert (200, "released") == road.outcome(here.press("ada", "approve", asked["ticket"]))
    assert ([], known + 2) == (chat.calls, here.case(asked["id"]).version)
    all_are_shown_by_the_timer(here, chat)
