import socket
from datetime import UTC, datetime
from smtplib import SMTP

import pytest

from relay.cli.mail import smtp
from tests.cli.mail.mail_server import CUT, MailServer
from tests.cli.mail.sending import ADA, LETTER, LIN, LOGIN, failure, mailing, part, read, send
from tests.cli.running import Sleeper, run
from tests.support.entra_tokens import NOW


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


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        (
            {"AUTH": ["535 5.7.139 SMTP is disabled for the tenant"]},
            "refused the sign-in: 535 5.7.139 SMTP is disabled",
        ),
        ({"EHLO": ["500 what"]}, "offers no sign-in here"),
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
            "refused the sender: 550 5.7.60 SendAsDenied. Usually this user may not send",
        ),
        ({".": ["552 5.3.4 too big"]}, "refused the mail: 552 5.3.4 too big."),
        ({"DATA": ["554 5.7.1 spam"]}, "refused the mail: 554 5.7.1 spam."),
        ({"greeting": ["554 5.7.1 blocked"]}, "refused the connection: 554 5.7.1 blocked."),
        ({"greeting": ["HTTP/1.1 400 Bad Request"]}, "does not speak SMTP"),
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
