"""Connections of httpx, each a pool of one, since the pool of a whole client looks at all of them for every call.

https://www.python-httpx.org/advanced/transports/
"""

import logging
import ssl
from collections.abc import Callable
from contextlib import closing
from functools import lru_cache
from typing import Final

import httpx

from relay.errors import Outage
from relay.net.call import BrokenError, HttpRequest, HttpResponse, Origin, TimedOutError, UnreachedError, UntrustedError

KEEP_ALIVE: Final = 60.0  # seconds; Azure drops connections that were silent for 4 minutes without notice to either end
_NO_CERTIFICATES: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # for plain http, which needs none
_POOL_OF_ONE: Final = httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=KEEP_ALIVE)
_url: Final = lru_cache(maxsize=256)(httpx.URL)  # a relay calls the same few addresses all day


def connector(
    context: Callable[[], ssl.SSLContext], proxy: str, bypasses: Callable[[str], object]
) -> Callable[[Origin], "Connection"]:
    """Return a function that makes a connection to an origin.

    https goes through `proxy` unless `bypasses(host)`. Raises a permanent Outage if the proxy cannot be used.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at INFO and DEBUG they write addresses and headers
    address = f"http://{proxy}" if proxy and "://" not in proxy else proxy or None

    def connect(origin: Origin) -> Connection:
        if origin.scheme != "https":
            return Connection(httpx.HTTPTransport(verify=_NO_CERTIFICATES, limits=_POOL_OF_ONE))
        proxied = None if address and bypasses(origin.host) else address
        # The context is made with the first https, since reading the certificates of all authorities takes some 20 ms.
        return Connection(httpx.HTTPTransport(verify=context(), limits=_POOL_OF_ONE, proxy=proxied))

    try:
        Connection(httpx.HTTPTransport(verify=_NO_CERTIFICATES, limits=_POOL_OF_ONE, proxy=address)).close()
    except (ImportError, ValueError, httpx.InvalidURL):
        raise Outage(
            "the proxy in HTTPS_PROXY or ALL_PROXY cannot be used: it must be http://HOST:PORT or https://HOST:PORT",
            permanent=True,
        ) from None
    return connect


class Connection:
    """One connection, opened on first use and again after it was closed."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport

    def exchange(self, call: HttpRequest) -> HttpResponse:
        """Send a request once and return the response. Raises CallError."""
        request = httpx.Request(
            call.method,
            _url(call.url),
            headers=call.headers,
            content=call.content,
            extensions={"timeout": _TimeLeft(call)},
        )
        try:
            with closing(self._transport.handle_request(request)) as response:
                body = bytearray()
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > call.max_body:
                        break
                    if call.clock() > call.deadline:
                        raise TimedOutError("the body did not end in time")
                return HttpResponse(response.status_code, dict(response.headers), bytes(body[: call.max_body]))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise (UntrustedError if _is_untrusted(error) else UnreachedError)(type(error).__name__) from None
        except httpx.TimeoutException as error:
            raise TimedOutError(type(error).__name__) from None
        except httpx.RequestError as error:
            raise BrokenError(type(error).__name__) from None

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


def _is_untrusted(error: BaseException) -> bool:
    """Tell whether a connection failed for the certificate of the other side."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


class _TimeLeft:
    """The time-outs of one call. httpcore asks for them at each step, and all steps share one deadline."""

    def __init__(self, call: HttpRequest) -> None:
        self._call = call
        self._sends = False

    def get(self, step: str, _default: object = None) -> float:
        """Return the seconds that a step may take."""
        if step == "write" and not self._sends:
            self._sends = True
            # Looking up a name has no time-out, and may have used up all the time.
            if self._call.clock() > self._call.deadline:
                raise httpx.ConnectTimeout("there was no time left to send anything")
        left = self._call.left()
        return left / 2 if step == "connect" else left  # it is taken twice, for TCP and for TLS
