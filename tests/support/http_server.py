"""HTTP server on loopback, on a free port: a subclass answers each call. No connection outlives `LIFE`."""

import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Final, Self

LIFE: Final = 60.0  # seconds


@dataclass(frozen=True)
class Call:
    """Call that reached a server. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """Answer of a server. Without a body the connection is cut off."""

    status: int = 200
    body: bytes | None = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpServer(ABC):
    """Serves while it is entered. `over` is set as it ends, for answers that wait."""

    def __init__(self) -> None:
        self.over = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(LIFE)

    @abstractmethod
    def answer(self, call: Call) -> Answer:
        """Answer a call."""


def _handler(server: HttpServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = LIFE
        wbufsize = -1  # one packet for head and body, else the system waits 40 ms between them

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = server.answer(Call(self.command, self.path, headers, body))
            if answer.body is None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response_only(answer.status)
            given = {name.lower(): value for name, value in answer.headers.items()}
            length = str(len(answer.body))
            for name, value in {"date": formatdate(usegmt=True), **given, "content-length": length}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names of http.server

        def log_message(self, *_arguments: object) -> None:
            """Keep the output of the tests to the tests."""

    return Handler
