"""A webhook, or a relay, whose certificate this machine does not trust, as behind a proxy that inspects TLS."""

import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from socket import socket
from threading import Thread
from typing import Any

import pytest

from tests.cli.mail.certificates import Authority
from tests.cli.running import Sleeper, make_edges, run
from tests.cli.sending import ENV, NOTIFY

CURE = "Behind a proxy that inspects TLS, set SSL_CERT_FILE to a bundle with its authority."


class _Taker(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - the base's name
        """Write nothing."""


class _Server(HTTPServer):
    def __init__(self, address: tuple[str, int], taker: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, taker)
        self.refusals = Queue[None]()

    def handle_error(self, *_args: object) -> None:
        """Write nothing about a caller that hangs up."""

    def get_request(self) -> tuple[socket, Any]:
        try:
            return super().get_request()
        except ssl.SSLError:
            self.refusals.put(None)
            raise


@pytest.fixture
def authority(tmp_path: Path, no_proxy_of_this_machine: None, monkeypatch: pytest.MonkeyPatch) -> Authority:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.delenv(name, raising=False)
    return Authority(tmp_path)


@pytest.fixture
def server(authority: Authority) -> Iterator[_Server]:
    made = _Server(("127.0.0.1", 0), _Taker)
    made.socket = authority.context().wrap_socket(made.socket, server_side=True)
    thread = Thread(target=made.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    thread.join(10)
    made.server_close()


def test_a_certificate_that_is_not_trusted_is_told_at_once_with_the_cure(server: _Server, authority: Authority) -> None:
    host = f"127.0.0.1:{server.server_port}"
    sleeper = Sleeper()
    result = run(*NOTIFY, "--webhook", f"https://{host}/h", env={}, context=make_edges(sleeper))
    assert (1, f"Error: The webhook's certificate is not trusted here. {CURE}\n", []) == (
        result.exit_code,
        result.stderr,
        sleeper.sleeps,
    )
    server.refusals.get(timeout=10)
    assert server.refusals.empty()
    trusted = {"SSL_CERT_FILE": str(authority.path)}
    assert 0 == run(*NOTIFY, "--webhook", f"https://{host}/h", env=trusted).exit_code


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_variable_of_another_program_is_named_as_not_read(server: _Server, authority: Authority, name: str) -> None:
    env = {name: str(authority.path)}
    result = run(*NOTIFY, "--webhook", f"https://127.0.0.1:{server.server_port}/h", env=env)
    assert f"not trusted here. {CURE} {name} is not read here." in result.stderr


def test_a_relay_that_is_not_trusted_is_told_the_same_way(server: _Server) -> None:
    env = {**ENV, "RELAY_URL": f"https://127.0.0.1:{server.server_port}"}
    result = run("status", "a" * 32, env=env)
    assert 1 == result.exit_code
    assert f"The relay's certificate is not trusted here. {CURE}" in result.stderr


def test_a_certificate_for_another_host_is_told_so(authority: Authority) -> None:
    made = _Server(("127.0.0.1", 0), _Taker)
    made.socket = authority.context("hooks.example").wrap_socket(made.socket, server_side=True)
    thread = Thread(target=made.handle_request, daemon=True)
    thread.start()
    env = {"SSL_CERT_FILE": str(authority.path)}
    result = run(*NOTIFY, "--webhook", f"https://127.0.0.1:{made.server_port}/h", env=env)
    thread.join(10)
    made.server_close()
    assert 1 == result.exit_code
    assert "The webhook's certificate is for another host." in result.stderr
