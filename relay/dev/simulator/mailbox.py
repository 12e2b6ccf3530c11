"""A mail server for `relay send --smtp`: it takes mail for any recipient, with the name and password of this run.

https://www.rfc-editor.org/rfc/rfc5321
"""

import hmac
import secrets
import socketserver
from base64 import b64decode
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from threading import Thread
from typing import Final, cast

from relay.dev.simulator.answers import read_json
from relay.dev.simulator.posted_cards import Card

USER: Final = "simulator"
MAX_MAIL: Final = 1024 * 1024  # bytes
_PATIENCE: Final = 10.0  # seconds that a client may be silent
_CARDS: Final = ("application/adaptivecard+json", "application/ld+json")


class Mailbox:
    """Passes each mail with a card to `deliver`: its card, HTML, subject and recipient. Listens on its own port."""

    def __init__(self, deliver: Callable[[Card, str, str, str], None]) -> None:
        self.password = secrets.token_urlsafe(24)
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.password = self.password
        self._server.deliver = deliver
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, name="simulator-mail", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more mail."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    password: str
    deliver: Callable[[Card, str, str, str], None]


class _Session(socketserver.StreamRequestHandler):
    timeout = _PATIENCE

    def handle(self) -> None:
        self._known = False
        self._mailing = False
        try:
            self._reply("220 simulator ESMTP")
            while self._answer(self.rfile.readline(2_000)):
                pass
        except (TimeoutError, ConnectionError):
            return  # the client has gone

    def _answer(self, line: bytes) -> bool:
        verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
        match verb.upper():
            case "EHLO" | "HELO":
                self._reply("250-simulator", f"250-SIZE {MAX_MAIL}", "250 AUTH PLAIN LOGIN")
            case "AUTH":
                self._sign_in(*rest.split(" ", 1))
            case "NOOP" | "RSET":
                self._mailing = False
                self._reply("250 OK")
            case "QUIT" | "":
                self._reply(*(["221 Bye"] if verb else []))
                return False
            case "MAIL" | "RCPT" if self._known:
                self._mailing = self._mailing or verb.upper() == "RCPT"
                self._reply("250 OK")
            case "DATA" if self._mailing:
                self._reply("354 Go ahead")
                return self._take()
            case "MAIL" | "RCPT" | "DATA":
                self._reply("530 Sign in first" if not self._known else "503 Name the recipient first")
            case _:
                self._reply("502 Not known here")
        return True

    def _sign_in(self, kind: str = "", initial: str = "") -> None:
        words = [initial] if initial else []
        if kind.upper() == "LOGIN":
            words += [self._prompt(each) for each in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6")[len(words) :]]
        elif not words:
            words = [self._prompt("")]
        try:
            credentials = b"\0".join(b64decode(each, validate=True) for each in words)
        except ValueError:
            credentials = b""
        password = self._mail_server().password
        self._known = hmac.compare_digest(credentials.removeprefix(b"\0"), f"{USER}\0{password}".encode())
        self._reply("235 Welcome" if self._known else "535 The name or the password is wrong")

    def _prompt(self, challenge: str) -> str:
        self._reply(f"334 {challenge}")
        return self.rfile.readline(2_000).decode("ascii", "replace").strip()

    def _take(self) -> bool:
        """Take a mail, up to the line with a single dot. A mail that is too long ends the conversation."""
        mail = b""
        while (line := self.rfile.readline(MAX_MAIL)) not in {b".\r\n", b""}:
            mail += line.removeprefix(b".") if line.startswith(b"..") else line
            if len(mail) > MAX_MAIL:
                self._reply("552 Too large")
                return False
        found = read_mail(mail)
        if found is None:
            self._reply("554 The mail has no card, and the simulator shows nothing else")
        else:
            self._mail_server().deliver(*found)
            self._reply("250 Taken")
        self._mailing = False
        return True

    def _reply(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def _mail_server(self) -> _Server:
        return cast("_Server", self.server)


def read_mail(mail: bytes) -> tuple[Card, str, str, str] | None:
    """Return the card in a mail's HTML, the HTML, the subject and the recipient, or None without a card."""
    message = message_from_bytes(mail, policy=default)
    body = message.get_body(("html",))
    html = body.get_content() if body else ""
    finder = _Finder()
    finder.feed(html)
    subject, to = (str(message[name] or "") for name in ("Subject", "To"))
    return (finder.card, html, subject, to) if finder.card else None


class _Finder(HTMLParser):
    """Finds the first card in a script element of the types that Outlook knows."""

    def __init__(self) -> None:
        super().__init__()
        self.card: Card | None = None
        self._script: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._script = [] if tag == "script" and dict(attrs).get("type") in _CARDS else None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)

    def handle_endtag(self, _tag: str) -> None:
        if self._script is not None and self.card is None:
            try:
                found = read_json("".join(self._script).encode(errors="replace"))
            except ValueError:
                found = None
            self.card = found if isinstance(found, dict) else None
        self._script = None
