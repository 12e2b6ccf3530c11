import socket
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP

import pytest
from click import UsageError
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.cli import mail_options, smtp
from relay.cli.failures import Failure
from relay.cli.letters import Letter, make_mail
from relay.cli.mail_options import Mailing, read_mailing
from relay.cli.smtp import send_mail
from tests.cli.certificates import Authority
from tests.cli.mail_server import CUT, MailServer
from tests.cli.running import Sleeper, make_edges, run
from tests.genuine import NOW

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


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> Authority:
    """The server counts as another machine, so that TLS is asked for; our authority is the only one that is trusted."""
    monkeypatch.setattr(mail_options, "is_loopback", lambda _host: False)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    return authority


def test_each_person_gets_a_mail_of_their_own_which_names_only_them() -> None:
    with MailServer() as server:
        assert [] == send(mailing(server.port, ADA, LIN)).sleeps
    assert 1 == server.connections
    assert [("relay@octo.example", each) for each in ("ada@octo.example", "lin@octo.example")] == [
        taken[:2] for taken in server.taken
    ]
    first, second = (read(taken.mail) for taken in server.taken)
    assert ["에이다 <ada@octo.example>", "lin@octo.example"] == [str(first["To"]), str(second["To"])]
    assert '"Relay, 배포" <relay@octo.example>' == str(first["From"])
    assert "배포 승인" == first["Subject"]
    assert datetime.fromtimestamp(NOW, UTC) == first["Date"].datetime
    assert "auto-generated" == first["Auto-Submitted"]
    assert first["Message-ID"].endswith("@octo.example>")
    assert first["Message-ID"] != second["Message-ID"]
    assert {"Cc", "Bcc"} & {*first.keys(), *second.keys()} == set()


def test_a_mail_says_the_same_in_text_and_html_and_arrives_as_it_was_written() -> None:
    with MailServer() as server:
        send(mailing(server.port))
    (taken,) = server.taken
    mail = read(taken.mail)
    assert "multipart/alternative" == mail.get_content_type()
    assert ["text/plain", "text/html"] == [each.get_content_type() for each in mail.iter_parts()]
    assert LETTER.text == part(mail, "plain")
    assert LETTER.html == part(mail, "html")
    assert taken.mail.isascii()
    assert max(map(len, taken.mail.split(b"\r\n"))) <= 998
    assert b"\n" not in taken.mail.replace(b"\r\n", b"")


ENCODED = "=?utf-8?q?Fix=0D=0ABcc:_eve@evil.example=0D=0AContent-Type:_text/html=0D=0A=0D=0A<h1>Theirs</h1>?="


def test_what_looks_encoded_in_a_subject_or_a_name_is_neither_a_header_nor_a_body() -> None:
    named = read_mailing(options(f"{ENCODED} <ada@octo.example>", mail_from=f'"{ENCODED}" <relay@octo.example>'))
    assert named is not None
    letter = Letter(ENCODED, "ours", "<p>ours</p>")
    raw = bytes(make_mail(letter, sender=named.sender, recipient=named.recipients[0], edges=make_edges()))
    head, _, body = raw.partition(b"\r\n\r\n")
    names = [line.partition(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert [*("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type")] == names
    assert b"=?utf-8?q?Fix" not in head
    assert b"Theirs" not in body
    mail = read(raw)
    assert "multipart/alternative" == mail.get_content_type()
    assert ENCODED.replace("=?", "= ?") == mail["Subject"]
    assert "ours\n" == part(mail, "plain")


def test_no_answer_is_waited_for_longer_than_it_is_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[tuple[str, float | None]] = []
    real = SMTP.putcmd

    def noted(server: SMTP, command: str, args: str = "") -> None:
        assert server.sock
        waits.append((command.partition(" ")[0].upper(), server.sock.gettimeout()))
        real(server, command, args)

    monkeypatch.setattr(SMTP, "putcmd", noted)
    with MailServer() as server:
        send(mailing(server.port, ADA, LIN))
    assert 2 == len(server.taken)
    assert ("QUIT", smtp.FAREWELL) == waits[-1]
    assert {smtp.TIMEOUT} == {wait for _, wait in waits[:-1]}


def test_far_away_all_but_the_greeting_goes_under_tls(far_away: Authority) -> None:
    with MailServer(context=far_away.context(), login=LOGIN) as server:
        send(mailing(server.port, login=LOGIN))
    assert ["EHLO", "STARTTLS", "EHLO", "AUTH", "RSET", "MAIL", "RCPT", "DATA", "QUIT"] == server.commands
    assert 1 == len(server.taken)


def test_port_465_speaks_tls_from_the_start(far_away: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with MailServer(context=far_away.context(), implicit=True, login=LOGIN) as server:
        monkeypatch.setattr(smtp, "IMPLICIT_TLS_PORT", server.port)
        send(mailing(server.port, login=LOGIN))
    assert "STARTTLS" not in server.commands
    assert 1 == len(server.taken)


def test_a_server_far_away_without_tls_gets_neither_password_nor_mail(far_away: Authority) -> None:
    with MailServer(login=LOGIN) as server:
        told = failure(mailing(server.port, login=LOGIN))
    assert "offers no STARTTLS, so nothing was sent" in told
    assert ["EHLO", "QUIT"] == server.commands


@pytest.mark.parametrize("implicit", [False, True])
def test_a_certificate_of_another_host_or_authority_gets_neither(
    far_away: Authority, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, implicit: bool
) -> None:
    other = Authority(tmp_path)
    for context in (far_away.context("mail.example"), other.context()):
        with MailServer(context=context, implicit=implicit, login=LOGIN) as server:
            monkeypatch.setattr(smtp, "IMPLICIT_TLS_PORT", server.port if implicit else 465)
            told = failure(mailing(server.port, login=LOGIN))
        assert "certificate does not prove that it is the host of --smtp, so nothing was sent" in told
        assert {"AUTH", "MAIL"} & set(server.commands) == set()


def test_tls_where_none_is_spoken_is_told_with_the_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    with MailServer() as server:
        monkeypatch.setattr(smtp, "IMPLICIT_TLS_PORT", server.port)
        assert "TLS with the mail server could not be agreed" in failure(mailing(server.port))


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (
            {"AUTH": ["535 5.7.139 SMTP is disabled for the tenant"]},
            "refused the sign-in: 535 5.7.139 SMTP is disabled",
        ),
        ({"EHLO": ["500 what"]}, "lets nobody sign in here"),
    ],
)
def test_who_may_not_sign_in_is_told_why(answers: dict[str, list[str]], told: str) -> None:
    with MailServer(login=LOGIN, answers={**answers, "HELO": ["250 mail.example"]}) as server:
        assert told in failure(mailing(server.port, login=LOGIN))
    assert server.taken == []


def test_a_wrong_password_is_told_without_being_shown() -> None:
    with MailServer(login=(LOGIN[0], "another")) as server:
        told = failure(mailing(server.port, login=LOGIN))
    assert "refused the sign-in: 535" in told
    assert "Check --smtp-user and --smtp-password" in told
    assert LOGIN[1] not in repr(mailing(1, login=LOGIN))


def test_a_server_that_cannot_be_reached_is_tried_again_for_a_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    sleeper = Sleeper()
    told = failure(mailing(port), sleeper)
    assert [1.0, 2.0, 4.0, 8.0] == sleeper.sleeps
    assert "could not be reached (ConnectionRefusedError). Usually --smtp (RELAY_SMTP) names the wrong host" in told
    assert told.endswith("Tried 5 times.")


@pytest.mark.parametrize("command", ["greeting", "EHLO", "RSET", "MAIL", "RCPT", "DATA"])
def test_a_connection_that_ends_before_the_mail_is_whole_is_tried_again(command: str) -> None:
    with MailServer(answers={command: [CUT, CUT]}) as server:
        assert [1.0, 2.0] == send(mailing(server.port, ADA, LIN)).sleeps
    assert ["ada@octo.example", "lin@octo.example"] == [taken.recipient for taken in server.taken]


@pytest.mark.parametrize("command", ["greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."])
def test_a_server_that_says_later_is_tried_again_and_sends_no_mail_twice(command: str) -> None:
    answers = {command: ["451 4.7.1 come again"], **({"HELO": ["421 busy"]} if command == "EHLO" else {})}
    with MailServer(answers=answers, login=LOGIN) as server:
        assert [1.0] == send(mailing(server.port, ADA, LIN, login=LOGIN)).sleeps
    assert ["ada@octo.example", "lin@octo.example"] == sorted(taken.recipient for taken in server.taken)


def test_a_server_that_says_later_each_time_is_left_alone_with_its_words() -> None:
    with MailServer(answers={"RCPT": ["450 4.2.0 greylisted"] * 9}) as server:
        told = failure(mailing(server.port))
    assert "The mail server is busy (450 4.2.0 greylisted). It may take the mail in some minutes" in told
    assert server.taken == []


def test_whether_a_mail_arrived_may_be_unknown_and_then_it_is_not_sent_again() -> None:
    with MailServer(answers={".": [CUT]}) as server:
        told = failure(mailing(server.port, ADA, LIN))
    assert "ada@octo.example: whether the mail arrived is not known" in told
    assert "These got their mail: lin@octo.example." in told
    assert ["lin@octo.example"] == [taken.recipient for taken in server.taken]
    assert 2 == server.commands.count("DATA")


def test_who_is_refused_keeps_nobody_else_from_their_mail() -> None:
    with MailServer(answers={"RCPT": ["550 5.1.1 no such user"]}) as server:
        told = failure(mailing(server.port, ADA, LIN))
    assert "ada@octo.example: The mail server refused the recipient: 550 5.1.1 no such user. Check the address" in told
    assert told.endswith("These got their mail: lin@octo.example.")
    assert ["lin@octo.example"] == [taken.recipient for taken in server.taken]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (
            {"MAIL": ["550 5.7.60 SendAsDenied"]},
            "refused the sender: 550 5.7.60 SendAsDenied. Usually it lets this user",
        ),
        ({".": ["552 5.3.4 too big"]}, "refused the mail: 552 5.3.4 too big."),
        ({"DATA": ["554 5.7.1 spam"]}, "refused the mail: 554 5.7.1 spam."),
        ({"greeting": ["554 5.7.1 blocked"]}, "refused the connection: 554 5.7.1 blocked."),
        ({"greeting": ["HTTP/1.1 400 Bad Request"]}, "speaks no SMTP"),
    ],
)
def test_what_a_server_refuses_is_told_with_its_cure(answers: dict[str, list[str]], told: str) -> None:
    with MailServer(answers=answers) as server:
        assert told in failure(mailing(server.port))
    assert (1, []) == (server.connections, server.taken)


@pytest.mark.parametrize("goodbye", [CUT, "500 what", "421 gone"])
def test_how_a_server_says_goodbye_changes_nothing(goodbye: str) -> None:
    with MailServer(answers={"QUIT": [goodbye]}) as server:
        assert [] == send(mailing(server.port)).sleeps
    assert 1 == len(server.taken)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=400), st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_no_subject_and_no_words_write_a_header(subject: str, words: str) -> None:
    edges = make_edges()
    clean = subject.encode("utf-8", "replace").decode()
    mail = bytes(make_mail(Letter(clean, words, words), sender=LIN, recipient=ADA, edges=edges))
    found = read(mail)
    expected = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    assert sorted(expected) == sorted(found.keys())
    assert "에이다 <ada@octo.example>" == str(found["To"])


VALUES: dict[str, object] = {"smtp": "mail.example", "mail_from": "Relay <relay@octo.example>"}


def options(*to: str, **changes: object) -> dict[str, object]:
    nobody = {"smtp_user": None, "smtp_password": None}
    return {**VALUES, **nobody, "mail_to": to or ("ada@octo.example",), **changes}


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


def test_the_command_mails_the_card_and_says_what_went_wrong() -> None:
    call = ("send", "--title", "배포", "--from", "relay@octo.example", "--to", "ada@octo.example")
    with MailServer(answers={"RCPT": ["550 no"]}) as server:
        env = {"RELAY_SMTP": f"127.0.0.1:{server.port}"}
        refused, sent = run(*call, env=env), run(*call, env=env)
    assert 1 == refused.exit_code
    assert "ada@octo.example: The mail server refused the recipient: 550 no." in refused.stderr
    assert (0, "Sent.\n") == (sent.exit_code, sent.stdout)
    assert "배포" == read(server.taken[0].mail)["Subject"]
    assert 2 == run(*call, "--smtp", "nowhere:0", env=env).exit_code
