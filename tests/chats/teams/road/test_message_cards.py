"""MessageCards of the bot, whose presses are answered by nothing and shown in the conversation."""

import json

import pytest

from tests.chats.teams.road.bot import FORM, OLD, ONLY_GITHUB, Bot, text
from tests.support import entra_tokens, road, teams_activities

pytestmark = ONLY_GITHUB


def test_a_message_card_of_the_bot_is_pressed_and_changed(bot: Bot) -> None:
    name = bot.ask("old")
    body = bot.teams.shown(OLD)["potentialAction"][1]["actions"][0]["body"]
    press = bot.by("grace", teams_activities.executed(body.replace("{{comment.value}}", 'no "way"\n')))
    reply = bot.send(press)
    assert (200, "rejected", b"") == (reply.status, reply.headers["Relay-Outcome"], reply.body)
    assert ("rejected", 'no "way"\n') == (bot.case(name).status, bot.case(name).reviews[0].comment)
    assert "HttpPOST" not in text(bot.teams.shown(OLD))
    assert "Rejected" in text(bot.teams.shown(OLD))


def test_no_button_of_a_request_decides_on_another(bot: Bot) -> None:
    victim = road.said(bot.road.ask(FORM))
    body = json.dumps({"ticket": victim["ticket"], "verdict": "approve", "comment": ""})
    trojan = {"@type": "HttpPOST", "name": "View the logs", "target": "https://ci.example/logs", "body": body}
    bot.ask("old", environment="staged", actions=[trojan], sections=[{"title": "More", "potentialAction": [trojan]}])
    assert victim["ticket"] not in text(bot.teams.shown(OLD))
    assert 2 == text(bot.teams.shown(OLD)).count("HttpPOST")


@pytest.mark.parametrize(
    ("person", "pressed", "told"),
    [
        ("lin", "", "You are not an approver of this request at its present stage. Nothing was recorded."),
        ("octocat", "", "You asked for this, so somebody else has to decide. Nothing was recorded."),
        ("ada", "x", "Not taken: what was sent is not of the form the relay reads. Nothing was recorded."),
    ],
)
def test_a_messagecards_press_that_is_refused_gets_a_word_in_its_thread(
    bot: Bot, person: str, pressed: str, told: str
) -> None:
    bot.ask("old", requested_by="octocat")
    body = pressed or bot.teams.shown(OLD)["potentialAction"][0]["actions"][0]["body"]
    press = bot.by(person, teams_activities.executed(body), conversation={"id": OLD, "tenantId": entra_tokens.TENANT})
    reply = bot.send(press)
    assert (200, b"", ()) == (reply.status, reply.body, reply.asides)
    said = [each for each in bot.teams.messages.values() if told in text(each)]
    assert 1 == len(said)


def test_a_press_without_proof_or_a_busy_relay_says_nothing_in_a_conversation(bot: Bot) -> None:
    bot.ask("old")
    before = dict(bot.teams.messages)
    press = bot.by("lin", teams_activities.executed("x"))
    assert 401 == bot.deliver(press, "Bearer a.b.c").status
    delivery = teams_activities.delivery(press, "Bearer a.b.c", now=0)
    assert () == bot.road.world.channels["teams"].refuse("busy", "", delivery).asides
    assert before == bot.teams.messages
