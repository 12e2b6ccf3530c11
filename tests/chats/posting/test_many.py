"""Many cards of one request: a press changes as many as it has time for, and no longer waits for the others."""

from collections.abc import Iterator
from pathlib import Path

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
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    policy = example_policy.POLICY.replace("[[rule]]", f"[[rule]]\nchannels = {NAMES}", 1) + CHANNELS
    with road.made(tmp_path, httpx_mock, RELAY_POLICY=policy) as made:
        yield made


def test_cards_for_which_a_press_has_no_time_are_given_back_in_one_commit(
    here: road.Road, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake_chat.Drawn, "fits", lambda *_given: "")
    asked = road.said(here.ask(FORM))
    assert CARDS == len(chat.posts)

    def slow() -> None:
        here.ahead += 0.6

    chat.calls.clear()
    monkeypatch.setattr(chat, "before", slow)
    known = here.case(asked["id"]).version
    assert (200, "released") == road.outcome(here.press("ada", "approve", asked["ticket"]))
    assert ["update"] * 2 == chat.calls
    # The press, its dispatch, the leases of the cards, two cards, and all others.
    assert known + 6 == here.case(asked["id"]).version
    monkeypatch.undo()
    here.ahead += 2
    here.round()
    assert {"approved"} == {message["status"] for message in chat.posts.values()}
