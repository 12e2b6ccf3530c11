"""Mails as the command sends them, the options that it is told them by, and what arrived."""

from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest

from relay.chats.drawn import Letter
from relay.cli.failures import Failure
from relay.cli.mail.options import Mailing
from relay.cli.mail.smtp import send_mail
from tests.cli.running import Sleeper, make_edges

HTML = f"<p>배포 &lt;승인&gt;</p>\n.\n..two\n{'길' * 2_000}\n"
LETTER = Letter("배포 승인", "배포 승인\n.\nhttps://relay.example\n", HTML)
ADA, LIN = Address("에이다", "ada", "octo.example"), Address("", "lin", "octo.example")
LOGIN = ("relay", "s3cret")


def mailing(port: int, *people: Address, login: tuple[str, str] = ("", ""), host: str = "127.0.0.1") -> Mailing:
    sender = Address("Relay, 배포", "relay", "octo.example")
    return Mailing(host, port, *login, sender, people or (ADA,))


def send(to: Mailing, letter: Letter = LETTER) -> Sleeper:
    """Send and return the clock, which says how often it was tried again."""
    sleeper = Sleeper()
    send_mail(to, letter, make_edges(sleeper))
    return sleeper


def failure(to: Mailing, sleeper: Sleeper | None = None) -> str:
    with pytest.raises(Failure) as raised:
        send_mail(to, LETTER, make_edges(sleeper))
    assert 1 == raised.value.exit_code
    assert LOGIN[1] not in raised.value.message
    return raised.value.message


def read(mail: bytes) -> EmailMessage:
    found = message_from_bytes(mail, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    assert "utf-8" == body.get_content_charset()
    return str(body.get_content()).replace("\r\n", "\n")


VALUES: dict[str, object] = {"smtp": "mail.example", "mail_from": "Relay <relay@octo.example>"}


def options(*to: str, **changes: object) -> dict[str, object]:
    nobody = {"smtp_user": None, "smtp_password": None}
    return {**VALUES, **nobody, "mail_to": to or ("ada@octo.example",), **changes}
