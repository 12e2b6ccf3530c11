"""How the relay calls GitHub's REST API: one call, one answer, nothing sent twice."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from relay.errors import Outage
from relay.model import RetryAfter
from relay.net import client as http_client
from relay.net.addresses import check_url
from relay.net.call import BrokenError, HttpResponse, TimedOutError, UnreachedError

LEAST_TIME: Final = 0.2  # seconds; with less left an answer is not to be expected, and a call would only be ambiguous

_CREDENTIAL: Final = re.compile(r"[!-~]+")


class NoToken(Outage):
    """No credential for a repository. `what` tells the person where it may pass, the operator where it will not.

    `seconds` is how long GitHub asked to wait, 0 if it did not.
    """

    def __init__(self, what: str, *, permanent: bool = False, seconds: float = 0) -> None:
        super().__init__(what, permanent=permanent)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class GitHubApi:
    """The API at `base_url` (as `check_url` returns it), of `version`, over the shared client.

    `client` is called when there is something to send; `clock` returns Unix seconds.
    """

    client: Callable[[], http_client.Client]
    base_url: str
    version: str
    clock: Callable[[], float]

    def __post_init__(self) -> None:
        if check_url(self.base_url) != self.base_url:
            raise ValueError("the base address ends without a slash")

    def ask(
        self, method: str, path: str, *, credential: str, deadline: float, content: bytes | None = None
    ) -> HttpResponse | RetryAfter:
        """Send once to a path after the base address, and return the answer or why there is none.

        Ambiguous is what GitHub may have read. Raises NoToken where the credential cannot stand in a header.
        https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api
        """
        if not _CREDENTIAL.fullmatch(credential):
            raise NoToken(
                "the credential is empty or holds blanks, line breaks or letters beyond ASCII: paste it again into "
                "RELAY_GITHUB_TOKEN",
                permanent=True,
            )
        if deadline - self.clock() < LEAST_TIME:
            return RetryAfter("no time was left to ask it")
        try:
            return http_client.ask(
                self.client(),
                method,
                self.base_url + path,
                headers=self._headers(credential, content),
                content=content,
                deadline=deadline,
                clock=self.clock,
            )
        except UnreachedError:
            return RetryAfter("it cannot be reached")
        except TimedOutError:
            return RetryAfter("it did not answer in time", ambiguous=True)
        except BrokenError:
            return RetryAfter("the connection broke before its answer was complete", ambiguous=True)

    def _headers(self, credential: str, content: bytes | None) -> Mapping[str, str]:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {credential}",
            "X-GitHub-Api-Version": self.version,
        }
        return headers if content is None else headers | {"Content-Type": "application/json; charset=utf-8"}


def repository_path(repository: str) -> str:
    """Return `/repos/OWNER/NAME`, percent-encoded. Raises NoToken, permanent, for what is not of that form."""
    parts = repository.split("/")
    if len(parts) != 2 or any(part in {"", ".", ".."} for part in parts):  # noqa: PLR2004 - owner and name
        raise NoToken("the repository is not of the form OWNER/NAME: correct it in the request", permanent=True)
    return "/repos/" + "/".join(quote(part, safe="") for part in parts)
