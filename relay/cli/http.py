"""One call over HTTP, repeated while the other side is busy."""

import json
import logging
import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from relay import __version__
from relay.cli.context import Context
from relay.cli.failures import Failure

if TYPE_CHECKING:
    import httpx

ATTEMPTS: Final = 5
PATIENCE: Final = 60.0  # seconds from the first attempt to the last
TIMEOUT: Final = 10.0
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
    attempts: int = ATTEMPTS,
) -> HttpResponse:
    """Call `callee` at `url` and return the response, of any status. Redirects are not followed.

    A call without a response is repeated, and so is one whose `meaning` is 408, 429 or 5xx. It is tried `attempts`
    times within a minute at most, with the pauses that Retry-After asks for. Raises Failure with the `cure` if no
    response ever comes.
    """
    import httpx  # noqa: PLC0415 - it is slow to import, and most commands make no call

    content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    named = {**headers, **({} if content is None else {"Content-Type": "application/json; charset=utf-8"})}
    deadline = context.clock() + PATIENCE
    attempt = 0
    with _client() as client:
        while True:
            attempt += 1
            answer, failure = None, ""
            try:
                answer = _once(client, method, url, named, content)
            except httpx.TransportError as error:
                _check_trust(error, callee)
                failure = type(error).__name__  # its text may hold the address, which may be a secret
            except httpx.InvalidURL:
                raise Failure(f"{callee} has an address that cannot be called. {cure}") from None
            wait = _wait(answer, attempt, context)
            done = answer is not None and not _is_busy(meaning(answer))
            if done or attempt == attempts or context.clock() + wait > deadline:
                break
            context.sleep(wait)
    if answer is None:
        times = "once" if attempt == 1 else f"{attempt} times"
        raise Failure(f"{callee} could not be reached ({failure}, tried {times}). {cure}")
    return answer


def _once(
    client: "httpx.Client", method: str, url: str, headers: Mapping[str, str], content: bytes | None
) -> HttpResponse:
    with client.stream(method, url, headers=headers, content=content) as response:
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > _MAX_BODY:
                break
        return HttpResponse(response.status_code, dict(response.headers), bytes(body[:_MAX_BODY]))


def _client() -> "httpx.Client":
    import httpx  # noqa: PLC0415 - as above

    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)  # at INFO they write addresses
    try:
        return httpx.Client(
            headers={"User-Agent": f"approval-relay/{__version__}", "Accept-Encoding": "identity"},
            timeout=TIMEOUT,
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


def _is_busy(status: int) -> bool:
    return status in _BUSY or status >= _SERVER_ERROR


def _wait(answer: HttpResponse | None, attempt: int, context: Context) -> float:
    """Return the seconds to wait: from Retry-After (seconds or a date), else 1, 2, 4, 8."""
    asked = answer.headers.get("retry-after", "").strip() if answer else ""
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    if asked:
        try:
            return max(0.0, parsedate_to_datetime(asked).timestamp() - context.now())
        except (ValueError, OverflowError):
            pass
    return 2.0 ** (attempt - 1)
