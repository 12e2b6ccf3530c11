import logging
import time
from pathlib import Path

import pytest

from relay.errors import Outage
from relay.net.call import HttpResponse, TimedOutError, UnreachedError
from relay.net.client import MAX_BODY, USER_AGENT, Client, ask, make_client
from tests.support.loopback_server import Loopback, says, stalls, trickles
from tests.support.own_process import printed

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
pytestmark = pytest.mark.usefixtures("no_proxy_of_this_machine")


def get(client: Client, url: str, *, seconds: float = 5, method: str = "GET", max_body: int = MAX_BODY) -> HttpResponse:
    deadline = time.time() + seconds
    return ask(client, method, url, headers={}, content=None, deadline=deadline, clock=time.time, max_body=max_body)


def test_the_client_says_who_it_is_and_keeps_its_connection(client: Client) -> None:
    with Loopback(says(OK), says(OK)) as server:
        assert [b"ok", b"ok"] == [get(client, server.url).body for _ in range(2)]
    assert 1 == server.connections
    for request in server.requests:
        assert f"\r\nuser-agent: {USER_AGENT}\r\n".encode() in request.lower()
        assert b"\r\naccept-encoding: identity\r\n" in request.lower()


def test_the_client_follows_no_redirect_and_keeps_no_cookie(client: Client) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /else\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    with Loopback(says(moved), says(OK)) as server:
        assert 302 == get(client, server.url).status
        assert 200 == get(client, server.url).status
    assert b"GET / " == server.requests[1][:6]
    assert b"cookie" not in server.requests[1].lower()


def test_loopback_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(says(OK)) as server, Loopback() as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        with make_client() as client:
            assert b"ok" == get(client, server.url).body
    assert [] == proxy.requests


def test_https_takes_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with Loopback(says(denied, stays=False)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with make_client() as client, pytest.raises(UnreachedError):
            get(client, "https://api.github.com/")
    assert b"CONNECT api.github.com:443 " == proxy.requests[0][:27]


def test_a_host_of_no_proxy_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback() as proxy, Loopback(stalls()) as server:
        monkeypatch.setenv("ALL_PROXY", proxy.url.removeprefix("http://"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with make_client() as client, pytest.raises(UnreachedError):  # it speaks no TLS, and is silent
            get(client, server.url.replace("http://", "https://"), seconds=0.2)
    assert [] == proxy.requests


def test_certificates_may_stand_in_a_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with make_client() as client, Loopback(stalls()) as server, pytest.raises(UnreachedError):  # it speaks no TLS
        get(client, server.url.replace("http://", "https://"), seconds=0.2)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "ftp://127.0.0.1:1", "http://127.0.0.1:port"])
def test_a_proxy_that_cannot_be_used_is_told_by_its_variables(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(Outage, match="HTTPS_PROXY or ALL_PROXY") as outage:
        make_client()
    assert outage.value.permanent


def test_certificates_that_cannot_be_read_are_told_by_their_variables(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with make_client() as client, pytest.raises(Outage, match="SSL_CERT_FILE") as outage:
        get(client, "https://127.0.0.1:1/")
    assert outage.value.permanent


def test_certificates_are_read_with_the_first_https(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with make_client() as client, Loopback(says(OK)) as server:
        assert b"ok" == get(client, server.url).body


def test_a_call_writes_nothing_to_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with Loopback(says(OK)) as server:
        get(client, server.url)
    assert [] == [record for record in caplog.records if record.name.startswith("http")]


def test_an_answer_has_its_headers_in_lower_case(client: Client) -> None:
    with Loopback(says(b"HTTP/1.1 403 Forbidden\r\nX-GitHub-SSO: required\r\nContent-Length: 0\r\n\r\n")) as server:
        answer = get(client, server.url)
    assert HttpResponse(403, {"x-github-sso": "required", "content-length": "0"}) == answer


def test_a_body_is_cut_off_at_its_limit_and_the_connection_given_up(client: Client) -> None:
    with Loopback(trickles(b"HTTP/1.1 500 No\r\nContent-Length: 9999999\r\n\r\n", b"x" * 1000)) as server:
        assert b"x" * 1500 == get(client, server.url, max_body=1500).body


def test_a_body_that_does_not_end_in_time_is_a_time_out(client: Client) -> None:
    with (
        Loopback(trickles(b"HTTP/1.1 500 No\r\nContent-Length: 9999\r\n\r\n", b"x")) as server,
        pytest.raises(TimedOutError),
    ):
        get(client, server.url, seconds=0.3)


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 20", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"])
def test_silence_ends_with_the_deadline(beginning: bytes, client: Client) -> None:
    with Loopback(stalls(beginning)) as server, pytest.raises(TimedOutError):
        get(client, server.url, seconds=0.3)


def test_after_its_deadline_nothing_is_sent(client: Client) -> None:
    with Loopback(stalls()) as server, pytest.raises(UnreachedError):
        get(client, server.url, seconds=-5)
    assert [] == server.requests


def test_importing_the_adapters_does_not_import_httpcore_httpx_or_pydantic() -> None:
    modules = "relay.net.client, relay.github.dispatch, relay.github.app"
    code = f"import sys, {modules}; print(sorted({{'httpcore', 'httpx', 'pydantic'}} & set(sys.modules)))"
    assert "[]" == printed(code).strip()
