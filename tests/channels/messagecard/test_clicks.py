import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.channels import CHANNELS
from relay.channels.messagecard.clicks import MessageCardChannel
from relay.channels.messagecard.limits import MAX_SIZE
from relay.core import wording
from relay.core.errors import Refusal
from relay.core.model import Actor, Answer, Case, Delivery, Genuine, Interaction, Look, Review, Status
from relay.core.request import read_form
from relay.core.token_profiles import entra_profiles, legacy_profiles
from tests import genuine
from tests.genuine import AUDIENCE, AUTHORITY, CALLER, JWKS_URL, KID, NOW, OBJECT, PUBLIC, TENANT, V1_ISSUER

TARGET = "https://relay.example/api/interactions/messagecard"
ENTRA = entra_profiles(
    tenants=[TENANT], authority=AUTHORITY, v1_issuer=V1_ISSUER, audiences=[AUDIENCE], callers=[CALLER]
)
RETIRED = legacy_profiles(
    issuer=genuine.LEGACY_ISSUER,
    jwks_url=genuine.LEGACY_JWKS_URL,
    tenants=[TENANT],
    audiences=[],
    public_origin=genuine.ORIGIN,
    callers=[CALLER],
)
CHANNEL = MessageCardChannel([*ENTRA, *RETIRED], TARGET)
ADA = Actor(f"entra:{TENANT}/{OBJECT}", "Ada Lovelace")
KEYS = {KID: PUBLIC}
PRESSED = {"relay-ticket": "a.b.c", "relay-verdict": "approve"}
ORIGINATOR = "4f1c9d2a-7b54-46f8-891A-2B3C4D5E6F70"
ADAPTIVE = {"relay-card": "adaptive", "relay-originator": ORIGINATOR}
CASE = Case(
    read_form(
        {"repository": "octo/api", "event_type": "deploy", "title": "배포"}, issued_at=NOW, nonce="n" * 22, lifetime=60
    ),
    "key",
    version=2,
)


def delivery(headers: Mapping[str, str], body: bytes = b"") -> Delivery:
    return Delivery("messagecard", headers, body, NOW + 0.5)


def read(body: bytes = b"", headers: Mapping[str, str] = PRESSED) -> Interaction:
    wanted = CHANNEL.read(Genuine(delivery(headers, body), ADA))
    assert isinstance(wanted, Interaction)
    return wanted


def replied(answer: Answer, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the card that answers a press with these headers."""
    reply = CHANNEL.reply(answer, delivery({**PRESSED, **headers}))
    assert (200, "true") == (reply.status, reply.headers["CARD-UPDATE-IN-BODY"])
    assert "application/json; charset=utf-8" == reply.headers["Content-Type"]
    card: dict[str, Any] = json.loads(reply.body)
    return card


def refusal(body: bytes = b"", headers: Mapping[str, str] = PRESSED) -> str:
    with pytest.raises(Refusal) as raised:
        read(body, headers)
    assert raised.value.code == "malformed"
    return raised.value.check


def comment(body: str) -> str:
    return read(body.encode()).comment


def typed(text: str) -> str:
    """Return the body as the platform makes it: what was typed is put into the card's JSON as it is."""
    return f'{{"comment": "{text}"}}'


@pytest.mark.parametrize("claims", [genuine.v2_claims(), genuine.v1_claims()])
@pytest.mark.parametrize("header", ["authorization", "action-authorization"])
def test_a_genuine_token_proves_who_pressed(claims: dict[str, object], header: str) -> None:
    pressed = delivery({header: f"Bearer {genuine.token(claims)}", **PRESSED})
    assert (JWKS_URL, KID) == CHANNEL.key_wanted(pressed)
    assert Genuine(pressed, ADA) == CHANNEL.verify(pressed, KEYS, NOW)


def test_the_retired_format_proves_who_pressed_and_no_name() -> None:
    pressed = delivery({"authorization": f"Bearer {genuine.token(genuine.legacy_claims())}"})
    assert (genuine.LEGACY_JWKS_URL, KID) == CHANNEL.key_wanted(pressed)
    assert Actor(ADA.id, "somebody") == CHANNEL.verify(pressed, KEYS, NOW).actor


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Basic YTpi"},
        {"authorization": "Bearer 가"},
        {"authorization": f"Bearer {genuine.token(genuine.v2_claims(tenant=genuine.OTHER_TENANT))}"},
        {"authorization": f"Bearer {genuine.token(genuine.v2_claims(aud='api://other'))}"},
        {"authorization": f"Bearer {genuine.token(genuine.v2_claims(exp=NOW - 301))}"},
        {"authorization": f"Bearer {genuine.sign(genuine.header(), genuine.v2_claims(), genuine.foreign_key())}"},
    ],
)
def test_without_proof_nobody_pressed(headers: dict[str, str]) -> None:
    with pytest.raises(Refusal) as raised:
        CHANNEL.verify(delivery(headers | PRESSED), KEYS, NOW)
    assert raised.value.code == "not-genuine"


def test_no_key_is_wanted_for_what_names_no_issuer_of_ours() -> None:
    stranger = genuine.token(genuine.v2_claims(iss="https://evil.example/v2.0"))
    for headers in ({}, {"authorization": f"Bearer {stranger}"}):
        with pytest.raises(Refusal) as raised:
            CHANNEL.key_wanted(delivery(headers))
        assert raised.value.code == "not-genuine"


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_ticket_and_verdict_are_read_from_the_headers(verdict: str) -> None:
    expected = ("a.b.c", verdict, "", ADA)
    pressed = read(headers=PRESSED | {"relay-verdict": verdict})
    assert expected == (pressed.ticket, pressed.verdict, pressed.comment, pressed.actor)


@pytest.mark.parametrize("verdict", ["", "Approve", "approved", "approve, approve", "approve ", "승인"])
def test_a_verdict_is_one_of_two_words(verdict: str) -> None:
    assert refusal(headers=PRESSED | {"relay-verdict": verdict}).startswith("header Relay-Verdict")
    assert refusal(headers={"relay-ticket": "a.b.c"}).startswith("header Relay-Verdict")


def test_a_press_without_a_ticket_is_malformed() -> None:
    assert refusal(headers={"relay-verdict": "approve"}).startswith("header Relay-Ticket")
    assert refusal(headers=PRESSED | {"relay-ticket": ""}).startswith("header Relay-Ticket")


def test_verdict_and_ticket_of_the_body_count_for_nothing() -> None:
    body = b'{"comment": "ok", "verdict": "reject", "Relay-Verdict": "reject", "ticket": "x"}'
    assert Interaction("a.b.c", "approve", "ok", ADA) == read(body)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", ""),
        (" \r\n", ""),
        ('{"comment": ""}', ""),
        ('{"comment": null}', ""),
        ('{"comment":"좋습니다"}', "좋습니다"),
        ('{"comment": "\\uc88b\\n\\"x\\""}', '좋\n"x"'),
        ('{"comment": "\\ud83d\\ude80"}', "🚀"),
        ('{"comment": "\\ud800"}', "?"),
        ('{"extra": [1.5], "comment": "ok"}', "ok"),
        (typed("go"), "go"),
        (typed("C:\\temp"), "C:\temp"),
        (typed('say "go"'), 'say "go"'),
        (typed('"'), '"'),
        (typed("two\nlines"), "two\nlines"),
        (typed("two\r\nlines"), "two\r\nlines"),
        (typed("C:\\path"), "C:\\path"),
        (typed("ends with \\"), "ends with \\"),
        (typed('"}'), '"}'),
        (typed('x", "comment": "y'), 'x", "comment": "y'),
        (typed('x", "comment": {"a": "y'), 'x", "comment": {"a": "y'),
        (typed('x"}, {"comment": "y'), 'x"}, {"comment": "y'),
        (typed('x", "a": NaN, "b": "y'), 'x", "a": NaN, "b": "y'),
        (typed('x", "a": ' + "[" * 50 + "]" * 50 + ', "b": "y'), 'x", "a": ' + "[" * 50 + "]" * 50 + ', "b": "y'),
        (typed("가" * 1_000), "가" * 1_000),
        (typed('"' * 1_000), '"' * 1_000),
    ],
)
def test_a_comment_is_what_the_person_typed(body: str, said: str) -> None:
    assert said == comment(body)


def test_members_that_a_person_typed_count_for_nothing() -> None:
    assert "ok" == comment(typed('ok", "verdict": "reject'))


@pytest.mark.parametrize(
    ("body", "check"),
    [
        (b"\xff", "the body is not UTF-8"),
        (b'{"comment": "\xed\xa0\x80"}', "the body is not UTF-8"),
        (b"go", "the body is not a comment"),
        (b"null", "the body is not a comment"),
        (b"[]", "the body is not a comment"),
        (b"{}", "the body is not a comment"),
        (b'{"comment": 5}', "the body is not a comment"),
        (b'{"comment": ["a"]}', "the body is not a comment"),
        (b'{"comment": "}', "the body is not a comment"),
        (b'{"comment": "x', "the body is not a comment"),
        (b'{"comment":"say "go""}', "the body is not a comment"),
        (b'x{"comment": "a"b"}', "the body is not a comment"),
        (b'{"comment": "a"b"} ', "the body is not a comment"),
        (b"[" * 100_000, "the body is not a comment"),
        (typed("x" * 1_001).encode(), "the comment is too long"),
        (typed('"' * 1_001).encode(), "the comment is too long"),
    ],
)
def test_a_body_of_another_form_is_malformed(body: bytes, check: str) -> None:
    assert check == refusal(body)


@settings(deadline=None, max_examples=150)
@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n{}:,')))
def test_whatever_a_person_types_is_a_comment(text: str) -> None:
    said = comment(typed(text))
    assert said in text or "\\" in text


@settings(deadline=None, max_examples=150)
@given(st.binary())
def test_any_bytes_are_a_comment_or_malformed(body: bytes) -> None:
    try:
        assert len(read(body).comment) <= 1_000
    except Refusal:
        assert refusal(body)


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


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60), st.text(max_size=60))
def test_who_decides_what_hangs_on_neither_header(named: str, originator: str) -> None:
    spoiled = PRESSED | {"relay-card": named, "relay-originator": originator}
    assert read(b'{"comment": "ok"}') == read(b'{"comment": "ok"}', spoiled)
    token = {"authorization": f"Bearer {genuine.token()}"}
    assert ADA == CHANNEL.verify(delivery(token | spoiled), KEYS, NOW).actor
    assert CHANNEL.key_wanted(delivery(token)) == CHANNEL.key_wanted(delivery(token | spoiled))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"comment": "approve"}', b"\xff"])
def test_an_opened_mail_wants_a_look_whatever_its_body(body: bytes) -> None:
    headers = {"relay-ticket": "a.b.c", "relay-look": "true"}
    assert Look("a.b.c", ADA) == CHANNEL.read(Genuine(delivery(headers, body), ADA))


def test_a_look_needs_a_ticket_and_has_no_verdict() -> None:
    assert refusal(headers={"relay-look": "true"}).startswith("header Relay-Ticket")
    for look in ("", "TRUE", "1", "true, true"):
        assert refusal(headers={"relay-ticket": "a.b.c", "relay-look": look}).startswith("header Relay-Verdict")
    assert "approve" == read(headers=PRESSED | {"relay-look": "true"}).verdict
    both = {"relay-ticket": "a.b.c", "relay-look": "true", "relay-verdict": "maybe"}
    assert refusal(headers=both).startswith("header Relay-Verdict")


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


def test_the_channel_stands_in_the_table_with_its_limits() -> None:
    assert CHANNELS["messagecard"] is MessageCardChannel
    assert (4.0, 1024 * 1024) == (CHANNEL.budget, CHANNEL.max_body)


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
