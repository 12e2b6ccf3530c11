"""Requests that are ambiguous, late or never whole: refused, and no hindrance to others."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from relay.serve import connections
from relay.serve import server as serving
from relay.serve.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

POST = b"POST /api/requests HTTP/1.1\r\nHost: relay.example\r\n"
GET = b"GET /api/health HTTP/1.1\r\nHost: relay.example\r\n\r\n"


def echo(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def served(
    application: "Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]" = echo,
) -> Iterator[Server]:
    server = Server(0)
    thread = Thread(target=server.run, args=[application])
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


def connected(server: Server, sent: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    made.sendall(sent)
    return made


def status(made: socket.socket) -> int:
    """Return the status of the next answer, or 0 if the connection was closed instead."""
    head = b""
    while b"\r\n\r\n" not in head:
        try:
            found = made.recv(65_536)
        except ConnectionResetError:
            return 0
        if not found:
            return 0
        head += found
    told = re.match(rb"HTTP/1\.[01] (\d{3})", head)
    assert told
    return int(told[1])


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"transfer-encoding: identity\r\ncontent-length: 0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"Content-Length: 5, 5\r\n\r\nabcde",
        b"Content-Length: +5\r\n\r\nabcde",
    ],
)
@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
def test_a_request_whose_length_is_told_in_two_ways_is_refused_and_its_connection_ends(
    head: bytes, version: bytes
) -> None:
    with served() as server, connected(server, POST.replace(b"HTTP/1.1", version) + head + GET) as made:
        assert 400 == status(made)
        made.settimeout(5)
        assert b"200 OK" not in made.recv(65_536)


@pytest.mark.parametrize("start", [b"HTTP/1.0\r\nConnection: keep-alive", b"HTTP/2.0\r\nConnection: keep-alive"])
def test_chunks_in_another_version_of_http_are_refused_since_their_body_would_be_the_next_request(start: bytes) -> None:
    head = POST.replace(b"HTTP/1.1", start) + b"Transfer-Encoding: chunked\r\n\r\n"
    with served() as server, connected(server, head + GET) as made:
        assert 400 == status(made)
        made.settimeout(5)
        assert b"200 OK" not in made.recv(65_536)


def test_a_transfer_encoding_without_a_name_is_refused() -> None:
    with served() as server, connected(server, POST + b"Transfer-Encoding:\r\n\r\n" + GET) as made:
        assert 400 == status(made)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (b"relay.example", 200),
        (b"relay_1:8080", 200),
        (b"[::1]:8080", 200),
        (b"", 200),
        (b"[relay.example", 400),
        (b"relay.example/api/health", 400),
        (b"relay.example?", 400),
        (b"relay.example\r\nHost: other.example", 400),
        (b"somebody@relay.example", 400),
    ],
)
def test_a_host_that_is_none_or_two_is_refused_before_any_work(host: bytes, expected: int) -> None:
    with served() as server, connected(server, GET.replace(b"relay.example", host)) as made:
        assert expected == status(made)


@pytest.mark.parametrize(
    "body", [b"Content-Length: 5\r\n\r\nabcde", b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"]
)
def test_either_way_alone_is_taken(body: bytes) -> None:
    with served() as server, connected(server, POST + body) as made:
        assert 200 == status(made)


@pytest.mark.parametrize("half", [b"", POST, POST + b"Content-Length: 10\r\n\r\nabc"], ids=["none", "head", "body"])
def test_twelve_hundred_half_sent_requests_stop_no_other(half: bytes) -> None:
    with served() as server, ExitStack() as stack:
        for _ in range(1_200):
            stack.enter_context(connected(server, half))
        slowest = 0.0
        for _ in range(20):
            began = time.monotonic()
            with connected(server, GET) as made:
                assert 200 == status(made)
            slowest = max(slowest, time.monotonic() - began)
    assert slowest < 4.0  # the shortest time that a chat allows for an answer, far from the 5 ms that it takes


def test_a_request_that_does_not_arrive_in_time_is_cut_even_while_bytes_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_TIME", 1.0)
    monkeypatch.setattr(connections, "BODY_TIME", 3.0)  # late ones are looked for once a second
    with served() as server, ExitStack() as stack:
        halves = [
            stack.enter_context(connected(server, half)) for half in (b"", POST, POST + b"Content-Length: 999\r\n\r\n")
        ]
        began, ended = time.monotonic(), dict[int, float]()
        while len(ended) < len(halves) and time.monotonic() < began + 8:
            for index, made in enumerate(halves):
                if index not in ended and is_closed(made):
                    ended[index] = time.monotonic() - began
                elif index:
                    try:
                        made.sendall(b"x")
                    except OSError:
                        ended.setdefault(index, time.monotonic() - began)
            time.sleep(0.05)
    assert [0, 1, 2] == sorted(ended)
    assert ended[0] < ended[2]
    assert ended[1] < ended[2]


def is_closed(made: socket.socket) -> bool:
    made.settimeout(0.01)
    try:
        return made.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_an_idle_connection_is_no_late_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_TIME", 0.5)
    with served() as server, connected(server, GET) as made:
        assert 200 == status(made)
        time.sleep(2.5)
        made.sendall(GET)
        assert 200 == status(made)


def test_beyond_its_limit_the_server_closes_those_that_wait_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "CONNECTIONS", 100)
    with served() as server, ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(connected(server, POST))
        with connected(server, GET) as made:
            assert 200 == status(made)


def waiting() -> tuple[Server, Thread, Event, Event]:
    """Start a server whose application tells that a request has entered, and waits until it may go on."""
    entered, go_on = Event(), Event()

    def slow(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        entered.set()
        go_on.wait(60)
        return echo(environ, start_response)

    server = Server(0)
    thread = Thread(target=server.run, args=[slow])
    thread.start()
    return server, thread, entered, go_on


def test_an_orderly_end_answers_what_has_come_in_and_takes_nothing_more() -> None:
    server, thread, entered, go_on = waiting()
    with connected(server, GET) as under_way, connected(server, GET[:20]) as half, connected(server) as silent:
        assert entered.wait(60)
        server.drain(8)
        time.sleep(0.5)
        with pytest.raises(OSError, match="refused"):
            connected(server)
        half.sendall(GET[20:])
        go_on.set()
        assert [200, 200, 0] == [status(each) for each in (under_way, half, silent)]
        thread.join(60)
    assert not thread.is_alive()


def test_an_orderly_end_waits_no_longer_than_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    server, thread, entered, go_on = waiting()
    with connected(server, GET):
        assert entered.wait(60)
        began = time.monotonic()
        server.drain(1)
        thread.join(60)
        assert (False, True) == (thread.is_alive(), time.monotonic() - began < 3)
        go_on.set()
