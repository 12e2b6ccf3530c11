"""What a press is answered with: the card in its own format, or a refusal that keeps it."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from relay.approval import wording
from relay.chats.contract.incoming import Budget
from relay.chats.shared.message_card_limits import MAX_SIZE
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.people import Actor, Review
from relay.model.request import Status
from relay.signed.request import read_form
from tests.chats.messagecard.clicking import ADAPTIVE, CASE, CHANNEL, ORIGINATOR, PRESSED, TARGET, delivery, replied
from tests.support.entra_tokens import NOW


@pytest.mark.parametrize(
    ("status", "ticket", "buttons"), [("pending", "a.b.c", 2), ("approved", "", 0), ("expired", "", 0)]
)
def test_an_answer_says_the_outcome_and_brings_the_card_as_it_now_stands(
    status: Status, ticket: str, buttons: int
) -> None:
    answer = Answer("counted", "Counted.", replace(CASE, status=status), status, "1 more approval", ticket)
    reply = CHANNEL.reply(answer, delivery(PRESSED))
    expected = {
        "Content-Type": "application/json; charset=utf-8",
        "Relay-Outcome": "counted",
        "CARD-ACTION-STATUS": "Counted.",
        "CARD-UPDATE-IN-BODY": "true",
    }
    assert (200, expected) == (reply.status, reply.headers)
    card = json.loads(reply.body)
    assert ("MessageCard", "배포") == (card["@type"], card["title"])
    assert "배포".encode() in reply.body
    posts = [post for action in card.get("potentialAction", []) for post in action["actions"]]
    assert [TARGET] * buttons == [post["target"] for post in posts]


PENDING = Answer("counted", "Counted.", CASE, "pending", "1 more approval", "n.n.n")
APPROVED = Answer("released", "Approved.", replace(CASE, status="approved"), "approved")


@pytest.mark.parametrize("answer", [PENDING, APPROVED])
def test_the_card_comes_back_in_the_format_of_the_pressed_one_with_its_originator(answer: Answer) -> None:
    adaptive, message_card = replied(answer, ADAPTIVE), replied(answer, {"relay-originator": ORIGINATOR})
    assert ("AdaptiveCard", "1.0") == (adaptive["type"], adaptive["version"])
    assert "MessageCard" == message_card["@type"]
    for card in (adaptive, message_card):
        assert (ORIGINATOR, True) == (card["originator"], card["hideOriginalBody"])
        # The next press names it again, so that the card after the next has it too.
        assert ("Relay-Originator" in json.dumps(card)) is bool(answer.ticket)


@pytest.mark.parametrize("named", ["", "Adaptive", "adaptive ", "messagecard", "adaptive, adaptive", "카드", "\x00"])
def test_a_format_that_is_none_of_ours_is_a_message_card(named: str) -> None:
    assert "MessageCard" == replied(APPROVED, {"relay-card": named})["@type"]


@pytest.mark.parametrize(
    "named",
    [
        "",
        "the-provider",
        ORIGINATOR[:-1],
        ORIGINATOR + "0",
        ORIGINATOR.replace("-", ""),
        f"{{{ORIGINATOR}}}",
        f"{ORIGINATOR}, {ORIGINATOR}",
        f"{ORIGINATOR}\n",
        "\uff14f1c9d2a-7b54-46f8-891a-2b3c4d5e6f70",
        '"><script>',
    ],
)
@pytest.mark.parametrize("format_named", [{}, {"relay-card": "adaptive"}])
def test_an_originator_that_is_no_guid_is_left_out(named: str, format_named: dict[str, str]) -> None:
    card = replied(PENDING, {**format_named, "relay-originator": named})
    assert "originator" not in card
    assert "Relay-Originator" not in json.dumps(card)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("too-large", 413),
        ("not-genuine", 401),
        ("malformed", 400),
        ("unknown-request", 404),
        ("no-rule", 403),
        ("not-allowed", 403),
        ("own-request", 403),
        ("comment-required", 400),
        ("busy", 503),
    ],
)
def test_a_refusal_has_its_status_and_keeps_the_card(code: str, status: int) -> None:
    reply = CHANNEL.refuse(code)
    sentence = wording.refusal(code)
    assert {"error": code, "message": sentence} == json.loads(reply.body)
    assert (status, code, sentence) == (
        reply.status,
        reply.headers["Relay-Outcome"],
        reply.headers["CARD-ACTION-STATUS"],
    )
    assert "CARD-UPDATE-IN-BODY" not in reply.headers


def test_the_chat_has_its_limits() -> None:
    assert (Budget(4.0, 4.0), 1024 * 1024) == (CHANNEL.budget, CHANNEL.max_body)


def answered(text: str, reviews: int, headers: Mapping[str, str]) -> bytes:
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "T", "text": text}
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=86_400)
    said = tuple(
        Review("approve", Actor(f"entra:t/{n}", "김" * 40), "release", NOW, "말" * 1_000) for n in range(reviews)
    )
    case = Case(request, "key", status="approved", stage="release", reviews=said)
    return CHANNEL.reply(Answer("released", "Approved.", case, "approved"), delivery({**PRESSED, **headers})).body


@pytest.mark.parametrize("headers", [{}, ADAPTIVE])
def test_a_card_that_grows_too_large_cuts_comments_and_nothing_else(headers: dict[str, str]) -> None:
    body = answered("글" * 1_000, 11, headers)
    assert 20_000 < len(body) <= MAX_SIZE
    assert 11 == body.decode().count("김" * 40)
    assert "말" * 500 in body.decode()


@pytest.mark.parametrize("headers", [{}, ADAPTIVE])
def test_a_card_that_stays_too_large_is_sent_all_the_same(headers: dict[str, str]) -> None:
    assert len(answered("글" * 8_000, 70, headers)) > MAX_SIZE


def test_a_decided_card_has_no_live_button_anywhere() -> None:
    link = {"@type": "OpenUri", "name": "Log", "targets": [{"os": "default", "uri": "https://log.example"}]}
    post = {"@type": "HttpPOST", "name": "Approve", "target": "https://evil.example"}
    form = {
        "repository": "octo/api",
        "event_type": "deploy-api",
        "title": "T",
        "actions": [post, link],
        "sections": [{"title": "a", "potentialAction": [post, link]}, {"title": "b"}],
    }
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=86_400)
    case = Case(request, "key", status="rejected", stage="release")
    card = json.loads(CHANNEL.reply(Answer("rejected", "Rejected.", case, "rejected"), delivery(PRESSED)).body)
    assert [link] == card["potentialAction"]
    assert [link] == card["sections"][-2]["potentialAction"]
    assert "HttpPOST" not in json.dumps(card)
