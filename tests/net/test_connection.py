import datetime as dt
import ipaddress
import ssl
import time
from contextlib import closing
from pathlib import Path
from socket import create_server
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from relay.net import client as http_client
from relay.net.call import BrokenError, HttpResponse, TimedOutError, UnreachedError, UntrustedError
from relay.net.client import Client, ask, make_client
from tests.support.loopback_server import LIFE, Loopback, read_request, says, stalls

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Clock:
    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 of no known authority, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    path = tmp_path / "loopback.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


def post(client: Client, url: str, clock: Clock, body: bytes = b"{}") -> HttpResponse:
    return ask(client, "POST", url, headers={"X-A": "b"}, content=body, deadline=clock() + 2, clock=clock)


def test_a_post_arrives_whole_with_its_headers(client: Client, clock: Clock) -> None:
    with Loopback(says(OK)) as server:
        assert HttpResponse(200, {"content-length": "2"}, b"ok") == post(client, f"{server.url}/a?b=c", clock)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"POST /a?b=c HTTP/1.1" == head.splitlines()[0]
    assert {b"X-A: b", b"Content-Length: 2", b"Accept-Encoding: identity"} <= set(head.splitlines())
    assert b"{}" == body


def test_a_header_that_stands_twice_is_joined(client: Client, clock: Clock) -> None:
    with Loopback(says(b"HTTP/1.1 204 No\r\nX-B: 1\r\nx-b: 2\r\n\r\n")) as server:
        assert {"x-b": "1, 2"} == post(client, server.url, clock).headers


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.0 200 OK\r\n\r\nok",
    ],
)
def test_a_body_of_each_form_is_read(answer: bytes, client: Client, clock: Clock) -> None:
    with Loopback(says(answer, stays=False)) as server:
        assert b"ok" == post(client, server.url, clock).body


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\no",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        b"no HTTP\r\n\r\n",
    ],
)
def test_an_answer_that_is_cut_or_is_none_is_broken_and_not_asked_for_again(
    answer: bytes, client: Client, clock: Clock
) -> None:
    with Loopback(says(answer, stays=False)) as server:
        with pytest.raises(BrokenError):
            post(client, server.url, clock)
        assert server.closed.wait(LIFE)
    assert 1 == server.posts()


def test_after_an_answer_that_was_not_read_whole_the_next_call_has_a_new_connection(
    client: Client, clock: Clock
) -> None:
    with Loopback(says(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b"x" * 99), says(OK)) as server:
        deadline = clock() + 2
        cut = ask(client, "GET", server.url, headers={}, content=None, deadline=deadline, clock=clock, max_body=9)
        assert b"x" * 9 == cut.body
        assert b"ok" == post(client, server.url, clock).body
    assert 2 == server.connections


def test_where_nobody_listens_nothing_was_sent(client: Client, clock: Clock) -> None:
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(UnreachedError, match="ConnectError") as raised:
        post(client, f"http://127.0.0.1:{port}", clock)
    assert not isinstance(raised.value, UntrustedError)


def test_a_silent_server_is_a_time_out(client: Client, clock: Clock) -> None:
    with Loopback(stalls()) as server, pytest.raises(TimedOutError):
        ask(client, "GET", server.url, headers={}, content=None, deadline=clock() + 0.1, clock=clock)


def test_more_calls_at_once_than_connections_wait_and_then_have_sent_nothing(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "CONNECTIONS", 1)
    with make_client() as client, Loopback(says(OK)) as server:
        origin = http_client._origin(server.url)
        with client.connection(origin, 1), pytest.raises(UnreachedError, match="too many"):
            ask(client, "GET", server.url, headers={}, content=None, deadline=clock() + 0.1, clock=clock)
        assert b"ok" == post(client, server.url, clock).body


def _serve_tls(listener: ssl.SSLSocket) -> None:
    for _ in range(2):
        try:
            connection, _ = listener.accept()
        except ssl.SSLError:  # the caller does not know the certificate
            continue
        with connection:
            connection.settimeout(LIFE)
            while read_request(connection):
                connection.sendall(OK)


def test_https_is_proven_by_the_certificates_of_the_environment(
    certificate: Path, client: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with context.wrap_socket(create_server(("127.0.0.1", 0)), server_side=True) as listener:
        listener.settimeout(LIFE)
        thread = Thread(target=_serve_tls, args=(listener,), daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(UntrustedError, match="ConnectError"):
            post(client, url, clock)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with closing(make_client()) as knowing:
            assert [b"ok", b"ok"] == [post(knowing, url, clock).body for _ in range(2)]
        thread.join(LIFE)
