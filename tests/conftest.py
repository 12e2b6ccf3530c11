"""Shared by every test: nothing leaves this machine, and an HTTP client that ignores its proxies."""

import ipaddress
import sys
from collections.abc import Iterator

import pytest

from relay.net.client import Client, make_client

# Every way out that Python has announces itself: https://docs.python.org/3/library/audit_events.html
_NAMES = {"socket.getaddrinfo", "socket.gethostbyname"}
_ADDRESSES = {"socket.connect", "socket.sendto", "socket.sendmsg"}


def _refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in _NAMES:
        host = arguments[0]
    elif event in _ADDRESSES and isinstance(arguments[1], tuple):  # a path is a socket of this machine
        host = arguments[1][0]
    else:
        return
    if not _is_here(host.decode() if isinstance(host, bytes) else host):
        raise AssertionError(f"a test tried to reach {host!r}")


def _is_here(host: object) -> bool:
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


sys.addaudithook(_refuse_the_network)


_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*_PROXIES, *map(str.lower, _PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def client(no_proxy_of_this_machine: None) -> Iterator[Client]:
    with make_client() as made:
        yield made
