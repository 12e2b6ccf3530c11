from email.headerregistry import Address

import pytest
from click import UsageError

from relay.cli.mail.options import read_mailing
from tests.cli.mail.sending import options


@pytest.mark.parametrize(
    ("server", "host", "port"),
    [
        ("mail.example", "mail.example", 587),
        ("mail.example:465", "mail.example", 465),
        ("127.0.0.1:1025", "127.0.0.1", 1025),
        ("[::1]:25", "::1", 25),
        ("[::1]", "::1", 587),
    ],
)
def test_a_server_is_a_host_with_a_port_or_without(server: str, host: str, port: int) -> None:
    found = read_mailing(options(smtp=server))
    assert found is not None
    assert (host, port) == (found.host, found.port)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("ada@octo.example", Address("", "ada", "octo.example")),
        (" <ada@octo.example> ", Address("", "ada", "octo.example")),
        ('"에이다, L." <ada+x@octo.example>', Address("에이다, L.", "ada+x", "octo.example")),
    ],
)
def test_an_address_may_have_a_name(address: str, expected: Address) -> None:
    found = read_mailing(options(address))
    assert found is not None
    assert (expected,) == found.recipients
    assert Address("Relay", "relay", "octo.example") == found.sender


def test_somebody_named_twice_gets_one_mail() -> None:
    found = read_mailing(options("ada@octo.example", "Ada <ADA@octo.example>", "lin@octo.example"))
    assert found is not None
    assert ["ada@octo.example", "lin@octo.example"] == [address.addr_spec for address in found.recipients]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (options(smtp="http://mail.example"), "--smtp: is no mail server; write HOST or HOST:PORT"),
        (options(smtp="mail.example:0"), "--smtp: is no mail server"),
        (options(smtp="mail.example:65536"), "--smtp: is no mail server"),
        (options(smtp="mail.example\r\nRCPT"), "--smtp: is no mail server"),
        (options(smtp=None), "--from: needs the mail server: --smtp HOST, or set RELAY_SMTP"),
        (options(smtp=None, mail_from=None), "--to: needs the mail server"),
        (options(mail_from=None), "--from: is required to mail the card"),
        (options(mail_to=()), "--to: is required to mail the card"),
        (options(*(f"p{n}@octo.example" for n in range(51))), "--to: takes at most 50 people"),
        (options(smtp_user="relay"), "--smtp-password: is missing"),
        (options(smtp_password="s3cret"), "--smtp-user: is missing"),
        (options(mail_from="relay"), "--from: is no e-mail address"),
        *(
            (
                options(address),
                "--to: is no e-mail address; write ada@example.com, or Ada <ada@example.com>, one in each",
            )
            for address in (
                "ada",
                "ada@",
                "@octo.example",
                "ada@octo.example, lin@octo.example",
                "ada@octo.example\r\nBcc: eve@evil.example",
                "A\nBcc: eve@evil.example <ada@octo.example>",
                "A\u2028B <ada@octo.example>",
                "ada@octo.example> <eve@evil.example",
                "ada@octo.example SIZE=1",
                "=?utf-8?q?x?=@octo.example",
                "ada@옥토.example",
                "에이다@octo.example",
                "a..b@octo.example",
                "ada@octo..example",
                "ada@-octo.example",
                f"{'a' * 65}@octo.example",
                f"ada@{'a.' * 130}example",
            )
        ),
    ],
)
def test_wrong_options_are_told_by_their_names(values: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_mailing(values)
    assert raised.value.message.startswith(told)


def test_without_any_of_the_options_nothing_is_mailed() -> None:
    assert read_mailing(options(smtp=None, mail_from=None, mail_to=())) is None
