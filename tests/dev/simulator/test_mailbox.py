"""Mails with cards in them: how they come, how they are pressed on, and what a program without cards shows."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import httpx
import pytest

from relay.dev.simulator.mailbox import MAX_MAIL, Mailbox, read_mail
from tests.dev.simulator.here import Here, ask_in, exports, now, path_of, press_on, state
from tests.dev.simulator.posting import send

OPTIONS = ("--repository", "octo/shop", "--environment", "production", "--event-type", "deploy-production")
FROM = ("--from", "Approval relay <relay@octo.example>")
CARD = '{"type": "AdaptiveCard", "version": "1.0", "body": []}'


def mail(html: str, subject: str = "A subject") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "relay@octo.example", "ada@octo.example", subject
    made.set_content("text")
    made.add_alternative(html, subtype="html")
    return made


def html_with(kind: str = "application/adaptivecard+json", card: str = CARD) -> str:
    return f'<html><head><script type="{kind}">{card}</script></head><body>Hello</body></html>'


@contextmanager
def signed_in(page: httpx.Client) -> Iterator[smtplib.SMTP]:
    said = exports(page)
    host, _, port = said["RELAY_SMTP"].partition(":")
    with smtplib.SMTP(host, int(port), "localhost", timeout=10) as server:
        server.login(said["RELAY_SMTP_USER"], said["RELAY_SMTP_PASSWORD"])
        yield server


def test_relay_send_mails_a_card_that_is_pressed_like_any(page: httpx.Client) -> None:
    sent = send(page, *FROM, "--to", "ada@octo.example", *OPTIONS, "--title", "By mail")
    assert 0 == sent.returncode, sent.stderr
    card = state(page)["cards"][0]
    assert ("outlook", "mail", "By mail", "By mail", "ada@octo.example", True) == tuple(
        card[name] for name in ("host", "source", "title", "subject", "to", "mail")
    )
    after = press_on(page, card, "Approve", "ada", 'a "quote"')
    assert ("released", True) == (after["line"]["outcome"], after["line"]["good"])
    assert [] == path_of(after["views"]["ada"], "Approve")
    assert card["card"] == after["card"], "nobody else's mail has changed"
    reviews = state(page)["dispatches"][0]["body"]["client_payload"]["approval"]["reviews"]
    assert 'a "quote"' == reviews[0]["comment"]


def test_a_message_card_in_a_mail_is_found_too(page: httpx.Client) -> None:
    way = (*FROM, "--to", "ada@octo.example", "--outlook-card", "messagecard")
    sent = send(page, *way, *OPTIONS, "--title", "The older form")
    assert 0 == sent.returncode, sent.stderr
    card = state(page)["cards"][0]
    assert "MessageCard" == card["card"]["@type"]
    assert "released" == press_on(page, card, "Approve", "grace")["line"]["outcome"]


def test_who_is_refused_keeps_the_card(page: httpx.Client) -> None:
    (card,) = ask_in(page, "production", "mail")
    after = press_on(page, card, "Approve", "stranger")
    assert (403, "not-allowed", False) == tuple(after["line"][name] for name in ("status", "outcome", "good"))
    assert {} == after["views"]


def test_an_opened_mail_shows_how_the_case_stands_by_then(page: httpx.Client) -> None:
    (card,) = ask_in(page, "payments", "mail")
    press_on(page, card, "Approve", "grace")
    asked = {"card": card["id"], "person": "ada"}
    assert 200 == page.post("/simulator/refreshes", json=asked).status_code
    after = now(page, card["id"])
    assert "Grace Hopper" in str(after["views"]["ada"])
    assert "counted" == after["line"]["outcome"], "and nobody pressed"


def test_a_mail_that_asks_for_nothing_when_opened_is_left_alone(page: httpx.Client) -> None:
    (card,) = ask_in(page, "production", "outlook")
    assert 200 == page.post("/simulator/refreshes", json={"card": card["id"], "person": "ada"}).status_code
    assert card == now(page, card["id"])


def test_a_stranger_who_opens_a_mail_sees_it_as_it_was_sent(page: httpx.Client) -> None:
    """The relay tells whoever can prove who they are; a person of another tenant it would not."""
    (card,) = ask_in(page, "production", "mail")
    assert 200 == page.post("/simulator/refreshes", json={"card": card["id"], "person": "stranger"}).status_code
    assert "Approve" in str(now(page, card["id"])["card"])


def test_the_mails_own_text_is_a_document_without_rights(simulator: Here, page: httpx.Client) -> None:
    (card,) = ask_in(page, "production", "mail")
    answer = httpx.get(f"{simulator.origin}/simulator/mail/{card['id']}", trust_env=False)
    assert (200, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert "Review and decide" in answer.text
    assert '<base target="_blank">' in answer.text
    policy = answer.headers["content-security-policy"]
    for part in ("default-src 'none'", "sandbox ", "frame-ancestors 'self'", "form-action 'none'"):
        assert part in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "SAMEORIGIN" == answer.headers["x-frame-options"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_other_mail_can_be_guessed(simulator: Here, page: httpx.Client, method: str) -> None:
    (card,) = ask_in(page, "production", "outlook")
    for name in (card["id"], "x", ""):
        assert 404 == httpx.request(method, f"{simulator.origin}/simulator/mail/{name}", trust_env=False).status_code


@pytest.mark.parametrize(
    ("user", "password"), [("simulator", "wrong"), ("other", ""), ("", ""), ("simulator", "pässword")]
)
def test_the_mail_server_takes_nothing_without_the_runs_password(page: httpx.Client, user: str, password: str) -> None:
    host, _, port = exports(page)["RELAY_SMTP"].partition(":")
    with smtplib.SMTP(host, int(port), "localhost", timeout=10) as server:
        with pytest.raises(smtplib.SMTPException):
            server.send_message(mail(html_with()))
        with pytest.raises((smtplib.SMTPAuthenticationError, UnicodeEncodeError)):
            server.login(user, password)


@pytest.mark.parametrize("way", ["auth_plain", "auth_login"])
def test_either_way_to_sign_in_is_taken(page: httpx.Client, way: str) -> None:
    said = exports(page)
    host, _, port = said["RELAY_SMTP"].partition(":")
    for at_once in (True, False):
        with smtplib.SMTP(host, int(port), "localhost", timeout=10) as server:
            server.ehlo()
            server.user, server.password = said["RELAY_SMTP_USER"], said["RELAY_SMTP_PASSWORD"]
            code, _ = server.auth(way.removeprefix("auth_").upper(), getattr(server, way), initial_response_ok=at_once)
            assert 235 == code


def test_the_mail_server_keeps_to_the_order_of_the_protocol(page: httpx.Client) -> None:
    with signed_in(page) as server:
        assert [503, 250, 502, 250] == [server.docmd(each)[0] for each in ("DATA", "NOOP", "VRFY", "RSET")]
        assert 535 == server.docmd("AUTH PLAIN !")[0]


def test_a_mail_without_a_card_is_refused_and_dots_are_kept(page: httpx.Client) -> None:
    with signed_in(page) as server, pytest.raises(smtplib.SMTPDataError):
        server.send_message(mail("<p>Hello</p>"))
    with signed_in(page) as server:
        server.send_message(mail(html_with(card=CARD.replace("[]", "[\n.\n]").replace("\n.\n", "\n"))))
    assert "A subject" == state(page)["cards"][0]["title"]


def test_a_mail_that_is_too_long_ends_the_conversation(page: httpx.Client) -> None:
    with signed_in(page) as server, pytest.raises(smtplib.SMTPException):
        server.send_message(mail("<p>" + "x" * MAX_MAIL + "</p>"))


@pytest.mark.parametrize(
    "html",
    [
        "",
        html_with("text/javascript"),
        html_with(card="no json"),
        html_with(card="[]"),
        "<script type=application/adaptivecard+json>",
    ],
)
def test_what_is_no_card_is_not_found(html: str) -> None:
    assert None is read_mail(bytes(mail(html)))


def test_a_mail_of_text_alone_has_no_card() -> None:
    plain = EmailMessage()
    plain.set_content("Hello")
    assert None is read_mail(bytes(plain))


def test_the_first_card_counts() -> None:
    other = '{"type": "AdaptiveCard", "version": "1.1"}'
    found = read_mail(bytes(mail(html_with() + html_with(card=other))))
    assert found is not None
    assert ("1.0", "A subject", "ada@octo.example") == (found[0]["version"], found[2], found[3])


def test_who_hangs_up_ends_their_own_conversation_alone() -> None:
    taken = list[str]()
    mailbox = Mailbox(lambda _card, _html, subject, _to: taken.append(subject))
    host, _, port = mailbox.address.partition(":")
    server = smtplib.SMTP(host, int(port), "localhost", timeout=10)
    server.close()
    with smtplib.SMTP(host, int(port), "localhost", timeout=10) as again:
        again.login("simulator", mailbox.password)
        again.send_message(mail(html_with()))
    mailbox.close()
    assert ["A subject"] == taken
