"""A card is posted, pressed and changed for everyone, whoever is away meanwhile."""

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from tests.chats.teams.road.bot import FORM, OLD, ONLY_GITHUB, Bot, card, github, text
from tests.support import entra_tokens, example_policy, road, teams_activities
from tests.support.github_webhooks import workflow_run
from tests.support.new_process import new_process

pytestmark = ONLY_GITHUB


def test_a_card_is_posted_pressed_and_changed_for_everyone(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops")
    shown = bot.teams.shown()
    assert ["29:ada", "29:grace", "29:haneul", "29:octocat"] == sorted(shown["refresh"]["userIds"])
    reply = bot.press("ada", "approve", bot.ticket(), comment="좋아요")
    assert "released" == reply.headers["Relay-Outcome"]
    for made in (card(reply), bot.teams.shown()):
        assert "좋아요" in text(made)
        assert "Action.Execute" not in text(made)
        assert "refresh" not in made
    assert ("approved", [f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE['ada']}"]) == (
        bot.case(name).status,
        [review.by.id for review in bot.case(name).reviews],
    )
    assert 1 == len(road.dispatched(httpx_mock))
    assert 1 == len(bot.teams.messages)
    assert 1 == len(bot.teams.tokens)


def test_a_decided_click_that_is_replayed_counts_once(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops")
    press = bot.by("ada", teams_activities.pressed("approve", ticket=bot.ticket()))
    bearer = teams_activities.token(int(time.time()), serviceurl=bot.teams.service)
    outcomes = [bot.deliver(press, bearer).headers["Relay-Outcome"] for _ in range(3)]
    assert ["released", "already-approved", "already-approved"] == outcomes
    assert (1, 1) == (len(bot.case(name).reviews), len(road.dispatched(httpx_mock)))


def test_two_stages_are_passed_on_one_card(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops", environment="staged")
    assert "counted" == bot.press("lin", "approve", bot.ticket()).headers["Relay-Outcome"]
    assert ["29:ada", "29:grace", "29:haneul", "29:octocat"] == sorted(bot.teams.shown()["refresh"]["userIds"])
    counted = bot.press("ada", "approve", bot.ticket())
    assert "1 more approval" in text(card(counted))
    assert ["29:ada"] == card(counted)["refresh"]["userIds"]
    assert "already-counted" == bot.press("ada", "approve", bot.ticket()).headers["Relay-Outcome"]
    assert "released" == bot.press("grace", "approve", bot.ticket()).headers["Relay-Outcome"]
    assert "approved" == bot.case(name).status


@pytest.mark.parametrize("verb", ["approve", "reject", "refresh"])
def test_an_automatic_refresh_shows_the_card_and_decides_nothing(bot: Bot, verb: str) -> None:
    name = bot.ask("ops")
    before = bot.case(name)
    for person in ("ada", "lin", "nobody-of-the-policy"):
        looked = bot.send(
            bot.by(person, teams_activities.pressed(verb, "automatic", ticket=bot.ticket()))
            | {"from": {"id": f"29:{person}", "aadObjectId": example_policy.PEOPLE.get(person, entra_tokens.OBJECT)}}
        )
        assert "pending" == looked.headers["Relay-Outcome"]
        assert "Action.Execute" in text(card(looked))
    assert before == bot.case(name)


@pytest.mark.parametrize(
    ("person", "fields", "data", "code"),
    [
        ("lin", {}, {}, "not-allowed"),
        ("octocat", {"requested_by": "octocat"}, {}, "own-request"),
        ("ada", {"require_comment": True}, {}, "comment-required"),
    ],
)
def test_whose_word_does_not_count_is_told_so(
    bot: Bot, person: str, fields: dict[str, Any], data: dict[str, Any], code: str
) -> None:
    name = bot.ask("ops", **fields)
    reply = bot.press(person, "approve", bot.ticket(), **data)
    said = json.loads(reply.body)
    assert (200, code) == (reply.status, reply.headers["Relay-Outcome"])
    assert "application/vnd.microsoft.activity.message" == said["type"]
    assert () == bot.case(name).reviews


def test_whose_card_was_deleted_is_heard_and_nothing_is_owed(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops")
    ticket = bot.ticket()
    bot.teams.messages.clear()
    assert "released" == bot.press("ada", "approve", ticket).headers["Relay-Outcome"]
    bot.road.round()
    assert {"delivered"} == {debt.status for debt in bot.case(name).debts}
    assert 0 == sum(row.parked for row in bot.road.world.store.rows())


def test_one_request_in_two_channels_is_one_case(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops", "old")
    assert "released" == bot.press("ada", "approve", bot.ticket()).headers["Relay-Outcome"]
    bot.road.round()
    for room in (teams_activities.CHANNEL, OLD):
        assert "Approved" in text(bot.teams.shown(room))
    assert 1 == len(bot.case(name).reviews)


def test_while_teams_is_away_the_press_counts_and_the_card_follows(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    name = bot.ask("ops")
    bot.teams.next_answers = [(503, {}, b"")]
    assert "released" == bot.press("ada", "approve", bot.ticket()).headers["Relay-Outcome"]
    assert "Action.Execute" in text(bot.teams.shown())
    bot.road.ahead = 600
    bot.road.round()
    assert "Action.Execute" not in text(bot.teams.shown())
    assert "approved" == bot.case(name).status


@pytest.mark.parametrize("room", ["ops", "old"])
def test_a_press_on_a_card_that_the_bot_posted_needs_no_confirmation(
    bot: Bot, httpx_mock: HTTPXMock, room: str
) -> None:
    github(httpx_mock)
    name = bot.ask("ops", room, environment="guarded")
    assert "counted" != bot.press("ada", "refresh", bot.ticket()).headers["Relay-Outcome"]
    refreshed = str(card(bot.press("ada", "refresh", bot.ticket()))["refresh"]["action"]["data"]["ticket"])
    assert "released" == bot.press("ada", "approve", refreshed).headers["Relay-Outcome"]
    assert 1 == len(bot.case(name).reviews)


def test_a_press_on_the_bots_own_card_needs_no_confirmation_from_a_process_that_has_posted_none(
    bot: Bot, httpx_mock: HTTPXMock
) -> None:
    github(httpx_mock)
    name = bot.ask("ops", environment="guarded")
    with new_process(bot.road) as there:
        assert "released" == Bot(there, bot.teams).press("ada", "approve", bot.ticket()).headers["Relay-Outcome"]
    assert 1 == len(bot.case(name).reviews)


def test_a_press_with_a_ticket_of_an_asker_is_confirmed_on_the_bots_own_card(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    asked = road.said(bot.road.ask({**FORM, "environment": "guarded"}))
    first = bot.press("ada", "approve", asked["ticket"], comment="ok")
    assert "confirm" == first.headers["Relay-Outcome"]
    assert '"value": "ok"' in text(card(first))
    view = str(card(first)["refresh"]["action"]["data"]["ticket"])
    assert "confirm" == bot.press("grace", "approve", view).headers["Relay-Outcome"]
    assert "released" == bot.press("ada", "approve", view).headers["Relay-Outcome"]


def test_a_failed_release_is_run_again_by_one_press(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    rules = (replace(bot.road.world.policy.rules[0], retry=True), *bot.road.world.policy.rules[1:])
    policy = replace(bot.road.world.policy, rules=rules)
    cards = replace(bot.road.world.cards, policy=policy)
    payer = replace(bot.road.world.payer, policy=policy, cards=cards)
    presses = replace(bot.road.world.presses, policy=policy, cards=cards, payer=payer)
    bot.road.world = replace(bot.road.world, policy=policy, cards=cards, payer=payer, presses=presses)
    name = bot.ask("ops")
    ticket = bot.ticket()
    bot.press("ada", "approve", ticket)
    bot.road.webhook(workflow_run("completed", name, bot.road.now(), conclusion="failure"))
    shown = bot.teams.shown()
    (again,) = [each for element in shown["body"] for each in element.get("actions", ()) if "verb" in each]
    assert ("again", "Run again") == (again["verb"], again["title"])
    assert "The run failed." in text(shown)
    reply = bot.press("grace", "again", again["data"]["ticket"])
    assert "released" == reply.headers["Relay-Outcome"]
    for made in (card(reply), bot.teams.shown()):
        assert "Run again" not in text(made)
    assert "not-allowed" != bot.press("ada", "again", ticket).headers["Relay-Outcome"]
    assert 2 == len(road.dispatched(httpx_mock))
