"""What a press is answered with: the card as it now stands, a sentence, or nothing."""

import json

import pytest

from relay.approval import wording
from relay.chats.contract.incoming import Budget
from relay.chats.teams import clicks
from relay.chats.teams.clicks import TeamsClicks
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.delivery import Reply
from relay.signed.request import read_form
from tests.chats.teams.clicking import CHANNEL
from tests.support import teams_activities
from tests.support.entra_tokens import NOW
from tests.support.teams_activities import delivery, executed, pressed

CASE = Case(
    read_form(
        {"repository": "octo/api", "event_type": "deploy", "title": "배포"}, issued_at=NOW, nonce="n" * 22, lifetime=60
    ),
    "key",
    version=2,
)
COUNTED = Answer("counted", "Counted. One more.", CASE, "pending", "1 more approval", "t.i.c")


def test_a_press_on_a_message_card_is_answered_without_a_body() -> None:
    assert Reply(200, {"Relay-Outcome": "counted"}, b"") == CHANNEL.reply(COUNTED, delivery(executed("{}")))


def test_a_press_is_answered_with_the_card_as_it_now_stands() -> None:
    reply = CHANNEL.reply(COUNTED, delivery(pressed()))
    assert (200, "counted") == (reply.status, reply.headers["Relay-Outcome"])
    said = json.loads(reply.body)
    assert (200, "application/vnd.microsoft.card.adaptive") == (said["statusCode"], said["type"])
    card = said["value"]
    assert ("AdaptiveCard", "Counted. One more.") == (card["type"], card["body"][0]["text"])
    assert [teams_activities.PERSON] == card["refresh"]["userIds"]
    assert "배포".encode() in reply.body


@pytest.mark.parametrize(
    "code", ["unknown-request", "no-rule", "not-allowed", "own-request", "comment-required", "busy"]
)
def test_a_refusal_that_a_person_must_read_is_a_sentence_for_them(code: str) -> None:
    reply = TeamsClicks.refuse(code)
    expected = {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": wording.refusal(code),
    }
    assert (200, code, expected) == (reply.status, reply.headers["Relay-Outcome"], json.loads(reply.body))


@pytest.mark.parametrize("code", ["malformed", "too-large"])
def test_what_the_card_did_wrong_is_an_error(code: str) -> None:
    reply = TeamsClicks.refuse(code)
    expected = {
        "statusCode": 400,
        "type": "application/vnd.microsoft.error",
        "value": {"code": code, "message": wording.refusal(code)},
    }
    assert (200, code, expected) == (reply.status, reply.headers["Relay-Outcome"], json.loads(reply.body))


@pytest.mark.parametrize("check", ["", "token: signature", "activity: channelId is not msteams"])
def test_whoever_has_no_proof_is_told_nothing(check: str) -> None:
    for made in (pressed(), executed("x"), b"<"):
        assert Reply(401, {"Relay-Outcome": "not-genuine"}, b"") == (
            TeamsClicks.refuse("not-genuine", check, delivery(made))
        )


def test_who_is_proven_and_has_a_bad_ticket_is_told_so() -> None:
    reply = TeamsClicks.refuse("not-genuine", "ticket: signature", delivery(pressed()))
    assert (200, wording.refusal("not-genuine")) == (reply.status, json.loads(reply.body)["value"])


def test_whoever_runs_a_release_again_too_often_reads_the_limit() -> None:
    limit = wording.refusal("not-allowed", wording.RAN_OFTEN)
    reply = TeamsClicks.refuse("not-allowed", wording.RAN_OFTEN, delivery(pressed()))
    assert limit == json.loads(reply.body)["value"]
    reply = TeamsClicks.refuse("not-allowed", wording.RAN_OFTEN, delivery(executed("x")))
    assert limit in str(reply.asides[0].message)


@pytest.mark.parametrize("code", ["not-genuine", "not-allowed", "malformed", "busy"])
def test_a_messagecards_press_that_is_refused_is_answered_by_nothing(code: str) -> None:
    found = TeamsClicks.refuse(code, "ticket: signature", delivery(executed("x")))
    assert (200, {"Relay-Outcome": code}, b"") == (found.status, found.headers, found.body)
    assert (code != "busy") == bool(found.asides)


def test_what_is_too_large_or_no_json_is_not_read_to_be_refused() -> None:
    assert b"" != TeamsClicks.refuse("too-large", "body", delivery(executed("x"))).body
    assert b"" != TeamsClicks.refuse("busy", "", delivery(b"<")).body


def test_the_chat_has_its_limits() -> None:
    assert (Budget(8.0, 8.0), 1024 * 1024) == (CHANNEL.budget, CHANNEL.max_body)


def test_a_delivery_that_is_no_json_is_no_invoke() -> None:
    assert not clicks._is_invoke(delivery(b"<"))


def test_without_a_conversation_there_is_no_place_for_a_word() -> None:
    activity = dict(executed("x"))
    del activity["conversation"]
    assert () == clicks._told(delivery(activity), "not-allowed")
