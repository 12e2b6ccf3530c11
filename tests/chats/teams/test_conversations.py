"""What happens in a conversation: the bot is added, taken away, or written to."""

from typing import Any, cast

import pytest

from relay.chats.contract.commands import CommandAnswer, TypedCommand
from relay.chats.table import kinds
from relay.model.delivery import ChatSignal, Conversation, Reply
from relay.model.people import Actor
from relay.policy_toml import parse
from tests.chats.teams.clicking import CHANNEL, changed, proven, read, without
from tests.support.entra_tokens import TENANT
from tests.support.teams_activities import CHANNEL as PLACE
from tests.support.teams_activities import SERVICE, activity


@pytest.mark.parametrize("kind", ["conversationUpdate", "installationUpdate"])
def test_where_the_bot_was_added_it_may_post(kind: str) -> None:
    expected = Conversation("teams", PLACE, SERVICE, TENANT, "Operations")
    assert ChatSignal(Reply(200, {}, b""), expected) == read(activity(kind, thread="", action="add"))


@pytest.mark.parametrize("kind", ["conversationUpdate", "installationUpdate"])
def test_an_event_of_a_conversation_needs_no_person(kind: str) -> None:
    made = proven(without(activity(kind, thread=""), "from"))
    assert Actor("", "somebody") == made.actor
    assert isinstance(CHANNEL.read(made), ChatSignal)


def test_where_the_bot_was_taken_away_nothing_is_remembered() -> None:
    assert ChatSignal(Reply(200, {}, b"")) == read(activity("installationUpdate", action="remove"))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"channelData": {"channel": {"name": "prod\n"}, "team": {"name": "Operations"}}}, "prod"),
        ({"channelData": {}}, "Release board"),
        ({"channelData": {"team": {"name": "\u202e"}}}, "Release board"),
    ],
)
def test_a_place_has_the_name_that_people_call_it(changes: dict[str, Any], name: str) -> None:
    made = changed(activity("conversationUpdate", **changes), "Release board", "conversation", "name")
    notice = read(made)
    assert isinstance(notice, ChatSignal)
    assert notice.place is not None
    assert name == notice.place.name


def test_a_message_is_answered_with_what_the_bot_is_for_and_how_to_have_cards_here() -> None:
    read_here = read(activity("message", text="<at>Approval relay</at> hello"))
    assert isinstance(read_here, TypedCommand)
    thread = f"{PLACE};messageid=1700000000000"
    assert Conversation("teams", thread, SERVICE, TENANT, "Operations") == read_here.conversation
    assert "hello" == read_here.text
    reply = read_here.reply(CommandAnswer("help", ("You are Ada.",)))
    assert (200, {"Relay-Outcome": "help"}, b"") == (reply.status, reply.headers, reply.body)
    (aside,) = reply.asides
    assert f"{PLACE};messageid=1700000000000" == aside.thread
    said = cast("dict[str, str]", aside.message)
    assert "message" == said["type"]
    assert f'[channels.NAME]\nkind = "teams"\nplace = "{PLACE}"\n' in said["text"]
    assert "hello" not in said["text"]


def test_the_lines_to_paste_are_a_policy() -> None:
    made = read(activity("message"))
    assert isinstance(made, TypedCommand)
    (aside,) = made.reply(CommandAnswer("not-allowed", ("No.",))).asides
    lines = cast("dict[str, str]", aside.message)["text"].split("```")[1]
    assert PLACE == parse.parse(lines.replace("NAME", "ops"), kinds()).channels["ops"].place


@pytest.mark.parametrize("conversation", ["", '19:"x', "19:a b", "x" * 301, ";messageid=1", 5, ["19:x"]])
def test_a_conversation_of_another_form_is_no_place(conversation: object) -> None:
    for kind in ("message", "conversationUpdate"):
        notice = read(changed(activity(kind), conversation, "conversation", "id"))
        assert ChatSignal(Reply(200, {}, b"")) == notice


def test_a_message_that_names_no_person_of_entra_is_told_what_the_bot_is_for() -> None:
    guest = proven(changed(activity("message", text="deploy api"), None, "from", "aadObjectId"))
    notice = CHANNEL.read(guest)
    assert isinstance(notice, ChatSignal)
    (aside,) = notice.reply.asides
    assert f'place = "{PLACE}"' in cast("dict[str, str]", aside.message)["text"]


@pytest.mark.parametrize(
    "made",
    [
        activity("messageReaction"),
        activity("event", name="adaptiveCard/action"),
        activity("invoke", name="task/fetch"),
        activity("invoke"),
        changed(activity(), ["invoke"], "type"),
    ],
)
def test_whatever_else_is_genuine_is_taken_and_not_answered(made: dict[str, Any]) -> None:
    assert ChatSignal(Reply(200, {}, b"")) == read(made)
