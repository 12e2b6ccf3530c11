"""Cards and dispatches beside each other: neither holds up the other, nor who pressed."""

from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from relay.model.request import ApprovalRequest
from relay.press import CARDS_TIME
from tests.chats.posting.posting import DISPATCHES, DOWN, OLD, OPS, asked, pressed
from tests.support import road
from tests.support.fake_chat import Chat
from tests.support.logged import logged
from tests.support.memory_store import MemoryStore
from tests.support.memory_tables import Tables


class Failing(MemoryStore):
    """A store that does not answer."""

    def __init__(self) -> None:
        super().__init__(Tables(0.0), _fail)


def _fail(_what: str) -> AbstractContextManager[None]:
    raise Outage("the store does not answer")


def backlog(here: road.Road, chat: Chat, httpx_mock: HTTPXMock, cards: int) -> ApprovalRequest:
    """Leave some cards unposted and one release untaken, for a round in which GitHub answers. Return the request."""
    chat.answers = [DOWN] * cards
    for number in range(cards):
        asked(here, "ops", title=f"Deploy {number}")
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=500)
    released = road.offline(title="by mail")
    assert (200, "approved-retrying") == road.outcome(here.press("ada", "approve", road.ticket(released)))
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    return released


def test_a_chat_that_is_down_is_asked_no_more_in_a_round_and_holds_up_no_dispatch(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock
) -> None:
    released = backlog(here, chat, httpx_mock, 5)
    chat.answers = [DOWN] * 3
    here.ahead += 3_600
    assert 4 == here.round()
    assert "delivered" == here.case(released.id).debts[0].status
    assert [] == chat.answers
    here.ahead += 3_600
    assert 5 == here.round()
    assert 5 == len(chat.posts)


def test_a_round_pays_dispatches_before_a_backlog_of_cards(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    released = backlog(here, chat, httpx_mock, 4)
    here.ahead += 3_600
    chat.calls.clear()
    chat.before = lambda: chat.calls.append(here.case(released.id).debts[0].status)
    assert 5 == here.round()
    assert ["delivered", "post"] == chat.calls[:2]


def test_one_channel_that_is_down_holds_up_no_other(here: road.Road, chat: Chat) -> None:
    chat.answers = [DOWN] * 6
    for number in range(5):
        asked(here, "ops", title=f"Deploy {number}")
    asked(here, "old")
    chat.closed = {OPS}
    here.ahead += 3_600
    assert 4 == here.round()
    assert "pending" == chat.shown(OLD)["status"]


def test_a_dispatch_of_github_that_is_full_does_not_keep_a_card_waiting(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=429, headers={"retry-after": "600"})
    asked(here, "ops")
    assert "approved-retrying" == pressed(here, chat, "ada")
    other = road.offline(title="by mail")
    chat.answers = [DOWN]
    asked(here, "ops", title="Another", environment="staged")
    assert (200, "approved-retrying") == road.outcome(here.press("ada", "approve", road.ticket(other)))
    here.ahead += 30
    here.round()
    assert 2 == len(chat.posts)


def test_who_pressed_does_not_wait_for_a_chat_that_hangs(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    asked(here, "ops", "old")
    ticket = str(chat.shown(OPS)["ticket"])
    left: list[float] = []
    chat.asked = lambda deadline: left.append(deadline - here.now())
    assert (200, "released") == road.outcome(here.press("ada", "approve", ticket))
    assert left
    assert CARDS_TIME >= max(left)


def test_a_store_that_fails_after_the_decision_does_not_take_the_answer_away(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    case = here.case(asked(here, "ops"))
    payer = here.payer()
    assert (case, {}) == payer.update_cards(case, deadline=here.now() + 5)
    due = replace(case, debts=(replace(case.debts[0], status="owed", due_at=0.0),))
    assert (due, {}) == replace(payer, store=Failing()).update_cards(due, deadline=here.now() + 5)
    expected = {"outcome": "cards not shown yet", "reason": "the store does not answer"}
    assert [expected] == logged(caplog, "outcome", "reason")
    assert "released" == pressed(here, chat, "ada")
