"""One call over HTTP, repeated while the other side is busy."""

import json
import logging
import math
import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from relay import __version__
from relay.cli.context import Context
from relay.cli.failures import Failure, NotReached

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import httpx

ATTEMPTS: Final = 5
PATIENCE: Final = 60.0  # seconds from the first attempt to the last
_MAX_BODY: Final = 1024 * 1024
_BUSY: Final = frozenset({408, 429})
_SERVER_ERROR: Final = 500
_NOT_TRUSTED: Final = (
    "is not trusted here",
    "Behind a proxy that inspects TLS, set SSL_CERT_FILE to a bundle with its authority.",
)
_CERTIFICATES: Final = MappingProxyType(  # by OpenSSL's number of the fault
    {
        9: ("is not valid yet", "Usually the clock of this machine is wrong."),
        10: ("has expired", "Usually it was not renewed in time, or the clock of this machine is wrong."),
        62: ("is for another host", "Usually the address is mistyped, or leads to another server."),
        64: ("is for another host", "Usually the address is mistyped, or leads to another server."),
    }
)
_OF_OTHER_PROGRAMS: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """The response to a call. Header names are in lower case, and the body ends at 1 MiB."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Pace:
    """The attempts of a call: how many, the seconds within which they begin, and the seconds of each step of one.

    The steps are to connect, to send, and to wait for the next bytes. `longest` are the seconds of an attempt after
    which no more of its body is read.
    """

    attempts: int = ATTEMPTS
    patience: float = PATIENCE
    timeout: float = 10.0
    longest: float = math.inf


USUAL: Final = Pace()


def _status_of(answer: HttpResponse) -> int:
    return answer.status


def fetch(  # noqa: PLR0913 - a call over HTTP has these parts
    method: str,
    url: str,
    context: Context,
    *,
    callee: str,
    cure: str,
    headers: Mapping[str, str] = _NO_HEADERS,
    body: object = None,
    meaning: Callable[[HttpResponse], int] = _status_of,
    pace: Pace = USUAL,
    max_body: int = _MAX_BODY,
) -> HttpResponse:
    """Call `callee` at `url` and return the response, of any status. Redirects are not followed.

    A call without a response is repeated, and so is one whose `meaning` is 408, 429 or 5xx. It is tried at the given
    `pace`, with the pauses that Retry-After asks for. Raises NotReached with the `cure` if no response ever comes.
    """
    import httpx  # noqa: PLC0415 - it is slow to import, and most commands make no call

    content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    named = {**headers, **({} if content is None else {"Content-Type": "application/json; charset=utf-8"})}
    deadline = context.clock() + pace.patience
    attempt = 0
    with _client(pace.timeout) as client:
        while True:
            attempt += 1
            answer, failure = None, ""
            try:
                stream = client.stream(method, url, headers=named, content=content)
                answer = _once(stream, max_body, context.clock, pace.longest)
            except httpx.TransportError as error:
                _check_trust(error, callee)
                failure = type(error).__name__  # its text may hold the address, which may be a secret
            except httpx.InvalidURL:
                raise Failure(f"{callee} has an address that cannot be called. {cure}") from None
            done = answer is not None and not is_busy(meaning(answer))
            left, pause = deadline - context.clock(), 2.0 ** (attempt - 1)
            # The last pause is shorter, so that the last attempt begins at the end of the patience and not long before.
            wait = asked_pause(answer, context, min(pause, left) if left > 0 else pause)
            if done or attempt == pace.attempts or wait > left:
                break
            context.sleep(wait)
    if answer is None:
        times = "once" if attempt == 1 else f"{attempt} times"
        reason = f"{callee} could not be reached"
        raise NotReached(f"{reason} ({failure}, tried {times}). {cure}", f"{reason} ({failure})")
    return answer


def _once(
    stream: "AbstractContextManager[httpx.Response]", max_body: int, clock: Callable[[], float], longest: float
) -> HttpResponse:
    """Read a response. Raises ReadTimeout for a body that comes for longer than `longest` seconds."""
    import httpx  # noqa: PLC0415 - as above

    deadline = clock() + longest
    with stream as response:
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if clock() > deadline:
                raise httpx.ReadTimeout("the body takes too long")
            if len(body) > max_body:
                break
        return HttpResponse(response.status_code, dict(response.headers), bytes(body[:max_body]))


def _client(timeout: float) -> "httpx.Client":
    import httpx  # noqa: PLC0415 - as above

    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at INFO they write addresses
    try:
        return httpx.Client(
            headers={"User-Agent": f"approval-relay/{__version__}", "Accept-Encoding": "identity"},
            timeout=timeout,
            mounts={"http://": None},  # plain http is for this machine, and never goes through a proxy
            follow_redirects=False,
        )
    except (OSError, ImportError, ValueError, httpx.InvalidURL):
        raise Failure(
            "HTTPS cannot be used with the settings of this environment. Look at HTTPS_PROXY and ALL_PROXY (form "
            "http://HOST:PORT), SSL_CERT_FILE and SSL_CERT_DIR (must exist)."
        ) from None


def _check_trust(error: BaseException, callee: str) -> None:
    """Raise Failure with the cure if the other side's certificate is at fault, which no further attempt mends."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    if cause is None:
        return
    fault, cure = _CERTIFICATES.get(cause.verify_code, _NOT_TRUSTED)
    others = [name for name in _OF_OTHER_PROGRAMS if os.environ.get(name)]
    read = f" {others[0]} is not read here." if others and (fault, cure) == _NOT_TRUSTED else ""
    raise Failure(f"{callee}'s certificate {fault}. {cure}{read}") from None


def is_busy(status: int) -> bool:
    """Tell whether a status asks to try again: 408, 429 or 5xx."""
    return status in _BUSY or status >= _SERVER_ERROR


def asked_pause(answer: HttpResponse | None, context: Context, otherwise: float) -> float:
    """Return the seconds to wait that Retry-After asks for, by a number or a date, or else `otherwise`."""
    asked = answer.headers.get("retry-after", "").strip() if answer else ""
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    if asked:
        try:
            return max(0.0, parsedate_to_datetime(asked).timestamp() - context.now())
        except (ValueError, OverflowError):
            pass
    return otherwise
