"""The command line of the simulator: words go to the relay as Slack and Teams bring them, and its answer comes back."""

import httpx
import pytest

from tests.dev.simulator.here import state

ROOMS = [
    {"key": "releases", "app": "teams"},
    {"key": "releases-classic", "app": "teams"},
    {"key": "slack-releases", "app": "slack"},
]


def say(page: httpx.Client, room: object, text: object, person: str = "ada") -> httpx.Response:
    return page.post("/simulator/commands", json={"person": person, "room": room, "text": text})


def test_the_page_is_offered_the_conversations_of_both_chats(page: httpx.Client) -> None:
    assert ROOMS == state(page)["rooms"]


@pytest.mark.parametrize("room", ["releases", "slack-releases"])
def test_help_names_the_person_and_what_they_may_say(page: httpx.Client, room: str) -> None:
    answer = say(page, room, "help").json()
    assert ("help", 200) == (answer["outcome"], answer["status"])
    assert "You are Ada Lovelace," in answer["words"]
    assert "deploy" in answer["words"]


@pytest.mark.parametrize("room", ["releases", "slack-releases"])
def test_one_line_deploys_to_staging(page: httpx.Client, room: str) -> None:
    answer = say(page, room, "deploy shop because <b> & *it* is late").json()
    assert "released" == answer["outcome"]
    assert "Approved. GitHub has taken it." in answer["words"]


def test_a_stranger_is_told_so_in_each_chat(page: httpx.Client) -> None:
    assert "Your Slack team is not one" in say(page, "slack-releases", "help", "stranger").json()["words"]
    assert "The policy has no person of this id." in say(page, "releases", "help", "stranger").json()["words"]


@pytest.mark.parametrize(
    ("room", "text", "field"),
    [("slack-owners", "help", "room"), (5, "help", "room"), ("releases", 5, "text"), ("releases", "x" * 4_001, "text")],
)
def test_a_room_or_a_text_that_is_none_is_refused(page: httpx.Client, room: object, text: object, field: str) -> None:
    answer = say(page, room, text)
    assert (400, field) == (answer.status_code, answer.json()["field"])
