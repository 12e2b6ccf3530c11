"""The one HTTP client of the relay, and calls with it that are bounded in time and size."""

import secrets
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from threading import BoundedSemaphore
from types import TracebackType
from typing import Final, Protocol, Self
from urllib.parse import urlsplit

from relay import __version__
from relay.errors import Outage
from relay.journal.calls import note_answer, trace
from relay.net.call import HttpRequest, HttpResponse, Origin, UnreachedError

USER_AGENT: Final = f"approval-relay/{__version__}"
CONNECTIONS: Final = 64  # GitHub takes at most 100 calls at once
MAX_BODY: Final = 64 * 1024
_ALWAYS: Final = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}  # so that limits count the bytes on the wire


class Connection(Protocol):
    """A connection to one origin, for one call at a time, kept open between calls."""

    def exchange(self, call: HttpRequest) -> HttpResponse:
        """Send a request once and return the response. Raises CallError."""

    def close(self) -> None:
        """Close the connection. The next call makes a new one."""


class Client:
    """A pool of connections, at most `CONNECTIONS` in use at once; `connect` makes one to an origin."""

    # The connection used last is taken first. The pools of httpx and others look at every connection for every call,
    # which costs more than the call itself once there are some thirty.

    def __init__(self, connect: Callable[[Origin], Connection]) -> None:
        self._connect = connect
        self._permits = BoundedSemaphore(CONNECTIONS)
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def connection(self, origin: Origin, timeout: float) -> Iterator[Connection]:
        """Lend a connection. Raises UnreachedError if none becomes free within `timeout` seconds."""
        if not self._permits.acquire(timeout=timeout):
            raise UnreachedError("too many calls at once")
        try:
            idle = self._idle[origin]
            try:
                found = idle.pop()
            except IndexError:
                found = self._connect(origin)
            try:
                yield found
            finally:
                idle.append(found)
        finally:
            self._permits.release()

    def close(self) -> None:
        """Close the connections that are not in use."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()


def make_client() -> Client:
    """Return a client to keep for the life of the process: a new one costs some 20 ms, most of it the SSL context.

    It follows no redirect, keeps no cookie and sends nothing twice. Raises a permanent Outage if the proxy cannot be
    used. Its connections raise one if the certificates cannot be read.
    """
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - a cold start without a call does not need it

    from relay.net.connection import connector  # noqa: PLC0415 - as above, and httpx with it

    # HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR are obeyed: nothing else works behind a company's proxy, or
    # with a GitHub Enterprise Server whose certificate the company issued. Plain http never goes through a proxy, since
    # `check_url` lets it go to loopback only.
    proxies = getproxies()
    return Client(connector(cache(_ssl_context), proxies.get("https") or proxies.get("all") or "", proxy_bypass))


def ask(  # noqa: PLR0913 - a call over HTTP has these parts
    client: Client,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes | None,
    deadline: float,
    clock: Callable[[], float],
    max_body: int = MAX_BODY,
) -> HttpResponse:
    """Send a request once and return the response, its body cut off after `max_body` bytes. Raises CallError.

    A call ends with `deadline`. Only a server that sends the header byte by byte can exceed it.
    """
    call = HttpRequest(method, url, {**_ALWAYS, **_trace(), **headers}, content, deadline, clock, max_body)
    began, status = clock(), None
    try:
        with client.connection(_origin(url), call.left()) as connection:
            response = connection.exchange(call)
            status = response.status
            return response
    finally:
        if method != "GET":  # a key or a name that is read on the way is no message
            note_answer(status, clock() - began)


def _trace() -> dict[str, str]:
    """Return the header that passes a caller's trace on, if it sent one.

    https://www.w3.org/TR/trace-context/#traceparent-header
    """
    found = trace()
    return {"traceparent": f"00-{found}-{secrets.token_hex(8)}-01"} if found else {}


@lru_cache(maxsize=256)
def _origin(url: str) -> Origin:
    """Return the origin of an address that has passed `check_url`."""
    parts = urlsplit(url)
    return Origin(parts.scheme, parts.hostname or "", parts.port)


def _ssl_context() -> ssl.SSLContext:
    import httpx  # noqa: PLC0415 - as above

    try:
        return httpx.create_ssl_context()
    except OSError:
        raise Outage("SSL_CERT_FILE or SSL_CERT_DIR cannot be read: correct or unset it", permanent=True) from None
