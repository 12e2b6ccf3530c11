"""TLS to the mail server: asked for wherever it is far away, and nothing is sent without it."""

from pathlib import Path

import pytest

from relay.cli.mail import options, smtp
from tests.cli.mail.certificates import Authority
from tests.cli.mail.mail_server import MailServer
from tests.cli.mail.sending import LOGIN, failure, mailing, send


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> Authority:
    """The server counts as another machine, so that TLS is asked for; our authority is the only one that is trusted."""
    monkeypatch.setattr(options, "is_loopback", lambda _host: False)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    return authority


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
