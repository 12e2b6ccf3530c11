"""What a chat refuses or does not answer: tried again, or left to the operator."""

import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Outage, Refusal
from relay.model.debts import Delivered, Refused, RetryAfter
from tests.chats.posting.posting import DISPATCHES, DOWN, OLD, OPS, asked, pressed, statuses
from tests.support import road
from tests.support.fake_chat import Chat


def test_a_chat_that_does_not_answer_is_told_later(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    case_id = asked(here, "ops")
    chat.answers = [DOWN, DOWN]
    assert "released" == pressed(here, chat, "ada")
    assert [("card", "owed"), ("dispatch", "delivered")] == statuses(here, case_id)
    assert "pending" == chat.shown(OPS)["status"]
    here.ahead += 3_600
    assert 1 == here.round()
    here.ahead += 3_600
    assert 1 == here.round()
    assert "approved" == chat.shown(OPS)["status"]
    assert 0 == here.round()


def test_a_post_that_failed_is_tried_again_and_shows_what_was_decided_meanwhile(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    chat.answers = [Delivered(), Outage("Teams cannot be reached")]
    case_id = asked(here, "ops", "old")
    assert [("card", "delivered"), ("card", "owed")] == statuses(here, case_id)
    assert "released" == pressed(here, chat, "ada")
    here.ahead += 3_600
    assert 1 == here.round()
    assert ("approved", "approved") == (chat.shown(OPS)["status"], chat.shown(OLD)["status"])


def test_what_a_chat_refuses_is_the_operators_to_mend(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    chat.answers = [Refused("the bot is not in this conversation", "install the app there")]
    case_id = asked(here, "ops")
    assert [("card", "refused")] == statuses(here, case_id)
    assert [case_id] == [case.request.id for case, _ in here.outbox().owed()]
    here.outbox().replay(case_id)
    assert 1 == here.round()
    assert "pending" == chat.shown(OPS)["status"]
    assert "released" == pressed(here, chat, "ada")


def test_a_card_that_was_refused_once_does_not_go_on_lying(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    asked(here, "ops", environment="staged")
    chat.answers = [Refused("the bot is not in this conversation", "install the app there")]
    assert "counted" == pressed(here, chat, "lin")
    assert [] == chat.shown(OPS)["reviews"]
    for person in ("ada", "grace"):
        pressed(here, chat, person)
    assert ("approved", "") == (chat.shown(OPS)["status"], chat.shown(OPS)["ticket"])


def test_a_post_that_nobody_knows_of_is_repeated_once_and_then_left_to_the_operator(
    here: road.Road, chat: Chat
) -> None:
    unsure = RetryAfter("it did not answer in time", ambiguous=True)
    chat.answers = [unsure, unsure]
    case_id = asked(here, "ops")
    assert [("card", "owed")] == statuses(here, case_id)
    here.ahead += 3_600
    assert 1 == here.round()
    (debt,) = here.case(case_id).debts
    assert ("dead", "the chat may have posted it twice, and said so neither time") == (debt.status, debt.last_error)
    here.ahead += 7_200
    assert 0 == here.round()
    here.outbox().replay(case_id)
    assert 1 == here.round()
    assert "pending" == chat.shown(OPS)["status"]


def test_the_operator_moves_a_card_without_the_dispatch_and_the_dispatch_without_the_card(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=500)
    case_id = asked(here, "ops")
    ticket = str(chat.shown(OPS)["ticket"])
    chat.answers = [Refused("somebody deleted the card", "")]
    assert (200, "approved-retrying") == road.outcome(here.press("ada", "approve", ticket))
    assert [("card", "refused"), ("dispatch", "owed")] == statuses(here, case_id)
    here.outbox().drop(case_id)
    assert [("card", "dead"), ("dispatch", "owed")] == statuses(here, case_id)
    assert ["dispatch"] == [case.debts[index].kind for case, index in here.outbox().owed()]
    with pytest.raises(Refusal, match="dropped"):
        here.outbox().replay(case_id, card="ops")
    with pytest.raises(Refusal, match="unknown-request"):
        here.outbox().drop(case_id, card="nowhere")
    here.outbox().drop(case_id)
    assert [("card", "dead"), ("dispatch", "dead")] == statuses(here, case_id)


def test_of_a_refused_dispatch_and_a_refused_card_each_is_replayed_by_itself(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=404)
    case_id = asked(here, "ops")
    ticket = str(chat.shown(OPS)["ticket"])
    chat.answers = [Refused("the bot is not in this conversation", "install the app there")]
    assert (200, "approved-refused") == road.outcome(here.press("ada", "approve", ticket))
    here.outbox().replay(case_id, card="ops")
    assert [("card", "owed"), ("dispatch", "refused")] == statuses(here, case_id)
    assert 1 == here.round()
    here.outbox().replay(case_id)
    assert [("card", "owed"), ("dispatch", "owed")] == statuses(here, case_id)
