import json
from dataclasses import replace
from typing import Any

import pytest

from relay.approval.policy import ChatChannel
from relay.chats.teams.limits import MAX_SIZE
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import Actor, Review
from relay.model.request import Status
from tests.chats.teams.drawing import (
    CARDS,
    LINK,
    OLD,
    OPS,
    ORIGIN,
    POST,
    adaptive,
    approved,
    buttons,
    case,
    elements,
    pending,
)
from tests.support.entra_tokens import NOW


def test_a_pending_card_can_be_pressed_in_place() -> None:
    message = CARDS.draw(pending(case()), OPS)
    assert ("message", "배포") == (message["type"], message["summary"])
    card = adaptive(pending(case()))
    assert ("AdaptiveCard", "1.4", "full") == (card["type"], card["version"], card["msteams"]["width"])
    approve, reject = buttons(card)
    assert [("Approve", "approve"), ("Reject", "reject")] == [(b["title"], b["verb"]) for b in (approve, reject)]
    for button in (approve, reject):
        assert ("Action.Execute", {"ticket": "t.i.c"}) == (button["type"], button["data"])
        page = f"{ORIGIN}/api/review/{case().request.id}"
        assert ("Action.OpenUrl", page) == (button["fallback"]["type"], button["fallback"]["url"])


def test_the_reason_is_asked_in_the_card() -> None:
    (comment,) = elements(adaptive(pending(case())), "Input.Text")
    assert ("comment", "Comment (optional)", 1_000) == (comment["id"], comment["label"], comment["maxLength"])
    assert "isRequired" not in comment
    (required,) = elements(adaptive(pending(case(require_comment=True))), "Input.Text")
    assert (True, "Comment", "A comment is required.") == (
        required["isRequired"],
        required["label"],
        required["errorMessage"],
    )


def test_the_buttons_have_the_senders_labels_and_the_senders_links_a_row_of_their_own() -> None:
    made = case(approve_label="배포하기", reject_label="그만", actions=[{**LINK, "name": "Approve"}])
    ours, theirs = (
        [action["title"] for action in row["actions"]] for row in elements(adaptive(pending(made)), "ActionSet")
    )
    assert (["Approve: 배포하기", "Reject: 그만"], ["Approve"]) == (ours, theirs)
    link = buttons(adaptive(pending(made)))[-1]
    assert ("Action.OpenUrl", "https://log.example") == (link["type"], link["url"])


@pytest.mark.parametrize("channel", [OPS, OLD])
def test_labels_that_say_the_contrary_stand_behind_the_relays_own_word(channel: ChatChannel) -> None:
    made = case(approve_label="Dismiss", reject_label="Approve")
    text = json.dumps(CARDS.draw(pending(made), channel))
    assert '"Approve: Dismiss"' in text
    assert '"Reject: Approve"' in text
    assert '"Approve"' not in text
    assert (channel is OLD) == ('"Dismiss"' in text)  # there it opens the button that decides


@pytest.mark.parametrize("status", ["approved", "rejected", "expired", "superseded", "cancelled"])
def test_a_decided_card_tells_its_outcome_and_has_no_button(status: Status) -> None:
    debts = (Debt("deploy-api", NOW, NOW, status="delivered"),) if status == "approved" else ()
    made = replace(case("production", approved("ada"), status=status, actions=[LINK, POST]), debts=debts)
    card = adaptive(Answer("already-approved", "This was already approved.", made, status))
    assert ["Action.OpenUrl"] == [action["type"] for action in buttons(card)]
    assert "refresh" not in card
    assert "entities" not in card["msteams"]
    assert [] == elements(card, "Input.Text")
    assert "t.i.c" not in json.dumps(card)
    assert status.capitalize() in card["body"][0]["text"]


def test_a_notification_has_neither_buttons_nor_refresh() -> None:
    card = adaptive(Answer("pending", "", case("", event_type=None), "pending"))
    assert ([], []) == (elements(card, "ActionSet"), elements(card, "Input.Text"))
    assert "refresh" not in card


def test_the_card_for_who_pressed_says_what_the_press_came_to() -> None:
    card: Any = CARDS.answer(pending(case(), "counted", "Counted. It needs 1 more approval."), "29:ada")
    assert "Counted. It needs 1 more approval." == card["body"][0]["text"]
    assert ["29:ada"] == card["refresh"]["userIds"]


def test_a_refusal_of_github_is_told_once_on_the_card_for_who_pressed() -> None:
    refused = Debt("deploy", NOW, float(NOW), status="refused", last_error="the repository does not exist")
    made = replace(case(), status="approved", debts=(refused,))
    sentence = "Approved. But GitHub refused it: the repository does not exist. The operator can mend this."
    card: Any = CARDS.answer(Answer("approved-refused", sentence, made, "approved"), "29:ada")
    assert 1 == json.dumps(card).count("the repository does not exist")
    assert "Approved" == card["body"][0]["text"]


def test_the_card_for_who_only_looked_says_how_it_stands() -> None:
    card: Any = CARDS.answer(pending(case(), sentence="It waits."), "29:ada")
    assert "It waits." not in json.dumps(card)
    assert "Waiting for approval" == card["body"][0]["text"]


def test_an_old_channel_gets_a_message_card() -> None:
    message: Any = CARDS.draw(pending(case()), OLD)
    (attachment,) = message["attachments"]
    assert "application/vnd.microsoft.teams.card.o365connector" == attachment["contentType"]
    assert "MessageCard" == attachment["content"]["@type"]
    assert 2 == len(attachment["content"]["potentialAction"])


def long(count: int, length: int = 1_000) -> Case:
    said = tuple(
        Review("approve", Actor(f"entra:t/{n}", "김" * 40), "release", NOW, "말" * length) for n in range(count)
    )
    return case("production", *said, text="글" * 8_000)


@pytest.mark.parametrize("channel", [OPS, OLD])
def test_a_message_that_grows_too_large_cuts_comments_and_nothing_else(channel: ChatChannel) -> None:
    message = json.dumps(CARDS.draw(pending(long(24)), channel), ensure_ascii=False)
    assert 40_000 < len(message.encode()) <= MAX_SIZE
    assert 24 == message.count("김" * 40)
    assert "말" * 200 in message
    assert "말" * 1_000 not in message
    assert "글" * 8_000 in message


@pytest.mark.parametrize("channel", [OPS, OLD])
def test_a_request_whose_card_teams_would_refuse_is_told_by_its_size(channel: ChatChannel) -> None:
    facts = [{"name": "n", "value": "글" * 1_500} for _ in range(20)]
    told = CARDS.fits(case(facts=facts).request, "key", channel)
    assert told.startswith("the card for the channel ops has 9")
    assert told.endswith("bytes of JSON and 81920 are taken (80 KB): shorten the text, facts and sections")


@pytest.mark.parametrize("channel", [OPS, OLD])
@pytest.mark.parametrize("made", [case(facts=[{"name": "n", "value": "글" * 1_500}] * 12), case("", event_type=None)])
def test_a_request_whose_card_teams_takes_has_no_problem(made: Case, channel: ChatChannel) -> None:
    assert "" == CARDS.fits(made.request, "key", channel)


def test_only_a_channel_of_message_cards_has_their_limits() -> None:
    made = case(sections=[{"text": 7}])
    assert "" == CARDS.fits(made.request, "key", OPS)
    told = CARDS.fits(made.request, "key", OLD)
    assert "as a card, sections[2].text must be a string" == told


def test_a_message_that_stays_too_large_is_sent_all_the_same() -> None:
    assert len(json.dumps(CARDS.draw(pending(long(500)), OPS), ensure_ascii=False).encode()) > MAX_SIZE


@pytest.mark.parametrize(
    ("letters", "fits"), [("x" * 1_500, False), ("x" * 900, True), ("글" * 800, True), ("🚀" * 900, False)]
)
def test_a_card_is_as_large_as_the_larger_of_both_readings_of_teams_own_limit(letters: str, fits: bool) -> None:
    facts = [{"name": "n", "value": letters}] * 29
    assert fits == (CARDS.fits(case(facts=facts).request, "key", OPS) == "")
