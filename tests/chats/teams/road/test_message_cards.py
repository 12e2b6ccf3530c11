"""MessageCards of the bot, whose presses are answered by nothing and shown in the conversation."""

import json

from tests.chats.teams.road.bot import FORM, OLD, ONLY_GITHUB, Bot, text
from tests.support import road, teams_activities

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


def test_a_messagecards_press_that_is_refused_is_answered_by_nothing(bot: Bot) -> None:
    bot.ask("old")
    body = bot.teams.shown(OLD)["potentialAction"][0]["actions"][0]["body"]
    for person, pressed in (("lin", body), ("ada", "x")):
        reply = bot.send(bot.by(person, teams_activities.executed(pressed)))
        assert (200, b"") == (reply.status, reply.body)
