"""The one HTTP client of the relay, and a call with it that ends in time and reads no more than it should."""

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
from relay.net.call import HttpRequest, HttpResponse, Origin, UnreachedError

USER_AGENT: Final = f"approval-relay/{__version__}"
CONNECTIONS: Final = 64  # GitHub takes at most 100 calls at once
MAX_BODY: Final = 64 * 1024
_ALWAYS: Final = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}  # so that limits count what came


class Connection(Protocol):
    """A way to one origin, for one call at a time, kept between calls."""

    def exchange(self, call: HttpRequest) -> HttpResponse:
        """Send once and return the answer. Raises CallError."""

    def close(self) -> None:
        """Give the connection up; the next call makes a new one."""


class Client:
    """Keeps connections, at most `CONNECTIONS` in use at once; `connect` makes one to an origin.

    The one used last is taken first. A pool that looks at every connection for every call, as those of the great
    libraries do, costs more than the call once there are some thirty.
    """

    def __init__(self, connect: Callable[[Origin], Connection]) -> None:
        self._connect = connect
        self._places = BoundedSemaphore(CONNECTIONS)
        self._idle: defaultdict[Origin, list[Connection]] = defaultdict(list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def connection(self, origin: Origin, patience: float) -> Iterator[Connection]:
        """Lend a connection; UnreachedError where none gets free within `patience` seconds."""
        if not self._places.acquire(timeout=patience):
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
            self._places.release()

    def close(self) -> None:
        """Close the connections that are not in use."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()


def make_client() -> Client:
    """Return a client to keep for the life of the process: a new one costs some 20 ms, most of it the SSL context.

    It obeys HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR, since behind a company's proxy, or before a
    GitHub Enterprise Server with a certificate of the company's own, nothing else works. Plain http is never sent
    through a proxy: `check_url` lets it go to loopback only. Redirects are not followed, no cookie is kept, nothing
    is sent twice. Raises Outage, permanent, where the proxy cannot be used; its connections raise it where the
    certificates cannot.
    """
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - a cold start that calls nobody does without

    from relay.net.connection import connector  # noqa: PLC0415 - as above, and httpx with it

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
    """Send once and return the answer, its body cut off after `max_body` bytes.

    Whoever trickles single bytes of the header can overstay `deadline`; everything else ends with it.
    Raises CallError.
    """
    call = HttpRequest(method, url, {**_ALWAYS, **headers}, content, deadline, clock, max_body)
    with client.connection(_origin(url), call.left()) as connection:
        return connection.exchange(call)


@lru_cache(maxsize=256)
def _origin(url: str) -> Origin:
    """Return whom an address leads to, as `check_url` let it pass."""
    parts = urlsplit(url)
    return Origin(parts.scheme, parts.hostname or "", parts.port)


def _ssl_context() -> ssl.SSLContext:
    import httpx  # noqa: PLC0415 - as above

    try:
        return httpx.create_ssl_context()
    except OSError:
        raise Outage("SSL_CERT_FILE or SSL_CERT_DIR cannot be read: correct or unset it", permanent=True) from None
