"""The web server of `relay dev`."""

import socket
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from relay.serve import server
from relay.serve.server import Server


@pytest.fixture
def connection() -> Iterator[Any]:
    made = Server(0)
    ours, theirs = socket.socketpair()
    try:
        yield made._server.channel_class(
            SimpleNamespace(active_channels={}), ours, ("127.0.0.1", 1), made._server.adj, map={}
        )
    finally:
        for each in (ours, theirs, made):
            each.close()


class Sending:
    """A socket that takes `most` bytes at a time, and asks meanwhile what the loop would find."""

    def __init__(self, connection: Any, most: int) -> None:
        self._connection = connection
        self._most = most
        self.found: list[bool] = []

    def send(self, data: bytes) -> int:
        self.found.append(bool(self._connection.writable()))
        return min(self._most, len(data))


def test_the_loop_leaves_a_connection_alone_while_a_thread_is_sending_on_it(connection: Any) -> None:
    connection.socket = socket_ = Sending(connection, most=100)
    connection.write_soon(b"an answer")
    assert [False] == socket_.found


def test_what_a_thread_could_not_send_is_the_loops_to_send(connection: Any) -> None:
    pulled: list[bool] = []
    connection.server.pull_trigger = lambda: pulled.append(bool(connection.writable()))
    connection.socket = Sending(connection, most=0)
    connection.write_soon(b"an answer")
    assert [True] == pulled


def test_a_connection_that_broke_is_the_loops_to_close(connection: Any) -> None:
    def broken(_data: bytes) -> int:
        raise OSError("it is no connection any more")

    pulled: list[bool] = []
    connection.server.pull_trigger = lambda: pulled.append(bool(connection.writable()))
    connection.socket = SimpleNamespace(send=broken)
    connection.adj.log_socket_errors = False
    connection.write_soon(b"an answer")
    assert [True] == pulled


def test_where_select_alone_watches_connections_there_are_as_many_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert server._most_connections() > server.CONNECTIONS_OF_SELECT
    monkeypatch.setitem(sys.modules, "resource", None)  # as on Windows
    assert server.CONNECTIONS_OF_SELECT == server._most_connections() < 512
