"""Clicks over HTTP: each client has a kept-alive connection, and presses again as soon as it has an answer."""

import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from bench.tenant import Click

PATIENCE: Final = 30.0  # seconds without any answer after which a server counts as dead
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")


@dataclass(frozen=True, slots=True)
class Pressed:
    """One burst of clicks, in seconds: the time of each answer, and of the whole burst."""

    times: tuple[float, ...]
    whole: float


def request(path: str, click: Click) -> bytes:
    """Return a click as bytes of HTTP/1.1."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in click.headers.items())
    head = f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}content-length: {len(click.body)}\r\n\r\n"
    return head.encode() + click.body


def press(port: int, requests: Sequence[bytes], clients: int) -> Pressed:
    """Send every request, `clients` at once, and check that each was released. Raises RuntimeError if one was not."""
    waiting = iter(requests)
    times: list[float] = []
    with closing(_Clients()) as selector:
        begun = time.perf_counter()
        for each in waiting:
            _Client(port, selector).send(each)
            if len(selector.get_map()) == clients:
                break
        while selector.get_map():
            ready = selector.select(PATIENCE)
            if not ready:
                raise RuntimeError("no answer")
            for key, _ in ready:
                key.data.receive(waiting, times)
        return Pressed(tuple(times), time.perf_counter() - begun)


class _Clients(selectors.DefaultSelector):
    """The clients that wait for an answer."""

    def close(self) -> None:
        for key in list(self.get_map().values()):
            key.data.end()
        super().close()


class _Client:
    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector = selector
        self._selector.register(self._socket, selectors.EVENT_READ, self)
        self._unread = b""
        self._sent_at = 0.0

    def send(self, request: bytes) -> None:
        self._unread = b""
        self._sent_at = time.perf_counter()
        self._socket.sendall(request)

    def receive(self, waiting: Iterator[bytes], times: list[float]) -> None:
        piece = self._socket.recv(65_536)
        self._unread += piece
        if not piece:
            raise RuntimeError("the server closed the connection")
        head, end, body = self._unread.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return
        times.append(time.perf_counter() - self._sent_at)
        if b" 200 " not in head[:13] or b"released" not in self._unread:
            raise RuntimeError(f"not released: {self._unread[:300]!r}")
        following = next(waiting, None)
        if following is None:
            self.end()
        else:
            self.send(following)

    def end(self) -> None:
        self._selector.unregister(self._socket)
        self._socket.close()
