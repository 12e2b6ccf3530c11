"""Server on loopback that misbehaves by a script, and keeps every complete request."""

import re
import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread
from types import TracebackType
from typing import Self

LIFE = 60.0  # seconds that nothing here outlives

Step = Callable[["Loopback", socket.socket], bool]  # whether the connection stays


class Loopback:
    """Server that plays one step of `script` for each request. It keeps later requests and cuts them off."""

    def __init__(self, *script: Step) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.over = Event()
        self.asked = Event()  # a request reached it whole
        self.closed = Event()  # a connection was, by the server
        self._script = list(script)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(LIFE)
        self._connection: socket.socket | None = None
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        if self._connection:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)  # wakes recv()
        socket.create_connection(self._listener.getsockname(), LIFE).close()  # wakes accept()
        self._thread.join(LIFE)
        self._listener.close()

    def posts(self) -> int:
        return sum(request.startswith(b"POST ") for request in self.requests)

    def _serve(self) -> None:
        while not self.over.is_set():
            connection, _ = self._listener.accept()
            with connection:
                if self.over.is_set():
                    break
                connection.settimeout(LIFE)
                self._connection = connection
                self.connections += 1
                while request := read_request(connection):
                    self.requests.append(request)
                    self.asked.set()
                    if not self._script or not self._script.pop(0)(self, connection):
                        break
            self.closed.set()


def read_request(connection: socket.socket) -> bytes:
    request = b""
    try:
        while not (found := re.search(rb"\r\n\r\n", request)):
            piece = connection.recv(65_536)
            if not piece:
                return b""
            request += piece
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", request)
        whole = found.end() + (int(length[1]) if length else 0)
        while len(request) < whole:
            request += connection.recv(65_536)
    except OSError:
        return b""
    return request


def says(answer: bytes, *, stays: bool = True) -> Step:
    def step(_server: Loopback, connection: socket.socket) -> bool:
        connection.sendall(answer)
        return stays

    return step


def stalls(answer: bytes = b"") -> Step:
    """Send the beginning of an answer, and nothing more until the test is over."""

    def step(server: Loopback, connection: socket.socket) -> bool:
        connection.sendall(answer)
        server.over.wait(LIFE)
        return False

    return step


def trickles(answer: bytes, piece: bytes) -> Step:
    """Send the beginning of an answer, then a piece every 20 ms until the client leaves."""

    def step(server: Loopback, connection: socket.socket) -> bool:
        connection.sendall(answer)
        while not server.over.wait(0.02):
            try:
                connection.sendall(piece)
            except OSError:
                break
        return False

    return step
