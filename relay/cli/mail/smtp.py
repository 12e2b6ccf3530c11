"""Mail over SMTP: one mail for each recipient, under TLS, repeated while the server cannot be reached."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from relay.chats.drawn import Letter
from relay.cli.context import Context
from relay.cli.failures import Failure, plain
from relay.cli.http import ATTEMPTS, PATIENCE
from relay.cli.mail.message import make_mail
from relay.cli.mail.options import IMPLICIT_TLS_PORT, Mailing

TIMEOUT: Final = 20.0  # seconds for each answer of the server
LAST_TIMEOUT: Final = 120.0  # for the answer to a whole mail, which many servers look through first
FAREWELL: Final = 3.0  # for the answer to QUIT, which some servers never give
_REFUSED: Final = 500  # and above: never in this way; from 400 on: not now
_DOT: Final = re.compile(rb"^\.", re.MULTILINE)  # alone on a line it ends the mail, RFC 5321 section 4.5.2
_UNREACHABLE: Final = (
    "Usually --smtp (RELAY_SMTP) names the wrong host or port, or this network lets no mail out; 587 (STARTTLS) and "
    "465 (TLS) are the usual ports."
)
_BUSY: Final = "It may take the mail in some minutes: some servers let an unknown sender wait at first."
_CERTIFICATE: Final = (
    "The mail server's certificate does not prove that it is the host of --smtp, so nothing was sent. Use the name "
    "that stands in the certificate; an authority of your own is named by SSL_CERT_FILE."
)
_NO_AGREEMENT: Final = (
    "TLS with the mail server could not be agreed, so nothing was sent. Port 465 speaks it from the start, any other "
    "by STARTTLS: check the port of --smtp."
)
_NO_TLS: Final = (
    "The mail server offers no STARTTLS, so nothing was sent: without TLS the password "
    "and the card's ticket could be read on the way. Use another port, usually 587 or 465."
)
_NO_SIGN_IN: Final = (
    "The mail server offers no sign-in here. Leave --smtp-user and --smtp-password out if it needs none, or use its "
    "port for sending, usually 587."
)
_NOT_KNOWN: Final = (
    "whether the mail arrived is not known: the connection ended after it was sent. It is not sent again; ask them, or "
    "look at the server."
)
_CURES: Final = {
    "connection": "Usually it takes no mail from this network; use the server that your mail provider names for "
    "sending.",
    "sign-in": "Check --smtp-user and --smtp-password; many servers ask for a password made for apps, or have signing "
    "in over SMTP switched off until an administrator allows it.",
    "sender": "Usually this user may not send from --from, or asks for --smtp-user and --smtp-password.",
    "recipient": "Check the address of --to; a server that does not know you takes mail for its own people only.",
    "mail": "Usually it does not trust the sender, or finds the mail too large.",
}


class _NotNow(Exception):  # noqa: N818 - it is tried again
    """The server takes no more mail now, and the waiting ones were not taken. The text has the reason and the cure."""


@dataclass(slots=True)
class _Deliveries:
    """The state of a mailing: the waiting mails as bytes by recipient, the sent ones, and the problems."""

    waiting: dict[str, bytes]
    sent: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def send_mail(mailing: Mailing, message: Letter, context: Context) -> None:
    """Mail a message to each recipient, as a mail of their own.

    While the server is busy or cannot be reached, the waiting mails are tried again: at most 5 times within a
    minute. Raises Failure with each problem and its cure. The error also names the recipients that got their mail.
    """
    mails = [
        make_mail(message, sender=mailing.sender, recipient=address, context=context) for address in mailing.recipients
    ]
    deliveries = _Deliveries(
        {address.addr_spec: bytes(mail) for address, mail in zip(mailing.recipients, mails, strict=True)}
    )
    try:
        _send_with_retries(mailing, deliveries, context)
    except Failure as failure:
        deliveries.problems.append(failure.message)
    if deliveries.problems:
        got = f"These got their mail: {', '.join(deliveries.sent)}." if deliveries.sent else ""
        raise Failure("\n".join([*deliveries.problems, *([got] if got else [])]))


def _send_with_retries(mailing: Mailing, deliveries: _Deliveries, context: Context) -> None:
    deadline = context.clock() + PATIENCE
    attempt = 0
    while deliveries.waiting:
        attempt += 1
        try:
            with _session(mailing) as server:
                _mail_all(server, mailing.sender.addr_spec, deliveries)
        except _NotNow as reason:
            wait = 2.0 ** (attempt - 1)
            if attempt == ATTEMPTS or context.clock() + wait > deadline:
                times = "once" if attempt == 1 else f"{attempt} times"
                raise Failure(f"The mail server {reason} Tried {times}.") from None
            context.sleep(wait)


@contextmanager
def _session(mailing: Mailing) -> Iterator[smtplib.SMTP]:
    """Connect, with TLS unless the server is this machine, and sign in."""
    with _explaining_failures():
        server = _connect(mailing)
        try:
            if not (mailing.is_local or isinstance(server, smtplib.SMTP_SSL)):
                server.starttls(context=ssl.create_default_context())
            server.ehlo_or_helo_if_needed()
            if mailing.user:
                server.login(mailing.user, mailing.password)
            yield server
        finally:
            with suppress(OSError):  # errors of smtplib too; every mail has its reply by now
                if server.sock:
                    server.sock.settimeout(FAREWELL)
                server.quit()
            server.close()


def _connect(mailing: Mailing) -> smtplib.SMTP:
    """Connect, and greet with the sender's domain."""
    domain = mailing.sender.domain  # looking up this machine's own name may take long
    if mailing.port == IMPLICIT_TLS_PORT:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(mailing.host, mailing.port, domain, timeout=TIMEOUT, context=context)
    return smtplib.SMTP(mailing.host, mailing.port, domain, timeout=TIMEOUT)


@contextmanager
def _explaining_failures() -> Iterator[None]:
    """Turn an error of the server into Failure, or into _NotNow if a later attempt may succeed."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise Failure(_CERTIFICATE) from None
    except ssl.SSLError:
        raise Failure(_NO_AGREEMENT) from None
    except smtplib.SMTPNotSupportedError as error:
        raise Failure(_NO_TLS if "STARTTLS" in str(error) else _NO_SIGN_IN) from None
    except smtplib.SMTPAuthenticationError as error:
        raise _refusal("sign-in", error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPResponseException as error:
        raise _refusal("connection", error.smtp_code, error.smtp_error) from None
    except OSError as error:  # all others of smtplib too, such as a connection that ended
        raise _NotNow(f"could not be reached ({type(error).__name__}). {_UNREACHABLE}") from None


def _mail_all(server: smtplib.SMTP, sender: str, deliveries: _Deliveries) -> None:
    """Mail each waiting message. Raises _NotNow if the server refused some of them for now."""
    later: _NotNow | None = None
    for recipient, mail in list(deliveries.waiting.items()):
        try:
            _mail(server, sender, recipient, mail)
            deliveries.sent.append(recipient)
        except _NotNow as reason:
            later = reason
            continue
        except Failure as failure:
            deliveries.problems.append(f"{recipient}: {failure.message}")
        del deliveries.waiting[recipient]
    if later:
        raise later


def _mail(server: smtplib.SMTP, sender: str, recipient: str, mail: bytes) -> None:
    """Mail to one recipient. Raises Failure if it must not be sent again, and _NotNow if it may."""
    server.rset()  # drops what an earlier mail began
    size = [f"size={len(mail)}"] if server.has_extn("size") else []
    _expect("sender", *server.mail(sender, size))
    _expect("recipient", *server.rcpt(recipient))
    _expect("mail", *server.docmd("DATA"))
    server.send(_DOT.sub(b"..", mail) + b".\r\n")
    if server.sock:
        server.sock.settimeout(LAST_TIMEOUT)
    try:
        code, reply = server.getreply()
    except smtplib.SMTPServerDisconnected:
        raise Failure(_NOT_KNOWN) from None  # the server may have taken it: a second mail would be a duplicate
    finally:
        if server.sock:
            server.sock.settimeout(TIMEOUT)
    _expect("mail", code, reply)


def _expect(about: str, code: int, reply: bytes) -> None:
    if not 200 <= code < 400:  # noqa: PLR2004 - done, or go on
        raise _refusal(about, code, reply)


def _refusal(about: str, code: int, reply: bytes | str) -> Failure | _NotNow:
    """Return the error for an SMTP reply."""
    text = plain(reply if isinstance(reply, str) else reply.decode("utf-8", "replace"))
    if code < 0:
        return Failure(f"The server at --smtp does not speak SMTP. {_UNREACHABLE}")
    if code < _REFUSED:
        return _NotNow(f"is busy ({code} {text}). {_BUSY}")
    return Failure(f"The mail server refused the {about}: {code} {text}. {_CURES[about]}")
