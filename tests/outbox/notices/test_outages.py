"""Chats that are down, gone or odd: nothing is lost, told twice or out of order, or in the way."""

from typing import Final

import pytest

from tests.outbox.notices.telling import Telling, entry, notices, of

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
SAID: Final = [
    "Approval is asked for: Deploy api, by octocat",
    "Ada: approve, in stage release: Deploy api",
    "Approved: Deploy api, by Ada",
    "GitHub has taken it: Deploy api",
]


@of(entry("releases"))
def test_a_chat_that_was_down_for_an_hour_hears_of_all_once_and_in_order(here: Telling) -> None:
    here.slack.slack.mode = "down"
    case_id = here.ask()
    here.road.round()
    here.press("ada", case_id)
    for _ in range(60):
        here.road.ahead += 60
        here.road.round()
    assert ([], 4) == (here.texts(), len(here.owed()))
    here.slack.slack.mode = "up"
    here.hours(2)
    assert (SAID, []) == (here.texts(), here.owed())


@of(entry("releases", style="edit"))
def test_an_announcement_is_posted_in_its_last_state_once_the_chat_is_back(here: Telling) -> None:
    here.slack.slack.mode = "down"
    case_id = here.ask()
    here.hours(1)
    here.press("ada", case_id)
    here.hours(1)
    assert ["releases delivered"] == here.owed()
    here.slack.slack.mode = "up"
    here.hours(2)
    (message,) = here.messages()
    assert (SAID[-1], 0, []) == (message.text, message.edits, here.owed())
    assert ["cancelled", "cancelled", "cancelled", "delivered"] == [debt.status for debt in notices(here, case_id)]


@of(entry("releases", on=["requested"]))
def test_a_message_without_an_answer_is_tried_once_more_and_then_left_to_the_operator(here: Telling) -> None:
    here.slack.slack.mode = "lost"
    case_id = here.ask()
    here.hours(3)
    assert 2 == len(here.messages())
    (debt,) = notices(here, case_id)
    assert ("dead", "the chat may have posted it twice, and said so neither time") == (debt.status, debt.last_error)
    here.slack.slack.mode = "up"
    here.road.outbox().replay(case_id)
    here.road.round()
    assert [] == here.owed()


@of(entry("releases", "events", on=["requested"]))
def test_a_chat_that_refuses_stops_neither_the_next_notice_nor_another_channel(here: Telling) -> None:
    here.slack.slack.next_errors = ["is_archived"]
    case_id = here.ask()
    here.road.round()
    refused, told = notices(here, case_id)
    assert ("refused", "the channel is archived") == (refused.status, refused.last_error)
    assert ("unarchive it" in refused.cure, "delivered") == (True, told.status)
    assert ["releases requested"] == here.owed()
    here.road.outbox().drop(case_id, card="releases")
    assert [] == here.owed()


@of(entry("releases"))
def test_what_the_operator_drops_lets_the_next_notice_pass(here: Telling) -> None:
    here.slack.slack.mode = "down"
    case_id = here.ask()
    here.road.round()
    here.road.ahead += 60
    here.road.outbox().drop(case_id, card="releases")
    here.press("ada", case_id)
    here.slack.slack.mode = "up"
    here.hours(1)
    assert SAID[1:] == here.texts()
