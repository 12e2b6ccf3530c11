"""One press of a MessageCard that releases: the rooms that it enters, and how often it moves from one to another."""

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.support import road

MOST = 90  # a few more than the 84 that are made: a slow machine makes some of them again
ORDER = ("press", "chats", "identity", "signed", "store", "approval", "outbox", "github", "net")  # the road's


class Moves:
    """The calls from a module of one room of relay/ into another."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []

    def __call__(self, frame: FrameType, event: str, _value: Any) -> None:
        """Keep a call from room to room."""
        if event == "call" and frame.f_back is not None:
            caller, called = room(frame.f_back), room(frame)
            if caller and called and caller != called:
                self.made.append((caller, called))


def room(frame: FrameType) -> str:
    """Return the room of relay/ where a frame's code is, or an empty text if it is elsewhere."""
    module = str(frame.f_globals.get("__name__", ""))
    return module.removeprefix("relay.").partition(".")[0] if module.startswith("relay.") else ""


@pytest.fixture
def moves(tmp_path: Path, httpx_mock: HTTPXMock) -> list[tuple[str, str]]:
    """Return the moves of a press whose keys are known and whose chat is made."""
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_reusable=True)
    with road.made(tmp_path, httpx_mock) as here:
        first, second = (road.click(request=road.offline(title=title)) for title in ("First", "Second"))
        here.send(first.headers, first.body)
        moves = Moves()
        sys.setprofile(moves)
        try:
            reply = here.send(second.headers, second.body)
        finally:
            sys.setprofile(None)
    assert (200, "released") == road.outcome(reply)
    return moves.made


def test_a_press_enters_the_rooms_in_the_order_of_the_road(moves: list[tuple[str, str]]) -> None:
    entered = dict.fromkeys(["press", *(called for _, called in moves)])
    assert ORDER == tuple(each for each in entered if each in ORDER)


def test_a_press_moves_seldom_from_room_to_room(moves: list[tuple[str, str]]) -> None:
    assert len(moves) <= MOST


def test_the_road_of_a_press_is_one_file_of_at_most_two_hundred_lines() -> None:
    assert len((road.ROOT / "relay" / "press.py").read_text("utf-8").splitlines()) <= 200
