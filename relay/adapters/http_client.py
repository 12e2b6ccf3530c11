"""The one HTTP client of the relay, and a call with it that ends in time and reads no more than it should."""

import logging
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Final

from relay import __version__
from relay.core.errors import Outage

if TYPE_CHECKING:
    import httpx

USER_AGENT: Final = f"approval-relay/{__version__}"
CONNECTIONS: Final = 64  # GitHub takes at most 100 calls at once
KEEP_ALIVE: Final = 60.0  # seconds; Azure drops connections that were silent for 4 minutes without telling either end
MAX_BODY: Final = 64 * 1024
SHORTEST: Final = 0.05  # seconds; a socket takes a time-out of 0 for "do not wait at all"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came: header names in lower case, the body at most as long as was asked for."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


def make_client() -> "httpx.Client":
    """Return a client to keep for the life of the process: a new one costs some 20 ms, most of it the SSL context.

    It obeys HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR, since behind a company's proxy, or before a
    GitHub Enterprise Server with a certificate of the company's own, nothing else works. Plain http is never sent
    through a proxy: `check_url` lets it go to loopback only. Redirects are not followed, no cookie is kept, nothing
    is sent twice. Raises Outage, permanent, where those variables cannot be used.
    """
    import httpx  # noqa: PLC0415 - a cold start that calls nobody does not pay for it

    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at INFO and DEBUG they write addresses and headers
    try:
        client = httpx.Client(
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},  # so that limits count what came
            verify=httpx.create_ssl_context(),
            timeout=10.0,
            limits=httpx.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS, keepalive_expiry=KEEP_ALIVE
            ),
            mounts={"http://": None},
            follow_redirects=False,
        )
    except OSError:
        raise Outage("SSL_CERT_FILE or SSL_CERT_DIR cannot be read: correct or unset it", permanent=True) from None
    except (ImportError, ValueError, httpx.InvalidURL):
        raise Outage(
            "the proxy in HTTPS_PROXY or ALL_PROXY cannot be used: it must be http://HOST:PORT or https://HOST:PORT",
            permanent=True,
        ) from None
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


def ask(  # noqa: PLR0913 - a call over HTTP has these parts
    client: "httpx.Client",
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes | None,
    deadline: float,
    clock: Callable[[], float],
    max_body: int = MAX_BODY,
) -> Answer:
    """Send once and return the answer, its body cut off after `max_body` bytes.

    Whoever trickles single bytes of the header can overstay `deadline`; everything else ends with it.
    Raises httpx.TransportError.
    """
    import httpx  # noqa: PLC0415 - as above

    request = client.build_request(
        method, url, headers=dict(headers), content=content, extensions={"timeout": _TimeLeft(deadline, clock)}
    )
    with closing(client.send(request, stream=True, follow_redirects=False)) as response:
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > max_body:
                break
            if clock() > deadline:
                raise httpx.ReadTimeout("the body did not end in time", request=request)
        return Answer(response.status_code, dict(response.headers), bytes(body[:max_body]))


@dataclass(frozen=True, slots=True)
class _TimeLeft:
    """The time-outs of one call, asked for by httpcore as each step begins: all steps share one deadline."""

    deadline: float
    clock: Callable[[], float]

    def get(self, step: str, _default: object = None) -> float:
        left = max(SHORTEST, self.deadline - self.clock())
        return left / 2 if step == "connect" else left  # it is taken twice, for TCP and for TLS
