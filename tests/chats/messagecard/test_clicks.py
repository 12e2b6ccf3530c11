"""Who pressed, and what a press says: ticket, verdict and comment, or only a look."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.model.delivery import Interaction, Refresh, Verified
from relay.model.people import Actor
from tests.chats.messagecard.clicking import ADA, CHANNEL, KEYS, PRESSED, delivery, read, refusal
from tests.support import entra_tokens
from tests.support.entra_tokens import JWKS_URL, KID, NOW


def comment(body: str) -> str:
    return read(body.encode()).comment


def typed(text: str) -> str:
    """Return the body as the platform makes it: what was typed is put into the card's JSON as it is."""
    return f'{{"comment": "{text}"}}'


@pytest.mark.parametrize("claims", [entra_tokens.v2_claims(), entra_tokens.v1_claims()])
@pytest.mark.parametrize("header", ["authorization", "action-authorization"])
def test_a_genuine_token_proves_who_pressed(claims: dict[str, object], header: str) -> None:
    pressed = delivery({header: f"Bearer {entra_tokens.token(claims)}", **PRESSED})
    assert (JWKS_URL, KID) == CHANNEL.keys_needed(pressed)
    assert Verified(pressed, ADA) == CHANNEL.verify(pressed, KEYS, NOW)


def test_a_token_without_a_name_proves_who_pressed_all_the_same() -> None:
    nameless = entra_tokens.v2_claims(name=None, preferred_username=None)
    pressed = delivery({"authorization": f"Bearer {entra_tokens.token(nameless)}"})
    assert Actor(ADA.id, "somebody") == CHANNEL.verify(pressed, KEYS, NOW).actor


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Basic YTpi"},
        {"authorization": "Bearer 가"},
        {"authorization": f"Bearer {entra_tokens.token(entra_tokens.v2_claims(tenant=entra_tokens.OTHER_TENANT))}"},
        {"authorization": f"Bearer {entra_tokens.token(entra_tokens.v2_claims(aud='api://other'))}"},
        {"authorization": f"Bearer {entra_tokens.token(entra_tokens.v2_claims(exp=NOW - 301))}"},
        {
            "authorization": "Bearer "
            + entra_tokens.sign(entra_tokens.header(), entra_tokens.v2_claims(), entra_tokens.foreign_key())
        },
    ],
)
def test_without_proof_nobody_pressed(headers: dict[str, str]) -> None:
    with pytest.raises(Refusal) as raised:
        CHANNEL.verify(delivery(headers | PRESSED), KEYS, NOW)
    assert raised.value.code == "not-genuine"


def test_no_key_is_wanted_for_what_names_no_issuer_of_ours() -> None:
    stranger = entra_tokens.token(entra_tokens.v2_claims(iss="https://evil.example/v2.0"))
    for headers in ({}, {"authorization": f"Bearer {stranger}"}):
        with pytest.raises(Refusal) as raised:
            CHANNEL.keys_needed(delivery(headers))
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


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60), st.text(max_size=60))
def test_who_decides_what_hangs_on_neither_header(named: str, originator: str) -> None:
    spoiled = PRESSED | {"relay-card": named, "relay-originator": originator}
    assert read(b'{"comment": "ok"}') == read(b'{"comment": "ok"}', spoiled)
    token = {"authorization": f"Bearer {entra_tokens.token()}"}
    assert ADA == CHANNEL.verify(delivery(token | spoiled), KEYS, NOW).actor
    assert CHANNEL.keys_needed(delivery(token)) == CHANNEL.keys_needed(delivery(token | spoiled))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"comment": "approve"}', b"\xff"])
def test_an_opened_mail_wants_a_look_whatever_its_body(body: bytes) -> None:
    headers = {"relay-ticket": "a.b.c", "relay-look": "true"}
    assert Refresh("a.b.c", ADA) == CHANNEL.read(Verified(delivery(headers, body), ADA))


def test_a_look_needs_a_ticket_and_has_no_verdict() -> None:
    assert refusal(headers={"relay-look": "true"}).startswith("header Relay-Ticket")
    for look in ("", "TRUE", "1", "true, true"):
        assert refusal(headers={"relay-ticket": "a.b.c", "relay-look": look}).startswith("header Relay-Verdict")
    assert "approve" == read(headers=PRESSED | {"relay-look": "true"}).verdict
    both = {"relay-ticket": "a.b.c", "relay-look": "true", "relay-verdict": "maybe"}
    assert refusal(headers=both).startswith("header Relay-Verdict")
