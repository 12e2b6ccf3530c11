"""A press in Slack is answered as its fixture says: by status, by the card, and in words for the presser alone."""

from dataclasses import replace

import pytest

from relay.approval import wording
from relay.approval.cards import fingerprint
from relay.chats.slack.cards import SlackCards
from relay.chats.slack.clicks import SlackClicks
from relay.chats.slack.signature import sign
from relay.errors import Refusal
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.debts import Card, Debt, DebtStatus
from relay.model.delivery import ChatSignal, Delivery, Interaction, Reply
from relay.model.request import ApprovalRequest, Status
from relay.policy_toml.parse import parse
from tests.chats.slack.fixtures import ALL, GENUINE, Fixture

WORDS = "https://hooks.slack.com/actions/T111/111/random-value"
CASE = Case(ApprovalRequest("r" * 32, "octo/api", "Deploy", 1, 2, "n" * 22, event_type="deploy"), "key")


def clicks(each: Fixture) -> SlackClicks:
    return SlackClicks(
        each.secrets, frozenset(each.teams), each.api_url, SlackCards(parse(""), each.teams), "https://relay.example"
    )


def delivery(each: Fixture) -> Delivery:
    return Delivery("slack", each.headers, each.body, each.now)


def answered(name: str) -> tuple[Interaction | ChatSignal | None, Reply | None]:
    """Return what is read of a fixture, or the answer to what is refused, as the press does it."""
    each = ALL[name]
    chat = clicks(each)
    try:
        return chat.read(chat.verify(delivery(each), {}, each.now)), None
    except Refusal as refusal:
        return None, chat.refuse(refusal.code, refusal.check, delivery(each))


@pytest.mark.parametrize("name", ALL)
def test_every_fixture_is_answered_as_it_says(name: str) -> None:
    expect = ALL[name].expect
    read, reply = answered(name)
    if "refusal" in expect:
        assert reply is not None
        assert expect["refusal"]["status"] == reply.status
        assert expect["refusal"]["code"] == reply.headers["Relay-Outcome"]
        assert b"" == reply.body
        told = [str(aside.message["text"]) for aside in reply.asides]
        assert (["Your Slack team is not one whose people may act here."] if reply.status == 200 else []) == told
        assert {WORDS} >= {aside.thread for aside in reply.asides}
    elif expect["reads"]["kind"] == "press":
        assert isinstance(read, Interaction)
        assert (expect["actor"], expect["reads"]["ticket"]) == (read.actor.id, read.ticket)
    else:
        assert isinstance(read, ChatSignal)
        assert Reply(200, {}, b"") == read.reply


@pytest.mark.parametrize("name", [each for each in GENUINE if each != "ssl-check"])
def test_whatever_is_spoilt_is_401_and_nothing_is_said(name: str) -> None:
    each = ALL[name]
    chat = clicks(each)
    spoilt = [{**each.headers, header: f"{value}0"} for header, value in each.headers.items() if "slack" in header]
    tries = [Delivery("slack", headers, each.body, each.now) for headers in spoilt]
    for one in [*tries, replace(delivery(each), body=each.body + b"x")]:
        with pytest.raises(Refusal) as refused:
            chat.verify(one, {}, each.now)
        assert Reply(401, {"Relay-Outcome": "not-genuine"}, b"") == chat.refuse(
            refused.value.code, refused.value.check, one
        )


def test_a_check_of_the_certificate_needs_no_signature_and_does_nothing() -> None:
    chat = clicks(ALL["press-approve"])
    read = chat.read(chat.verify(Delivery("slack", {}, b"ssl_check=1&token=x", 1.0), {}, 1.0))
    assert ChatSignal(Reply(200, {}, b"")) == read


def said(code: str, *, status: Status = "pending", card: Card | None = None, debt: DebtStatus = "delivered") -> Reply:
    """Return the reply to press-approve, on a case whose card is as given."""
    each = ALL["press-approve"]
    owed = [Debt("ops", 1, 1.0, kind="card", status=debt, card=card)] if card else []
    case = replace(CASE, status=status, debts=tuple(owed))
    return clicks(each).reply(Answer(code, "The sentence.", case, status), delivery(each))


OWN = Card("ops", "C111", "1759999000.000200", fingerprint(CASE))


def kinds(reply: Reply) -> list[str]:
    assert all(aside.thread == WORDS for aside in reply.asides)
    return ["replaced" if aside.message["replace_original"] else "words" for aside in reply.asides]


@pytest.mark.parametrize("code", ["released", "approved-retrying", "approved-refused", "rejected", "counted"])
def test_what_the_card_shows_to_all_needs_no_words(code: str) -> None:
    reply = said(code, card=OWN)
    assert (200, {"Relay-Outcome": code}, b"") == (reply.status, reply.headers, reply.body)
    assert [] == kinds(reply)
    assert ["words"] == kinds(said(code, card=OWN, debt="owed"))
    assert ["words"] == kinds(said(code, card=replace(OWN, fingerprint="older")))


@pytest.mark.parametrize(
    "code", ["already-approved", "already-rejected", "already-counted", "superseded", "cancelled", "expired"]
)
def test_what_was_decided_before_is_said_to_the_presser_alone(code: str) -> None:
    reply = said(code, card=OWN)
    assert {"response_type": "ephemeral", "replace_original": False, "text": "The sentence."} == reply.asides[
        -1
    ].message
    assert (["replaced", "words"] if code == "expired" else ["words"]) == kinds(reply)


@pytest.mark.parametrize("code", ["already-approved", "already-rejected", "superseded", "cancelled", "expired"])
def test_a_card_that_still_has_the_buttons_of_an_ended_request_loses_them_at_once(code: str) -> None:
    assert ["replaced", "words"] == kinds(said(code, card=replace(OWN, fingerprint="older")))
    assert ["replaced", "words"] == kinds(said(code, card=OWN, debt="owed"))
    assert ["words"] == kinds(said("already-counted", card=replace(OWN, fingerprint="older")))


def test_a_message_of_an_asker_is_replaced_through_the_response_url() -> None:
    assert ["replaced"] == kinds(said("released", status="approved"))
    assert ["replaced", "words"] == kinds(said("already-approved", status="approved"))
    other = replace(OWN, place="C222")
    assert ["replaced"] == kinds(said("counted", card=other))
    message = said("released", status="approved").asides[0].message
    assert "Approved: Deploy" == message["text"]
    assert {"replace_original", "text", "blocks"} == set(message)


@pytest.mark.parametrize(
    ("code", "check", "status"),
    [
        ("no-rule", "x", 200),
        ("not-allowed", "x", 200),
        ("own-request", "x", 200),
        ("comment-required", "x", 200),
        ("unknown-request", "x", 200),
        ("not-genuine", "ticket: signature", 200),
        ("busy", "", 503),
    ],
)
def test_what_is_not_taken_is_said_to_the_presser_alone(code: str, check: str, status: int) -> None:
    each = ALL["press-approve"]
    reply = clicks(each).refuse(code, check, delivery(each))
    assert (status, {"Relay-Outcome": code}, b"") == (reply.status, reply.headers, reply.body)
    assert ["words"] == kinds(reply)


def test_whoever_runs_a_release_again_too_often_reads_the_limit() -> None:
    each = ALL["press-approve"]
    reply = clicks(each).refuse("not-allowed", wording.RAN_OFTEN, delivery(each))
    assert wording.refusal("not-allowed", wording.RAN_OFTEN) == reply.asides[0].message["text"]


def test_what_is_to_be_confirmed_leads_the_presser_alone_to_the_page() -> None:
    reply = said("confirm")
    assert ["words"] == kinds(reply)
    assert f"https://relay.example/api/review/{'r' * 32}" in str(reply.asides[0].message["text"])


@pytest.mark.parametrize("name", ["edge-response-url-elsewhere", "edge-response-url-missing"])
def test_without_an_address_of_slacks_nothing_is_said(name: str) -> None:
    each = ALL[name]
    assert () == clicks(each).refuse("not-allowed", "x", delivery(each)).asides
    assert () == clicks(each).reply(Answer("released", "x", CASE, "approved"), delivery(each)).asides


def test_what_has_no_form_is_answered_without_words() -> None:
    each = ALL["press-approve"]
    chat = clicks(each)
    assert Reply(413, {"Relay-Outcome": "too-large"}, b"") == chat.refuse("too-large", "body", delivery(each))
    assert Reply(400, {"Relay-Outcome": "malformed"}, b"") == chat.refuse("malformed", "x", delivery(each))
    broken = Delivery("slack", {}, b"payload=[", 1.0)
    assert Reply(503, {"Relay-Outcome": "busy"}, b"") == chat.refuse("busy", "", broken)


def test_secrets_are_never_shown() -> None:
    each = ALL["press-approve"]
    assert each.secrets[0] not in repr(clicks(each))
    assert sign(each.secrets[0], "1", b"") != each.secrets[0]
