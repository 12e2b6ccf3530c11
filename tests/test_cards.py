"""Cards in the chats: posted once, and changed for everybody whenever there is something new to show."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.cards import Cards
from relay.core.errors import Outage, Refusal
from relay.core.model import Delivered, Place, Refused, RetryAfter
from relay.pipeline import CARDS_TIME
from relay.places import Places
from tests import queues, road
from tests.chats import MAX_TEXT, Chat, joined
from tests.memory_store import MemoryStore, Tables

DISPATCHES = re.compile(r".*/dispatches")
FORM = {"repository": "octo/api", "event_type": "deploy-api", "title": "Deploy", "environment": "production"}
OPS, OLD = "19:ops@thread.tacv2", "19:old@thread.tacv2"
DOWN = RetryAfter("it answers with error 503")


class Failing(MemoryStore):
    """A store that does not answer."""

    def __init__(self) -> None:
        super().__init__(Tables(0.0), _fail)


def _fail(_what: str) -> AbstractContextManager[None]:
    raise Outage("the store does not answer")


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with road.made(tmp_path, httpx_mock) as world:
        yield world


@pytest.fixture
def chat(here: road.Road) -> Chat:
    return joined(here)


def asked(here: road.Road, *channels: str, **fields: object) -> str:
    reply = here.ask({**FORM, "channels": [*channels], **fields})
    assert 201 == reply.status
    return str(road.said(reply)["id"])


def pressed(here: road.Road, chat: Chat, person: str, verdict: str = "approve", place: str = OPS) -> str:
    return road.outcome(here.press(person, verdict, str(chat.shown(place)["ticket"])))[1]


def statuses(here: road.Road, case_id: str) -> list[tuple[str, str]]:
    return [(debt.kind, debt.status) for debt in here.case(case_id).debts]


def test_a_request_is_posted_to_its_channels_before_its_asker_is_answered(here: road.Road, chat: Chat) -> None:
    case_id = asked(here, "ops", "old")
    assert ["post", "post"] == chat.calls
    assert ("pending", "1 more approval in stage release") == (chat.shown(OPS)["status"], chat.shown(OPS)["needs"])
    assert ["adaptive", "messagecard"] == [chat.shown(OPS)["form"], chat.shown(OLD)["form"]]
    assert [("card", "delivered")] * 2 == statuses(here, case_id)
    assert 0 == here.round()


def test_whoever_decides_changes_every_card_at_once(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    asked(here, "ops", "old")
    assert "released" == pressed(here, chat, "ada")
    for place in (OPS, OLD):
        shown = chat.shown(place)
        assert ("approved", ["Ada approve"], ["delivered"]) == (shown["status"], shown["reviews"], shown["github"])
        assert ("", "") == (shown["ticket"], shown["needs"])
    assert ["post", "post", "update", "update"] == chat.calls
    assert 0 == here.round()


def test_a_word_that_only_counts_is_shown_too(here: road.Road, chat: Chat) -> None:
    asked(here, "ops", environment="staged")
    assert "counted" == pressed(here, chat, "lin")
    shown = chat.shown(OPS)
    assert (["Lin approve"], "2 more approvals in stage release") == (shown["reviews"], shown["needs"])
    assert "counted" == pressed(here, chat, "ada")


def test_a_chat_that_does_not_answer_is_told_later(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    case_id = asked(here, "ops")
    chat.answers = [DOWN, DOWN]
    assert "released" == pressed(here, chat, "ada")
    assert [("card", "owed"), ("dispatch", "delivered")] == statuses(here, case_id)
    assert "pending" == chat.shown(OPS)["status"]
    here.ahead += 3_600
    assert 1 == here.round()
    here.ahead += 3_600
    assert 1 == here.round()
    assert "approved" == chat.shown(OPS)["status"]
    assert 0 == here.round()


def test_a_post_that_failed_is_tried_again_and_shows_what_was_decided_meanwhile(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    chat.answers = [Delivered(), Outage("Teams cannot be reached")]
    case_id = asked(here, "ops", "old")
    assert [("card", "delivered"), ("card", "owed")] == statuses(here, case_id)
    assert "released" == pressed(here, chat, "ada")
    here.ahead += 3_600
    assert 1 == here.round()
    assert ("approved", "approved") == (chat.shown(OPS)["status"], chat.shown(OLD)["status"])


def test_what_github_says_later_is_shown_then(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=500)
    asked(here, "ops")
    assert "approved-retrying" == pressed(here, chat, "ada")
    assert ("approved", ["owed"]) == (chat.shown(OPS)["status"], chat.shown(OPS)["github"])
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    here.ahead += 3_600
    assert 2 == here.round()
    assert ["delivered"] == chat.shown(OPS)["github"]


def test_a_chat_that_is_down_is_asked_no_more_in_a_round_and_holds_up_no_dispatch(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock
) -> None:
    chat.answers = [DOWN] * 5
    for number in range(5):
        asked(here, "ops", title=f"Deploy {number}")
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=500)
    released = road.offline(title="by mail")
    assert (200, "approved-retrying") == road.outcome(here.press("ada", "approve", road.ticket(released)))
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    chat.answers = [DOWN] * 3
    here.ahead += 3_600
    assert 4 == here.round()
    assert "delivered" == here.case(released.id).debts[0].status
    assert [] == chat.answers
    here.ahead += 3_600
    assert 5 == here.round()
    assert 5 == len(chat.posts)


def test_what_a_chat_refuses_is_the_operators_to_mend(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    chat.answers = [Refused("the bot is not in this conversation", "install the app there")]
    case_id = asked(here, "ops")
    assert [("card", "refused")] == statuses(here, case_id)
    assert [case_id] == [case.request.id for case, _ in here.outbox().owed()]
    here.outbox().replay(case_id)
    assert 1 == here.round()
    assert "pending" == chat.shown(OPS)["status"]
    assert "released" == pressed(here, chat, "ada")


def test_what_the_operator_gives_up_is_shown(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=500)
    case_id = asked(here, "ops")
    assert "approved-retrying" == pressed(here, chat, "ada")
    here.ahead += 60
    here.outbox().drop(case_id)
    assert 1 == here.round()
    assert ["dead"] == chat.shown(OPS)["github"]


def test_a_request_that_was_withdrawn_says_so_at_once(here: road.Road, chat: Chat) -> None:
    case_id = asked(here, "ops")
    assert 200 == here.cancel(case_id).status
    assert ("cancelled", "") == (chat.shown(OPS)["status"], chat.shown(OPS)["ticket"])


def test_a_request_that_ended_by_itself_says_so_at_the_next_rounds(here: road.Road, chat: Chat) -> None:
    asked(here, "ops", expires_in="1h")
    here.ahead += 3_700
    here.round()
    here.round()
    assert ("expired", "") == (chat.shown(OPS)["status"], chat.shown(OPS)["ticket"])


def test_an_older_request_says_what_took_its_place(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with queues.made(tmp_path, httpx_mock) as here:
        queues.never_pausing(here)
        chat = joined(here)
        asked(here, "ops", environment="newest")
        asked(here, "old", environment="newest", title="Newer")
        here.ahead += 1
        assert 1 == here.round()
    assert ("superseded", "pending") == (chat.shown(OPS)["status"], chat.shown(OLD)["status"])


def test_a_notification_is_posted_and_never_changed(here: road.Road, chat: Chat) -> None:
    reply = here.ask({"repository": "octo/api", "title": "Deployed", "channels": ["ops"]})
    assert 201 == reply.status
    assert ("pending", "") == (chat.shown(OPS)["needs"] or "pending", chat.shown(OPS)["ticket"])
    here.ahead += 90_000
    here.round()
    here.round()
    assert ["post"] == chat.calls


def test_a_click_without_time_leaves_the_card_to_the_timer(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    asked(here, "ops")
    ticket = str(chat.shown(OPS)["ticket"])
    at = int(here.now())
    headers = road.headers("ada", "approve", ticket, iat=at, nbf=at, exp=at + 3_600)
    assert "released" == road.outcome(here.send(headers, late=3.2))[1]
    assert ["post"] == chat.calls
    here.ahead += 2
    assert 1 == here.round()
    assert "approved" == chat.shown(OPS)["status"]


def test_a_channel_that_the_policy_lost_is_told_to_the_operator(here: road.Road, chat: Chat) -> None:
    case_id = asked(here, "ops")
    cards = here.world.payer.cards
    card = here.case(case_id).debts[0].card
    assert card is not None
    gone, outcome = cards.show(here.case(case_id), replace(card, channel="gone"), deadline=here.now() + 5)
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


def test_a_place_is_remembered_as_last_seen(here: road.Road) -> None:
    places = Places(here.world.store, here.now)
    assert places.place("teams", OPS) is None
    place = Place("teams", OPS, "https://smba.trafficmanager.net/emea/", "tenant", "Ops")
    places.remember(place)
    places.remember(place)
    assert place == places.place("teams", OPS)
    moved = replace(place, address="https://smba.trafficmanager.net/apac/")
    places.remember(moved)
    assert moved == places.place("teams", OPS)
    assert places.place("slack", OPS) is None


def test_an_answer_in_a_conversation_is_said_if_there_is_a_chat_for_it(
    here: road.Road, chat: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    cards = here.world.payer.cards
    assert isinstance(cards, Cards)
    cards.say("slack", "C1", {"text": "help"}, deadline=here.now() + 5)
    assert [] == chat.calls
    chat.answers = [Outage("the store does not answer"), DOWN]
    for _ in range(2):
        cards.say("teams", OPS, {"text": "help"}, deadline=here.now() + 5)
    assert ["the store does not answer", DOWN.phrase] == [each.rpartition(": ")[2] for each in caplog.messages]
    cards.say("teams", OPS, {"text": "help"}, deadline=here.now() + 5)
    assert {"text": "help"} == chat.shown(OPS)


# Cards and dispatches beside each other


def test_a_round_pays_dispatches_before_a_backlog_of_cards(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    chat.answers = [DOWN] * 4
    for number in range(4):
        asked(here, "ops", title=f"Deploy {number}")
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=500)
    released = road.offline(title="by mail")
    assert (200, "approved-retrying") == road.outcome(here.press("ada", "approve", road.ticket(released)))
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    here.ahead += 3_600
    chat.calls.clear()
    chat.before = lambda: chat.calls.append(here.case(released.id).debts[0].status)
    assert 5 == here.round()
    assert ["delivered", "post"] == chat.calls[:2]


def test_one_channel_that_is_down_holds_up_no_other(here: road.Road, chat: Chat) -> None:
    chat.answers = [DOWN] * 6
    for number in range(5):
        asked(here, "ops", title=f"Deploy {number}")
    asked(here, "old")
    chat.closed = {OPS}
    here.ahead += 3_600
    assert 4 == here.round()
    assert "pending" == chat.shown(OLD)["status"]


def test_a_dispatch_of_github_that_is_full_does_not_keep_a_card_waiting(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=429, headers={"retry-after": "600"})
    asked(here, "ops")
    assert "approved-retrying" == pressed(here, chat, "ada")
    other = road.offline(title="by mail")
    chat.answers = [DOWN]
    asked(here, "ops", title="Another", environment="staged")
    assert (200, "approved-retrying") == road.outcome(here.press("ada", "approve", road.ticket(other)))
    here.ahead += 30
    here.round()
    assert 2 == len(chat.posts)


def test_who_pressed_does_not_wait_for_a_chat_that_hangs(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    asked(here, "ops", "old")
    ticket = str(chat.shown(OPS)["ticket"])
    left: list[float] = []
    chat.asked = lambda deadline: left.append(deadline - here.now())
    assert (200, "released") == road.outcome(here.press("ada", "approve", ticket))
    assert left
    assert CARDS_TIME >= max(left)


def test_a_store_that_fails_after_the_decision_does_not_take_the_answer_away(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture
) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    case = here.case(asked(here, "ops"))
    payer = here.payer()
    assert (case, {}) == payer.show(case, deadline=here.now() + 5)
    due = replace(case, debts=(replace(case.debts[0], status="owed", due_at=0.0),))
    assert (due, {}) == replace(payer, cases=Failing()).show(due, deadline=here.now() + 5)
    assert "its cards are not shown yet: the store does not answer" in caplog.text
    assert "released" == pressed(here, chat, "ada")


# What goes wrong in a chat


def test_a_card_that_was_refused_once_does_not_go_on_lying(here: road.Road, chat: Chat, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=204)
    asked(here, "ops", environment="staged")
    chat.answers = [Refused("the bot is not in this conversation", "install the app there")]
    assert "counted" == pressed(here, chat, "lin")
    assert [] == chat.shown(OPS)["reviews"]
    for person in ("ada", "grace"):
        pressed(here, chat, person)
    assert ("approved", "") == (chat.shown(OPS)["status"], chat.shown(OPS)["ticket"])


def test_a_post_that_nobody_knows_of_is_repeated_once_and_then_left_to_the_operator(
    here: road.Road, chat: Chat
) -> None:
    unsure = RetryAfter("it did not answer in time", ambiguous=True)
    chat.answers = [unsure, unsure]
    case_id = asked(here, "ops")
    assert [("card", "owed")] == statuses(here, case_id)
    here.ahead += 3_600
    assert 1 == here.round()
    (debt,) = here.case(case_id).debts
    assert ("refused", "the chat may have posted it twice, and said so neither time") == (debt.status, debt.last_error)
    here.ahead += 7_200
    assert 0 == here.round()
    here.outbox().replay(case_id)
    assert 1 == here.round()
    assert "pending" == chat.shown(OPS)["status"]


def test_the_operator_moves_a_card_without_the_dispatch_and_the_dispatch_without_the_card(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=500)
    case_id = asked(here, "ops")
    ticket = str(chat.shown(OPS)["ticket"])
    chat.answers = [Refused("somebody deleted the card", "")]
    assert (200, "approved-retrying") == road.outcome(here.press("ada", "approve", ticket))
    assert [("card", "refused"), ("dispatch", "owed")] == statuses(here, case_id)
    here.outbox().drop(case_id)
    assert [("card", "dead"), ("dispatch", "owed")] == statuses(here, case_id)
    with pytest.raises(Refusal, match="unknown-request"):
        here.outbox().replay(case_id, card="ops")
    with pytest.raises(Refusal, match="unknown-request"):
        here.outbox().drop(case_id, card="nowhere")
    here.outbox().drop(case_id)
    assert [("card", "dead"), ("dispatch", "dead")] == statuses(here, case_id)


def test_of_a_refused_dispatch_and_a_refused_card_each_is_replayed_by_itself(
    here: road.Road, chat: Chat, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(method="POST", url=DISPATCHES, status_code=404)
    case_id = asked(here, "ops")
    ticket = str(chat.shown(OPS)["ticket"])
    chat.answers = [Refused("the bot is not in this conversation", "install the app there")]
    assert (200, "approved-refused") == road.outcome(here.press("ada", "approve", ticket))
    here.outbox().replay(case_id, card="ops")
    assert [("card", "owed"), ("dispatch", "refused")] == statuses(here, case_id)
    assert 1 == here.round()
    here.outbox().replay(case_id)
    assert [("card", "owed"), ("dispatch", "owed")] == statuses(here, case_id)


def test_a_channel_that_is_named_twice_gets_one_card(here: road.Road, chat: Chat) -> None:
    asked(here, "ops", "ops")
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
