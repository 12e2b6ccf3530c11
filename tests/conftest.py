"""Shared by every test: no network, an HTTP client that ignores proxies, the road, and the count of examples."""

import ipaddress
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test
from pytest_httpx import HTTPXMock

from relay.net.client import Client, make_client
from tests.support import examples, in_memory, measured, once, road

in_memory.prefer()
once.read_once()

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


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with road.made(tmp_path, httpx_mock) as made:
        yield made


def pytest_report_header() -> str:
    """Report at the start how many examples the property tests try."""
    if examples.are_full():
        return "examples: the full count of each property test"
    return f"examples: {examples.FEW} at most for each property test; `make test-all` tries the full count"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Limit the examples of the property tests, unless the full count is asked for."""
    if examples.are_full():
        return
    for item in items:
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
            examples.limit(item.obj)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Collect the tests without measuring coverage."""
    measured.before_collection(session.config)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Measure coverage where the test wants it."""
    measured.before_test(item)


# pytest-xdist does not count what its workers deselect, so each worker hands the names on.
_left = set[str]()


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Note the tests that this run leaves to `make test-all`."""
    _left.update(item.nodeid for item in items if item.get_closest_marker("full"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pass the noted tests on, in a worker."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left"] = sorted(_left)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over the tests that a worker noted."""
    _left.update(getattr(node, "workeroutput", {}).get("left", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the noted tests at the end."""
    if _left and not config.option.keyword and config.option.markexpr == "not full":
        terminalreporter.write_sep("=", f"left to `make test-all`: {len(_left)}")
        for name in sorted(_left):
            terminalreporter.write_line(name)
