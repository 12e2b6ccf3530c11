"""Messages are posted and changed in channels, and words reach the person who pressed."""

import time
from dataclasses import replace
from typing import Any

import pytest

from relay.chats.contract.outgoing import Posted
from relay.chats.slack.post import SlackApi, send
from relay.dev.simulator.slack_limits import fault_of
from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.net.client import Client
from tests.support.slack_server import SlackServer

CARD: dict[str, Any] = {
    "text": "hello",
    "blocks": [
        {"type": "section", "text": {"type": "plain_text", "text": "hello \ud800", "emoji": False}},
        {
            "type": "actions",
            "elements": [{"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "x"}}],
        },
    ],
}


@pytest.fixture
def api(server: SlackServer, client: Client) -> SlackApi:
    slack = server.slack
    return SlackApi(lambda: client, time.time, api_url=slack.api_url, token=slack.token)


@pytest.fixture
def api_at_rest(server: SlackServer, client: Client) -> SlackApi:
    """An API whose clock stands still: on a slow machine no allowance grows meanwhile."""
    slack, now = server.slack, time.time()
    return SlackApi(lambda: client, lambda: now, api_url=slack.api_url, token=slack.token)


def soon(seconds: float = 5.0) -> float:
    return time.time() + seconds


def refused(outcome: Outcome) -> Refused:
    assert isinstance(outcome, Refused)
    return outcome


def test_a_message_is_posted_and_changed_in_its_channel(server: SlackServer, api: SlackApi) -> None:
    posted, outcome = api.post("C111", CARD, deadline=soon())
    assert Delivered() == outcome
    assert posted is not None
    assert Posted("C111", server.slack.shown("C111").ts) == posted
    assert "hello ?" == server.slack.shown("C111").blocks[0]["text"]["text"]
    assert Delivered() == api.update(*posted, CARD | {"text": "later"}, deadline=soon())
    assert ("later", 1) == (server.slack.shown("C111").text, server.slack.shown("C111").edits)
    assert "application/json; charset=utf-8" == server.headers[0]["content-type"]


def test_a_message_to_a_person_is_changed_in_the_conversation_that_slack_answered(
    server: SlackServer, api: SlackApi
) -> None:
    posted, _ = api.post("U111", CARD, deadline=soon())
    assert posted is not None
    assert "D111" == posted.place
    assert Delivered() == api.update(*posted, CARD, deadline=soon())
    assert "there is no such conversation" == refused(api.update("U111", posted.message, CARD, deadline=soon())).phrase


def test_a_channel_without_the_app_is_refused_with_its_cure(api: SlackApi) -> None:
    posted, outcome = api.post("C333", CARD, deadline=soon())
    assert posted is None
    assert "/invite" in refused(outcome).cure
    assert "(Slack says not_in_channel)" in refused(outcome).cure


def test_without_a_token_nothing_is_posted(server: SlackServer, client: Client) -> None:
    api = SlackApi(lambda: client, time.time, api_url=server.slack.api_url, token="")
    for outcome in (api.post("C111", CARD, deadline=soon())[1], api.update("C111", "1.2", CARD, deadline=soon())):
        assert "RELAY_SLACK_BOT_TOKEN" in refused(outcome).cure
    assert [] == server.slack.calls


def test_a_card_that_somebody_deleted_needs_no_change(api: SlackApi) -> None:
    assert Delivered(note="somebody deleted the card") == api.update("C111", "1.2", CARD, deadline=soon())


def test_a_channel_that_asks_to_wait_is_left_alone_and_no_other(server: SlackServer, api: SlackApi) -> None:
    server.slack.mode = "limited"
    assert RetryAfter("Slack asks the relay to wait", 60.0) == api.post("C111", CARD, deadline=soon())[1]
    server.slack.mode = "up"
    waiting = api.update("C111", "1.2", CARD, deadline=soon())
    assert isinstance(waiting, RetryAfter)
    assert 58 < waiting.seconds <= 60
    assert not waiting.tried
    assert Delivered() == api.post("C222", CARD, deadline=soon())[1]
    assert 2 == len(server.slack.calls)


def test_a_channel_takes_one_message_a_second_after_a_burst(api_at_rest: SlackApi) -> None:
    outcomes = [api_at_rest.post("C111", CARD, deadline=soon())[1] for _ in range(6)]
    assert [Delivered()] * 5 == outcomes[:5]
    assert RetryAfter("Slack asks the relay to wait", 1.0) == outcomes[5]


def test_fifty_changes_a_minute_are_taken(api_at_rest: SlackApi) -> None:
    posted, _ = api_at_rest.post("C111", CARD, deadline=soon())
    assert posted is not None
    outcomes = [api_at_rest.update(*posted, CARD, deadline=soon()) for _ in range(51)]
    assert [Delivered()] * 50 == outcomes[:50]
    last = outcomes[50]
    assert isinstance(last, RetryAfter)
    assert 55 < last.seconds <= 61


def test_the_stand_in_changes_the_apps_own_messages_alone_and_names_the_place_of_a_fault(
    server: SlackServer, api: SlackApi, client: Client
) -> None:
    send(client, server.slack.add_webhook("C111"), CARD, deadline=soon(), clock=time.time)
    of_a_webhook = server.slack.shown("C111")
    assert (
        "the message is not the app's own" == refused(api.update("C111", of_a_webhook.ts, CARD, deadline=soon())).phrase
    )
    posted, _ = api.post("C222", CARD, deadline=soon())
    assert posted is not None
    long = api.update(*posted, CARD | {"text": "x" * 4_001}, deadline=soon())
    assert "(Slack says msg_too_long)" in refused(long).cure
    wide = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    assert (
        "(Slack says invalid_blocks)" in refused(api.update(*posted, CARD | {"blocks": [wide]}, deadline=soon())).cure
    )
    assert "blocks[0].text" in str(fault_of({"text": "", "blocks": [wide]}))
    assert ("hello", 0) == (server.slack.shown("C222").text, server.slack.shown("C222").edits)


def test_a_message_whose_answer_is_lost_may_have_been_posted(server: SlackServer, api: SlackApi) -> None:
    server.slack.mode = "lost"
    posted, outcome = api.post("C111", CARD, deadline=soon())
    assert (None, RetryAfter("Slack did not answer in time", ambiguous=True)) == (posted, outcome)
    assert 1 == len(server.slack.messages)
    ts = server.slack.messages[0].ts
    assert RetryAfter("Slack did not answer in time") == api.update("C111", ts, CARD, deadline=soon())


def test_a_slow_slack_does_not_hold_the_relay_up(server: SlackServer, api: SlackApi) -> None:
    server.delay = 5.0
    begun = time.monotonic()
    assert RetryAfter("Slack did not answer in time", ambiguous=True) == api.post("C111", CARD, deadline=soon(0.3))[1]
    assert time.monotonic() - begun < 1
    assert RetryAfter("no time was left to ask it", tried=False) == api.post("C111", CARD, deadline=soon(0.05))[1]


def test_a_slack_that_is_down_is_tried_again(server: SlackServer, api: SlackApi) -> None:
    server.slack.mode = "down"
    down = RetryAfter("Slack answers with error 503", answered=True)
    assert replace(down, ambiguous=True) == api.post("C111", CARD, deadline=soon())[1]
    assert down == api.update("C111", "1.2", CARD, deadline=soon())


def test_a_slack_that_is_not_there_is_tried_again(client: Client) -> None:
    api = SlackApi(lambda: client, time.time, api_url="http://127.0.0.1:9/api/", token="xoxb-1")
    assert RetryAfter("Slack cannot be reached") == api.post("C111", CARD, deadline=soon())[1]


def test_words_reach_the_person_who_pressed_five_times(server: SlackServer, api: SlackApi, client: Client) -> None:
    api.post("C111", CARD, deadline=soon())
    message = server.slack.shown("C111")
    body = server.slack.press("U111", message, "approve").body.decode()
    url = server.slack.url + "/hooks/" + body.split("%2Fhooks%2F", 1)[1].split("%22", 1)[0].replace("%2F", "/")
    words = {"response_type": "ephemeral", "replace_original": False, "text": "Counted."}
    assert [Delivered()] * 5 == [api.say(url, words, deadline=soon()) for _ in range(5)]
    assert ["Counted."] * 5 == [each.text for each in server.slack.ephemerals]
    assert "(Slack says used_url)" in refused(api.say(url, words, deadline=soon())).cure
    assert RetryAfter("no time was left to ask it", tried=False) == api.say(url, words, deadline=soon(0.01))


def test_a_webhook_takes_a_message_and_says_ok(server: SlackServer, client: Client) -> None:
    url = server.slack.add_webhook("C111")
    assert Delivered() == send(client, url, CARD, deadline=soon(), clock=time.time)
    assert not server.slack.shown("C111").by_app
    server.slack.channels["C111"].archived = True
    assert "(Slack says channel_is_archived)" in refused(send(client, url, CARD, deadline=soon(), clock=time.time)).cure
