"""One call over HTTP: the request, the response, and the ways in which there is none."""

from collections.abc import Callable, Mapping
from typing import ClassVar, Final, NamedTuple

SHORTEST: Final = 0.05  # seconds; a socket takes a time-out of 0 for "do not wait at all"


class CallError(Exception):
    """A call without a response."""


class UnreachedError(CallError):
    """There was no connection, so nothing was sent. `phrase` says it of the other side."""

    phrase: ClassVar[str] = "cannot be reached"


class UntrustedError(UnreachedError):
    """The other side's certificate is not trusted here, which only an operator mends."""

    phrase: ClassVar[str] = "shows a certificate that is not trusted here"


class TimedOutError(CallError):
    """No whole response came in time. The server may have read the request."""


class BrokenError(CallError):
    """The connection broke, or the response is not HTTP. The server may have read the request."""


class Origin(NamedTuple):
    """The server that a connection leads to."""

    scheme: str
    host: str
    port: int | None


class HttpRequest(NamedTuple):
    """A request, to be sent once. `clock` and `deadline` are in seconds."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None
    deadline: float
    clock: Callable[[], float]
    max_body: int

    def left(self) -> float:
        """Return the time that the next step may take: all steps share one deadline."""
        return max(SHORTEST, self.deadline - self.clock())


class HttpResponse(NamedTuple):
    """A response as it came: header names in lower case, the body cut off at the length that the call allows."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
