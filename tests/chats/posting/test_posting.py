"""Cards are posted once, to the channels that are named, and their asker is told what became of each."""

from dataclasses import replace

import pytest

from relay.chats.posting import Cards
from relay.errors import Outage
from relay.model.debts import Delivered, Refused
from relay.model.delivery import Aside
from tests.chats.posting.posting import DOWN, FORM, OLD, OPS, asked, statuses
from tests.support import road
from tests.support.fake_chat import MAX_TEXT, Chat
from tests.support.logged import logged


def test_a_request_is_posted_to_its_channels_before_its_asker_is_answered(here: road.Road, chat: Chat) -> None:
    case_id = asked(here, "ops", "old")
    assert ["post", "post"] == chat.calls
    assert ("pending", "1 more approval in stage release") == (chat.shown(OPS)["status"], chat.shown(OPS)["needs"])
    assert ["adaptive", "messagecard"] == [chat.shown(OPS)["form"], chat.shown(OLD)["form"]]
    assert [("card", "delivered")] * 2 == statuses(here, case_id)
    assert 0 == here.round()


def test_a_channel_that_is_named_twice_gets_one_card(here: road.Road, chat: Chat) -> None:
    asked(here, "ops", "ops")
    assert ["post"] == chat.calls


def test_a_notification_is_posted_and_never_changed(here: road.Road, chat: Chat) -> None:
    reply = here.ask({"repository": "octo/api", "title": "Deployed", "channels": ["ops"]})
    assert 201 == reply.status
    assert ("pending", "", "") == tuple(chat.shown(OPS)[name] for name in ("status", "needs", "ticket"))
    here.ahead += 90_000
    here.round()
    here.round()
    assert ["post"] == chat.calls


def test_who_asked_is_told_what_became_of_each_card(here: road.Road, chat: Chat) -> None:
    chat.answers = [Delivered(), Refused("the bot is not in this conversation", "install the app there"), DOWN]
    said = road.said(here.ask({**FORM, "channels": ["ops", "old"]}))
    told = [
        {"channel": "ops", "status": "delivered", "error": None},
        {"channel": "old", "status": "refused", "error": "the bot is not in this conversation"},
    ]
    assert told == said["cards"]
    assert told == road.said(here.show(said["id"]))["cards"]
    assert "cards" not in road.said(here.ask(FORM))


def test_a_request_whose_card_does_not_fit_its_chat_is_refused_before_anybody_waits(
    here: road.Road, chat: Chat
) -> None:
    reply = here.ask({**FORM, "channels": ["ops"], "text": "x" * (MAX_TEXT + 1)})
    assert (400, "text") == (reply.status, road.said(reply)["field"])
    assert "the text is too long" in road.said(reply)["message"]
    assert (road.NOTHING, []) == (here.recorded(), chat.calls)


def test_a_channel_that_the_policy_lost_is_told_to_the_operator(here: road.Road, chat: Chat) -> None:
    case_id = asked(here, "ops")
    cards = here.world.payer.cards
    card = here.case(case_id).debts[0].card
    assert card is not None
    gone, outcome = cards.post_or_update(here.case(case_id), replace(card, channel="gone"), deadline=here.now() + 5)
    assert ("gone", "the policy has no such channel") == (gone.channel, getattr(outcome, "phrase", ""))


def test_without_a_bot_a_channel_is_refused_with_the_cure(here: road.Road) -> None:
    case_id = asked(here, "ops")
    (debt,) = here.case(case_id).debts
    assert ("refused", "the relay has no bot for this channel") == (debt.status, debt.last_error)
    assert "RELAY_TEAMS_APP_ID" in debt.cure


def test_a_channel_that_is_not_there_is_refused_and_nothing_is_recorded(here: road.Road) -> None:
    reply = here.ask({**FORM, "channels": ["ops", "nowhere"]})
    assert (400, "channels") == (reply.status, road.said(reply)["field"])
    assert road.NOTHING == here.recorded()


def test_an_aside_is_sent_once_where_there_is_a_chat_for_it(
    here: road.Road, chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    cards = here.world.payer.cards
    assert isinstance(cards, Cards)
    cards.send_aside("messagecard", Aside("C1", {"text": "help"}), deadline=here.now() + 5)
    assert [] == chat.calls
    chat.answers = [Outage("the store does not answer"), DOWN]
    for _ in range(2):
        cards.send_aside("teams", Aside(OPS, {"text": "help"}), deadline=here.now() + 5)
    assert ["the store does not answer", DOWN.phrase] == [line["reason"] for line in logged(caplog)]
    cards.send_aside("teams", Aside(OPS, {"text": "help"}), deadline=here.now() + 5)
    assert {"text": "help"} == chat.shown(OPS)
