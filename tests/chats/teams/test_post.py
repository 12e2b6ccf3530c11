"""Messages are posted and changed, and what Teams answers is told with its cure."""

import json

import pytest

from relay.chats.teams import post
from relay.chats.teams.clouds import Cloud
from relay.model.debts import Delivered, Refused, RetryAfter
from relay.model.delivery import Conversation
from tests.chats.teams.connector import ROOM, TEXT, Here, refused
from tests.support import entra_tokens
from tests.support.bot_framework import Said
from tests.support.loopback_server import Loopback, stalls


def test_a_message_is_posted_and_can_be_changed(here: Here) -> None:
    name, outcome = here.post({"type": "message", "text": "안녕 \ud800"})
    assert Delivered() == outcome
    assert "안녕 ?" == here.teams.messages[ROOM, name]["text"]
    assert Delivered() == here.update(name, {"type": "message", "text": "later"})
    assert {(ROOM, name): {"type": "message", "text": "later"}} == here.teams.messages


def test_ids_are_escaped_in_the_address(here: Here) -> None:
    here.teams.rooms["19:a/../b"] = {}
    here.known.places["19:a/../b"] = here.known.places[ROOM]
    name, outcome = here.post(room="19:a/../b")
    assert Delivered() == outcome
    assert "/teams/v3/conversations/19%3Aa%2F..%2Fb/activities" == here.teams.calls[-1].path
    here.teams.messages[ROOM, "a/b"] = {}
    assert Delivered() == here.update("a/b")
    assert here.teams.calls[-1].path.endswith("/activities/a%2Fb")
    assert name


def test_a_thread_belongs_to_the_place_of_its_channel(here: Here) -> None:
    thread = f"{ROOM};messageid=1700000000000"
    assert Delivered() == here.post(room=thread)[1]
    assert [(thread, next(iter(here.teams.messages))[1])] == list(here.teams.messages)


def test_a_place_that_was_never_heard_from_is_sought_at_the_clouds_own_service(here: Here) -> None:
    here.known.places.clear()
    assert ("", Refused("the bot was never heard from there", "write to the bot in that conversation, and replay")) == (
        here.post()
    )
    assert isinstance(here.update("1"), Refused)
    here.cloud = Cloud("i", "https://api.botframework.com/.default", "t", frozenset(), here.teams.service, local=True)
    here.connector = here.connect()
    assert Delivered() == here.post()[1]


def test_a_service_that_is_no_longer_one_of_teams_gets_no_token(here: Here) -> None:
    here.known.places[ROOM] = Conversation("teams", ROOM, "https://evil.example/", entra_tokens.TENANT, "")
    assert "the bot was never heard from there" == refused(here.post()[1]).phrase
    assert [] == here.teams.calls


def test_what_is_sent_is_json_with_the_token_and_nothing_else(here: Here) -> None:
    here.post()
    (call,) = here.teams.called("POST", "/activities")
    assert "Bearer token-0" == call.headers["authorization"]
    assert "application/json; charset=utf-8" == call.headers["content-type"]
    assert TEXT == json.loads(call.body)


def test_a_redirect_is_not_followed_and_the_token_stays(here: Here) -> None:
    here.teams.next_answers = [(307, {"Location": "https://evil.example/"}, b"")]
    assert isinstance(here.post()[1], Refused)
    assert 1 == len(here.teams.called("POST", "/activities"))


# What Teams answers


@pytest.mark.parametrize(
    ("answer", "phrase", "cure"),
    [
        ((400, {}, {"error": {"code": "BadSyntax"}}), "Teams finds the card invalid", "(Teams says BadSyntax)"),
        ((403, {}, {"error": {"code": "BotDisabledByAdmin"}}), "the bot may not post there", "BotDisabledByAdmin"),
        ((403, {}, {"error": {"code": "<b>"}}), "the bot may not post there", "add the relay's app"),
        ((403, {}, {"error": "no"}), "the bot may not post there", "add the relay's app"),
        ((403, {}, b"<html>"), "the bot may not post there", "add the relay's app"),
        ((413, {}, b""), "the card is too large for Teams", "shorten"),
        ((418, {}, b""), "what answered is not Teams", "between"),
        ((301, {"Location": "https://evil.example/"}, b""), "what answered is not Teams", "between"),
    ],
)
def test_what_will_not_pass_is_refused_with_its_cure(here: Here, answer: Said, phrase: str, cure: str) -> None:
    for attempt in here.attempts():
        here.teams.next_answers = [answer]
        outcome = refused(attempt())
        assert phrase == outcome.phrase
        assert cure in outcome.cure
        assert "<b>" not in outcome.cure


@pytest.mark.parametrize(
    ("answer", "seconds"), [((429, {"Retry-After": "12"}, b""), 12.0), ((429, {}, b""), 0.0), ((412, {}, b""), 0.0)]
)
def test_where_teams_asks_to_wait_the_card_waits(here: Here, answer: Said, seconds: float) -> None:
    for attempt in here.attempts():
        here.teams.next_answers = [answer]
        assert RetryAfter("Teams asks the relay to wait", seconds) == attempt()


def test_an_error_of_teams_may_have_posted_and_does_no_harm_to_a_change(here: Here) -> None:
    here.teams.next_answers = [(502, {"Retry-After": "3"}, b""), (502, {}, b"")]
    assert ("", RetryAfter("Teams answers with error 502", 3, ambiguous=True, answered=True)) == here.post()
    assert RetryAfter("Teams answers with error 502", answered=True) == here.update("1")


@pytest.mark.parametrize("said", [{"error": {"code": "ActivityNotFoundInConversation"}}, [], b"<html>"])
def test_a_card_that_somebody_deleted_needs_no_change_and_a_place_that_is_not_is_refused(
    here: Here, said: object
) -> None:
    here.teams.next_answers = [(404, {}, said), (404, {}, said)]
    assert Delivered(note="somebody deleted the card") == here.update("1")
    name, outcome = here.post()
    assert ("", "there is no such conversation") == (name, refused(outcome).phrase)
    assert "correct the channel's place in the policy" in refused(outcome).cure


def test_a_message_without_a_name_was_taken_by_somebody_else(here: Here) -> None:
    unnamed: list[object] = [b"", {}, {"id": 5}, {"id": "a b"}, []]
    for said in unnamed:
        here.teams.next_answers = [(200, {}, said)]
        name, outcome = here.post()
        assert ("", "what answered is not Teams") == (name, refused(outcome).phrase)
    here.teams.next_answers = [(200, {}, b"")]
    assert Delivered() == here.update("1")


def test_silence_may_have_posted_and_does_no_harm_to_a_change(here: Here) -> None:
    with Loopback(stalls(), stalls()) as slow:
        here.post()
        here.known.places[ROOM] = Conversation("teams", ROOM, slow.url, entra_tokens.TENANT, "")
        assert ("", RetryAfter("Teams did not answer in time", ambiguous=True)) == here.post(within=0.3)
    with Loopback(stalls()) as slow:
        here.known.places[ROOM] = Conversation("teams", ROOM, slow.url, entra_tokens.TENANT, "")
        assert RetryAfter("Teams did not answer in time") == here.update("1", within=0.3)


def test_what_never_left_was_not_posted(here: Here) -> None:
    here.post()
    here.known.places[ROOM] = Conversation("teams", ROOM, "http://127.0.0.1:9", entra_tokens.TENANT, "")
    assert ("", RetryAfter("Teams cannot be reached")) == here.post()


def test_without_time_nothing_is_begun(here: Here) -> None:
    here.post()
    before = len(here.teams.calls)
    assert ("", RetryAfter("no time was left to ask it", tried=False)) == here.post(within=0.1)
    assert before == len(here.teams.calls)
    assert 0.1 < post.LEAST_TIME
