"""A message to the bot is a command, answered in its thread; one to an outgoing webhook asks, and never approves."""

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.journal.calls import Call, calling
from relay.model.case import Case
from relay.model.delivery import Conversation, Delivery, Reply
from tests.chats.teams.road.bot import ONLY_GITHUB, Bot, github
from tests.support import road, teams_activities
from tests.support.entra_tokens import TENANT

pytestmark = ONLY_GITHUB
KEY = bytes(range(32))
THREAD = f"{teams_activities.CHANNEL};messageid=1700000000000"


def say(bot: Bot, person: str, text: str, **changes: Any) -> str:
    """Write to the bot, and return the words of its answer in the thread."""
    asked = bot.by(person, teams_activities.activity("message", text=text, **changes))
    before = [*bot.teams.messages]
    reply = bot.send(asked)
    assert (200, b"") == (reply.status, reply.body)
    (answer,) = [made for place, made in bot.teams.messages.items() if place not in before and "text" in made]
    assert "message" == answer["type"]
    return str(answer["text"])


def case(bot: Bot, words: str) -> Case:
    return bot.case(words.rpartition("/api/review/")[2].partition(")")[0])


def asked_by_webhook(bot: Bot, person: str, text: str, **changes: Any) -> Reply:
    made = bot.by(person, teams_activities.activity("message", text=text))
    made["timestamp"] = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    body = json.dumps(made | changes).encode()
    headers = {"authorization": f"HMAC {b64encode(hmac.digest(KEY, body, 'sha256')).decode()}"}
    chat = bot.road.world.typed["teams"]
    return bot.road.commands().answer(chat, Delivery("command", headers, body, bot.road.now()))


def test_a_message_to_the_bot_asks_and_its_card_comes_to_the_channel(bot: Bot) -> None:
    words = say(bot, "lin", "<at>Approval relay</at>&nbsp;deploy api because <b>Tom &amp; Jerry</b>")
    assert words.startswith("Asked for an approval: Deploy api to staging\n\nIts card is here.\n\n[Review page](")
    made = case(bot, words)
    assert ("command", "lin", "Tom & Jerry") == (
        made.proof,
        made.request.requested_by,
        made.request.client_payload["why"],
    )
    assert made.conversation == Conversation("teams", THREAD, bot.teams.service, TENANT, "Operations")
    (card,) = [debt.card for debt in made.debts if debt.card]
    assert ("origin", teams_activities.CHANNEL) == (card.channel, card.place)
    assert "Deploy api to staging" in json.dumps(bot.teams.shown())


def test_a_message_to_the_bot_is_logged_as_a_command_with_the_request_that_it_made(bot: Bot) -> None:
    call = Call(lambda _messages: None)
    with calling(call):
        made = case(bot, say(bot, "lin", "deploy api")).request
    assert ("command", "asked", made.id, made.repository) == tuple(
        call.noted[name] for name in ("what", "outcome", "request", "repository")
    )


def test_a_person_releases_by_one_line_to_the_bot(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    words = say(bot, "ada", "<at>Approval relay</at> release api")
    assert words.startswith("release api: Approved. GitHub has taken it.")
    assert 1 == len(road.dispatched(httpx_mock))
    assert "approved" == case(bot, words).status


def test_the_same_message_again_is_answered_again_and_makes_nothing(bot: Bot, httpx_mock: HTTPXMock) -> None:
    github(httpx_mock)
    first = say(bot, "ada", "release api")
    assert first == say(bot, "ada", "release api")
    assert 1 == len(road.dispatched(httpx_mock))
    other = say(bot, "ada", "release api", id="f:00000000-0000-4000-8000-000000000001")
    assert case(bot, first).request.id != case(bot, other).request.id


def test_without_an_id_only_the_same_words_are_the_same_message(bot: Bot) -> None:
    first, again, other = (say(bot, "ada", f"pair {app}", id=None) for app in ("api", "api", "site"))
    assert first == again
    assert ("pair api", "pair site") == (case(bot, first).request.title, case(bot, other).request.title)


def test_help_of_the_bot_lists_commands_and_the_lines_of_a_channel(bot: Bot) -> None:
    words = say(bot, "lin", "<at>Approval relay</at>")
    assert words.startswith(f"You are Lin, {bot.road.world.policy.people['lin'].entra and 'entra:'}")
    assert "ship" in words
    assert f'place = "{teams_activities.CHANNEL}"' in words


@pytest.mark.parametrize("text", ["help", "deploi api"])
def test_a_format_is_shown_as_it_is_typed(bot: Bot, text: str) -> None:
    answer = json.loads(asked_by_webhook(bot, "lin", text).body)["text"]
    for words in (answer, say(bot, "lin", text)):
        assert "deploy {{app}} [to {{env=staging}}] [because {{why...}}]" in words


def test_an_outgoing_webhook_asks_and_never_approves(bot: Bot, httpx_mock: HTTPXMock) -> None:
    reply = asked_by_webhook(bot, "ada", "<at>relay</at> release api")
    said = json.loads(reply.body)
    assert (200, "asked", {"type", "text"}) == (reply.status, reply.headers["Relay-Outcome"], {*said})
    assert ("pending", ()) == (case(bot, said["text"]).status, case(bot, said["text"]).reviews)
    assert [] == road.dispatched(httpx_mock)


def test_the_same_activity_to_a_webhook_makes_one_request(bot: Bot) -> None:
    first, second = (json.loads(asked_by_webhook(bot, "ada", "release api").body)["text"] for _ in range(2))
    assert first == second
    assert 1 == bot.road.recorded()["cases"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"channelId": "directline"}, 401),
        ({"timestamp": "2026-01-01T00:00:00Z"}, 401),
        ({"timestamp": "9999-99-99T99:99:99Z"}, 401),
        ({"timestamp": 5}, 401),
        ({"channelData": {"tenant": {"id": "22222222-2222-4222-8222-222222222222"}}}, 401),
        ({"type": "invoke"}, 400),
        ({"from": {"id": "29:x", "name": "x"}}, 400),
    ],
)
def test_a_webhook_s_message_with_one_thing_spoilt_is_refused_without_words(
    bot: Bot, changes: dict[str, Any], status: int
) -> None:
    reply = asked_by_webhook(bot, "ada", "release api", **changes)
    assert (status, b"") == (reply.status, reply.body)
    assert 0 == bot.road.recorded()["cases"]


@pytest.mark.parametrize("changes", [{"serviceUrl": "https://\ud83d"}, {"id": "\ud83d"}])
def test_half_a_character_keeps_no_message_from_being_answered(bot: Bot, changes: dict[str, Any]) -> None:
    reply = asked_by_webhook(bot, "ada", "release api", **changes)
    assert (200, True) == (reply.status, reply.headers["Relay-Outcome"] in ("asked", "unknown-command"))


def test_without_a_conversation_of_teams_form_the_request_has_no_card_of_its_own(bot: Bot) -> None:
    made = {"id": "19:x y", "tenantId": TENANT}
    words = json.loads(asked_by_webhook(bot, "ada", "release api", conversation=made).body)["text"]
    assert "No conversation got a card of it." in words
    assert case(bot, words).conversation is None
