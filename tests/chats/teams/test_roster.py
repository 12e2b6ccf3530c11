"""For whom a card refreshes by itself: the approvers by the conversation's own ids."""

import pytest

from relay.chats.teams import roster
from relay.model.debts import Delivered, RetryAfter
from tests.chats.teams.connector import ROOM, Here, asked, card, users
from tests.support import entra_tokens, teams_activities
from tests.support.bot_framework import Said


def test_a_card_refreshes_for_the_conversations_own_ids(here: Here) -> None:
    name, outcome = here.post(card(entra_tokens.OBJECT.upper(), "aaaaaaaa-0000-4000-8000-000000000009"))
    assert Delivered() == outcome
    assert [teams_activities.PERSON] == users(here)
    here.update(name, card(entra_tokens.OBJECT))
    assert 1 == len(here.teams.called("GET", "pagedmembers"))
    here.clock.now += roster.KEPT_FOR
    here.update(name, card(entra_tokens.OBJECT))
    assert 2 == len(here.teams.called("GET", "pagedmembers"))


def test_where_no_approver_is_a_member_it_refreshes_as_teams_sees_fit(here: Here) -> None:
    here.post(card("aaaaaaaa-0000-4000-8000-000000000009"))
    assert users(here) is None


def test_a_large_conversation_is_read_until_the_approvers_are_found(here: Here) -> None:
    here.teams.page_size = 2
    here.teams.rooms[ROOM] = {f"aaaaaaaa-0000-4000-8000-00000000000{n}": f"29:{n}" for n in range(9)}
    people = [*here.teams.rooms[ROOM]]
    name, _ = here.post(card(people[5], people[0]))
    assert (["29:5", "29:0"], 3) == (users(here), asked(here))
    here.update(name, card(people[4]))
    assert (["29:4"], 3) == (users(here), asked(here))
    here.update(name, card(people[8]))
    assert (["29:8"], 8) == (users(here), asked(here))


def test_no_conversation_is_read_for_ever(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    endless: Said = (200, {}, {"members": [], "continuationToken": "again"})
    monkeypatch.setattr(here.teams, "_members", lambda *_arguments: endless)
    assert Delivered() == here.post(card(entra_tokens.OBJECT))[1]
    assert roster.PAGES == asked(here)


def test_who_is_no_member_is_sought_again_after_some_minutes(here: Here) -> None:
    person = "aaaaaaaa-0000-4000-8000-000000000009"
    name, _ = here.post(card(person, entra_tokens.OBJECT))
    here.teams.rooms[ROOM][person] = "29:new"
    here.clock.now += roster.ABSENT_FOR - 1
    here.update(name, card(person, entra_tokens.OBJECT))
    assert ([teams_activities.PERSON], 1) == (users(here), asked(here))
    here.clock.now += 1
    here.update(name, card(person, entra_tokens.OBJECT))
    assert (["29:new", teams_activities.PERSON], 2) == (users(here), asked(here))


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}, b""),
        (200, {}, b"<html>"),
        (200, {}, []),
        (200, {}, {"members": ["x", {"objectId": 5}]}),
    ],
)
def test_where_the_members_cannot_be_had_the_card_goes_without(
    here: Here, monkeypatch: pytest.MonkeyPatch, answer: Said
) -> None:
    monkeypatch.setattr(here.teams, "_members", lambda *_arguments: answer)
    assert Delivered() == here.post(card(entra_tokens.OBJECT))[1]
    assert users(here) is None
    monkeypatch.undo()
    here.post(card(entra_tokens.OBJECT))
    assert 1 == asked(here)
    here.clock.now += roster.ABSENT_FOR
    here.teams.messages.clear()
    here.post(card(entra_tokens.OBJECT))
    assert ([teams_activities.PERSON], 2) == (users(here), asked(here))


def test_without_a_token_nobody_is_asked_who_is_there(here: Here) -> None:
    here.teams.next_tokens = [(503, {}, b""), (503, {}, b"")]
    assert ("", RetryAfter("Microsoft Entra answers 503")) == here.post(card(entra_tokens.OBJECT))
    assert Delivered() == here.post(card(entra_tokens.OBJECT))[1]
    assert [teams_activities.PERSON] == users(here)


@pytest.mark.parametrize(
    "attachments", [None, "x", [{"content": "x"}], [{"content": {"refresh": 5}}], [{"content": {}}]]
)
def test_a_message_without_such_a_card_goes_as_it_is(attachments: object) -> None:
    message = {"type": "message", "attachments": attachments}
    assert message == roster.with_own_ids(message, never)


def never(_people: object) -> dict[str, str]:
    raise AssertionError("nobody needs the members")
