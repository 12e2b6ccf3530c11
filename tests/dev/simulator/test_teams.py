"""The relay's bot in Teams: cards that it posts, presses on them, and what everyone sees of it afterwards."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from relay.app import relay as running_relay
from relay.chats.conversations import Conversations
from relay.dev.simulator.activities import user_id
from relay.dev.simulator.people import people_of
from tests.dev.simulator.here import Here, ask_in, here, now, path_of, press, press_on, state
from tests.dev.simulator.posting import send

BOT = "channel:releases"
CLASSIC = "channel:releases-classic"


def said(card: object) -> str:
    return json.dumps(card, ensure_ascii=False)


def refresh(page: httpx.Client, card: dict[str, Any], person: str, trigger: str = "automatic") -> dict[str, Any]:
    asked = {"card": card["id"], "person": person, "trigger": trigger}
    assert 200 == page.post("/simulator/refreshes", json=asked).status_code
    return now(page, card["id"])


def test_the_bot_is_in_the_team_and_posts_where_a_channel_of_the_policy_says(
    simulator: Here, page: httpx.Client
) -> None:
    (card,) = ask_in(page, "production", BOT)
    assert ("bot", "channel", "Teams, releases", "alan") == (
        card["host"],
        card["source"],
        card["where"],
        card["request"]["requested_by"],
    )
    place = running_relay().policy.channels["releases"].place
    known = Conversations(running_relay().store, time.time).place("teams", place)
    assert known is not None
    assert ("releases", f"{simulator.origin}/simulator/teams/") == (known.name, known.address)


def test_relay_send_to_a_channel_lands_in_it(page: httpx.Client) -> None:
    state(page)
    options = ("--repository", "octo/shop", "--environment", "production", "--event-type", "deploy-production")
    sent = send(page, "--channel", "releases", *options, "--title", "Sent to a channel")
    assert 0 == sent.returncode, sent.stderr
    card = state(page)["cards"][0]
    assert ("Sent to a channel", "bot") == (card["title"], card["host"])
    assert card["request"]["id"] in sent.stdout


def test_a_press_changes_the_card_for_who_pressed_and_for_everyone(page: httpx.Client) -> None:
    (card,) = ask_in(page, "payments", BOT)
    after = press_on(page, card, "Approve", "grace", "tested")
    assert ("counted", 200, "Grace Hopper", "") == tuple(
        after["line"][name] for name in ("outcome", "status", "by", "text")
    )
    assert "Counted." in said(after["views"]["grace"])
    assert "Counted." not in said(after["card"])
    assert 1 <= after["edition"]
    for drawn in (after["card"], after["views"]["grace"]):
        assert "Grace Hopper approved" in said(drawn)
    (card,) = ask_in(page, "production", BOT)
    after = press_on(page, card, "Approve", "ada", 'say "yes"\nand no')
    assert "released" == after["line"]["outcome"]
    assert "Ada Lovelace approved" in said(after["card"])
    assert [] == path_of(after["card"], "Approve")
    reviews = state(page)["dispatches"][0]["body"]["client_payload"]["approval"]["reviews"]
    assert 'say "yes"\nand no' == reviews[0]["comment"]


@pytest.mark.parametrize(
    ("person", "button", "outcome"), [("stranger", "Reject", "not-allowed"), ("alan", "Approve", "own-request")]
)
def test_who_may_not_is_told_and_nothing_changes(page: httpx.Client, person: str, button: str, outcome: str) -> None:
    (card,) = ask_in(page, "production", BOT)
    after = press_on(page, card, button, person)
    assert (outcome, False) == (after["line"]["outcome"], after["line"]["good"])
    assert after["line"]["text"]
    assert ({}, 0, card["card"]) == (after["views"], after["edition"], after["card"])


def test_a_card_refreshes_by_itself_for_those_whom_it_names_once(page: httpx.Client) -> None:
    (card,) = ask_in(page, "payments", BOT)
    people = {each.key: user_id(each) for each in people_of(running_relay().policy)}
    assert [people["grace"]] == card["card"]["refresh"]["userIds"]
    for person in ("stranger", "alan", "ada"):
        assert card == refresh(page, card, person)
    seen = refresh(page, card, "grace")
    assert path_of(seen["views"]["grace"], "Approve")
    assert {} == seen["line"]
    assert seen == refresh(page, seen, "grace")


def test_a_card_is_refreshed_by_hand_for_anybody(page: httpx.Client) -> None:
    (card,) = ask_in(page, "payments", BOT)
    seen = refresh(page, card, "stranger", "manual")
    assert ["stranger"] == list(seen["views"])
    assert {} == seen["line"]


def test_what_changes_for_everyone_takes_the_place_of_what_single_people_saw(page: httpx.Client) -> None:
    (card,) = ask_in(page, "payments", BOT)
    seen = refresh(page, card, "grace")
    after = press_on(page, seen, "Approve", "grace")
    assert "counted" == after["line"]["outcome"]
    assert "Grace Hopper approved" in said(after["card"])
    ours = refresh(page, after, "ada")
    assert "released" != ours["line"]["outcome"]
    last = press_on(page, press_on(page, ours, "Approve", "ada"), "Approve", "grace")
    assert "approved" == last["request"]["status"]
    assert [] == path_of(last["card"], "Approve")


def test_everyones_view_can_be_pressed_too(page: httpx.Client) -> None:
    (card,) = ask_in(page, "payments", BOT)
    seen = refresh(page, card, "grace")
    asked = {"card": card["id"], "person": "grace", "path": path_of(seen["card"], "Approve"), "everyone": True}
    assert 200 == page.post("/simulator/presses", json=asked).status_code
    assert "counted" == now(page, card["id"])["line"]["outcome"]


def test_a_message_card_of_the_bot_sends_its_body_and_changes_for_everyone(page: httpx.Client) -> None:
    (card,) = ask_in(page, "production", CLASSIC)
    assert "MessageCard" == card["card"]["@type"]
    after = press_on(page, card, "Approve", "grace", 'with a "quote"')
    assert ("released", True, "") == tuple(after["line"][name] for name in ("outcome", "good", "text"))
    assert {} == after["views"], "Teams shows nothing of the answer"
    assert "Grace Hopper" in said(after["card"])
    reviews = state(page)["dispatches"][0]["body"]["client_payload"]["approval"]["reviews"]
    assert 'with a "quote"' == reviews[0]["comment"]


def test_one_request_in_several_places_is_one_case_and_its_cards_change_together(page: httpx.Client) -> None:
    places = (BOT, CLASSIC, "outlook", "mail", "workflows")
    cards = ask_in(page, "production", *places)
    assert 1 == len({each["request"]["id"] for each in cards})
    assert ["bot", "bot", "outlook", "outlook", "workflows"] == [each["host"] for each in cards]
    press_on(page, cards[3], "Approve", "grace", "by mail")
    for each in cards:
        after = now(page, each["id"])
        assert "approved" == after["request"]["status"]
        if each["host"] == "bot":
            assert "Grace Hopper" in said(after["card"])
    late = press_on(page, cards[2], "Approve", "ada")
    assert "already-approved" == late["line"]["outcome"]


def test_a_notification_goes_to_a_channel_too(page: httpx.Client) -> None:
    form = {"repository": "octo/shop", "title": "Only to tell"}
    (card,) = ask_in(page, form, BOT)
    assert ("Only to tell", []) == (card["title"], path_of(card["card"], "Approve"))


@pytest.mark.parametrize("path", [None, [], ["body", 0], ["body", 99], ["refresh"], ["version"]])
def test_only_an_action_can_be_pressed(page: httpx.Client, path: object) -> None:
    (card,) = ask_in(page, "production", BOT)
    asked = {"card": card["id"], "person": "ada", "path": path, "inputs": {}}
    assert 400 == page.post("/simulator/presses", json=asked).status_code


def test_a_press_on_what_no_card_of_ours_has_is_told_as_teams_tells_it(page: httpx.Client) -> None:
    """A card is only what the relay drew; here its ticket is spoilt on the way."""
    (card,) = ask_in(page, "production", BOT)
    path = path_of(card["card"], "Approve")
    asked = {"card": card["id"], "person": "ada", "path": path, "inputs": {"ticket": "no ticket"}}
    assert 200 == page.post("/simulator/presses", json=asked).status_code
    line = now(page, card["id"])["line"]
    assert ("Something went wrong. Please try again.", False, 400) == (line["text"], line["good"], line["status"])
    assert line["why"]


@pytest.mark.parametrize("place", [[], ["nowhere"], "outlook", [1]])
def test_a_card_goes_somewhere(page: httpx.Client, place: object) -> None:
    answer = page.post("/simulator/requests", json={"form": {"title": "x"}, "places": place})
    assert (400, "places") == (answer.status_code, answer.json()["field"])


def test_a_policy_without_channels_has_no_place_for_the_bot(tmp_path: Path) -> None:
    with (
        here(tmp_path, RELAY_POLICY='operators = []\n[people.ada]\nname = "Ada"\n') as started,
        started.client() as page,
    ):
        assert ["outlook", "mail", "workflows"] == [each["key"] for each in state(page)["places"]]


def test_the_places_are_outlook_a_workflow_and_the_channels_of_the_policy(page: httpx.Client) -> None:
    of_slack = ["channel:slack-releases", "channel:slack-owners"]
    assert ["outlook", "mail", "workflows", BOT, CLASSIC, *of_slack] == [each["key"] for each in state(page)["places"]]


def test_a_press_by_the_page_needs_no_ticket_of_the_page(page: httpx.Client) -> None:
    (card,) = ask_in(page, "production", BOT)
    assert "released" == press(page, card["id"], "ada", path_of(card["card"], "Approve"))["line"]["outcome"]
