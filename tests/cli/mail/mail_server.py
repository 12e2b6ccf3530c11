"""A mail server on loopback: it speaks SMTP, keeps what it took, and misbehaves as a test says."""

import base64
import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Event, Thread
from types import MappingProxyType, TracebackType
from typing import Final, NamedTuple, Self

LIFE: Final = 60.0  # seconds that nothing here outlives
CUT: Final = "cut"  # instead of an answer: the connection ends
_AS_IT_IS: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})


class Taken(NamedTuple):
    """A mail that the server took."""

    sender: str
    recipient: str
    mail: bytes


class MailServer:
    """Takes mails; `answers` are other answers than the usual, by command, each for one time.

    With a `context` it offers STARTTLS, or speaks TLS from the start if `implicit`. With a `login` it lets nobody in
    who does not know it. The command `.` is the end of a mail.
    """

    def __init__(
        self,
        *,
        context: ssl.SSLContext | None = None,
        implicit: bool = False,
        login: tuple[str, str] | None = None,
        answers: Mapping[str, Sequence[str]] = _AS_IT_IS,
    ) -> None:
        self.taken: list[Taken] = []
        self.commands: list[str] = []
        self.connections = 0
        self._context, self._implicit, self._login = context, implicit, login
        self._answers = {command: list(others) for command, others in answers.items()}
        self._over = Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(LIFE)
        self.port: int = self._listener.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), LIFE).close()  # wakes accept()
        self._thread.join(LIFE)
        self._listener.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            connection, _ = self._listener.accept()
            with connection:
                if self._over.is_set():
                    break
                connection.settimeout(LIFE)
                self.connections += 1
                with suppress(OSError):
                    self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        talk = _Talk(connection, known=self._login is None)
        if self._context and self._implicit:
            talk.secure(self._context)
        with talk:
            goes_on = self._say(talk, "greeting", "220 mail.example ESMTP")
            while goes_on and (line := talk.line()):
                command, _, rest = line.partition(" ")
                self.commands.append(command.upper())
                goes_on = self._take(talk, command.upper(), rest)

    def _take(self, talk: "_Talk", command: str, rest: str) -> bool:
        """Answer a command and do it; False where the connection ends."""
        if not self._say(talk, command, self._usual(talk, command, rest)):
            return False
        done = talk.said[0] in "23"
        if command == "STARTTLS" and done and self._context:
            talk.secure(self._context)
        if command == "AUTH" and done:
            talk.known = True
        if command in {"MAIL", "RSET"}:
            talk.sender, talk.recipients = _address(rest), []
        if command == "RCPT" and done:
            talk.recipients.append(_address(rest))
        return self._keep(talk) if command == "DATA" and done else command != "QUIT"

    def _keep(self, talk: "_Talk") -> bool:
        mail = talk.mail()
        if mail is None or not self._say(talk, ".", "250 taken"):
            return False
        if talk.said.startswith("250"):
            self.taken += [Taken(talk.sender, recipient, mail) for recipient in talk.recipients]
        return True

    def _usual(self, talk: "_Talk", command: str, rest: str) -> str:
        if command == "AUTH" and rest != f"PLAIN {_plain(self._login)}":
            return "535 5.7.8 wrong name or password"
        if command == "MAIL" and not talk.known:
            return "530 5.7.0 sign in first"
        usual = {"QUIT": "221 bye", "DATA": "354 go on", "AUTH": "235 welcome", "STARTTLS": "220 go on"}
        return self._offers(talk) if command == "EHLO" else usual.get(command, "250 ok")

    def _say(self, talk: "_Talk", command: str, usual: str) -> bool:
        others = self._answers.get(command)
        answer = others.pop(0) if others else usual
        if answer == CUT:
            return False
        talk.say(answer)
        return True

    def _offers(self, talk: "_Talk") -> str:
        offers = ["mail.example", "SIZE 1000000"]
        if self._context and not talk.is_secure:
            offers.append("STARTTLS")
        if self._login:
            offers.append("AUTH PLAIN")
        return "\r\n".join([*(f"250-{offer}" for offer in offers), "250 HELP"])


class _Talk:
    """One connection, read by lines."""

    def __init__(self, connection: socket.socket, *, known: bool) -> None:
        self._connection = connection
        self._rest = b""
        self.said = ""
        self.known = known
        self.sender, self.recipients = "", list[str]()
        self.is_secure = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def secure(self, context: ssl.SSLContext) -> None:
        self._connection = context.wrap_socket(self._connection, server_side=True)
        self.is_secure = True

    def say(self, answer: str) -> None:
        self.said = answer
        self._connection.sendall(f"{answer}\r\n".encode())

    def line(self) -> str:
        """Return the next line, or nothing where the other side has gone."""
        return (self._until(b"\r\n") or b"").decode().removesuffix("\r\n")

    def mail(self) -> bytes | None:
        """Return a mail without the dots that stand for dots; None if it never ended."""
        whole = self._until(b"\r\n.\r\n")
        return whole and whole.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")

    def _until(self, end: bytes) -> bytes | None:
        while end not in self._rest:
            piece = self._connection.recv(65_536)
            if not piece:
                return None
            self._rest += piece
        found, _, self._rest = self._rest.partition(end)
        return found + end


def _plain(login: tuple[str, str] | None) -> str:
    user, password = login or ("", "")
    return base64.b64encode(f"\0{user}\0{password}".encode()).decode()


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]
