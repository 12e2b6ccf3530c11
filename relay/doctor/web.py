"""Calls to the web for the doctor: one call, one answer, and an Outage that names the host alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlencode, urlsplit

from relay.errors import Outage
from relay.net import client as http_client
from relay.net.call import CallError, HttpResponse, UnreachedError, UntrustedError

CALL_TIME: Final = 6.0  # seconds
MAX_ANSWER: Final = 1024 * 1024  # bytes
_NONE: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Web:
    """The shared client, for calls that all end before `deadline` (Unix seconds, as those of `clock`)."""

    client: Callable[[], http_client.Client]
    clock: Callable[[], float]
    deadline: float

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = _NONE,
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """Return the answer of any status. A form is posted. Raises Outage if there is none."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        try:
            return http_client.ask(
                self.client(),
                method,
                url,
                headers={"Accept": "application/json", **kind, **headers},
                content=content if form is None else urlencode(form).encode(),
                deadline=min(self.clock() + CALL_TIME, self.deadline),
                clock=self.clock,
                max_body=MAX_ANSWER,
            )
        except UntrustedError as error:
            cure = "SSL_CERT_FILE names a bundle with its authority"
            raise Outage(f"{urlsplit(url).hostname} {error.phrase}: {cure}") from None
        except UnreachedError as error:
            raise Outage(f"{urlsplit(url).hostname} {error.phrase}") from None
        except CallError:
            raise Outage(f"{urlsplit(url).hostname} does not answer in time") from None

    def ahead_of(self, answer: HttpResponse) -> float | None:
        """Return the seconds that this machine's clock is ahead of the answer's Date, or None without one."""
        try:
            return self.clock() - parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
        except (TypeError, ValueError):
            return None
