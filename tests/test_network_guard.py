import socket

import httpx
import pytest

ELSEWHERE = "192.0.2.1"


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as connection, pytest.raises(AssertionError, match="tried to reach"):
        connection.connect((ELSEWHERE, 443))
    with socket.socket() as connection, pytest.raises(AssertionError, match="tried to reach"):
        connection.connect_ex((ELSEWHERE, 443))
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams, pytest.raises(AssertionError, match="tried to reach"):
        datagrams.sendto(b"", (ELSEWHERE, 53))
    with pytest.raises(AssertionError, match="tried to reach"):
        httpx.get("https://api.github.com/")


def test_no_test_asks_for_a_name_of_another_machine() -> None:
    with pytest.raises(AssertionError, match="tried to reach"):
        socket.getaddrinfo(b"api.github.com", 443)
    with pytest.raises(AssertionError, match="tried to reach"):
        socket.gethostbyname("api.github.com")


def test_tests_reach_this_machine() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(("localhost", server.getsockname()[1]), 5),
    ):
        pass
    near, far = socket.socketpair()
    with near, far:
        near.sendall(b"here")
        assert far.recv(4) == b"here"
