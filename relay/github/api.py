"""Calls of GitHub's REST API: one call, one answer, nothing sent twice."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from relay.errors import Outage
from relay.model.debts import RetryAfter
from relay.net import client as http_client
from relay.net.addresses import check_url
from relay.net.call import BrokenError, HttpResponse, TimedOutError, UnreachedError

LEAST_TIME: Final = 0.2  # seconds; with less time left no answer can be expected, and a call would only be ambiguous
LEAST_SECRET: Final = 16  # characters; GitHub's tokens have 40 and more, and a few letters may stand in any answer

_CREDENTIAL: Final = re.compile(r"[!-~]+")


class NoToken(Outage):
    """No credential for a repository. `seconds` is the time that GitHub asked to wait, or 0 if it did not.

    `what` is a sentence for the person if this may pass by itself, and for the operator if it is permanent.
    """

    def __init__(self, what: str, *, permanent: bool = False, seconds: float = 0) -> None:
        super().__init__(what, permanent=permanent)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class GitHubApi:
    """The API at `base_url` (as `check_url` returns it), of `version`, over the shared client.

    `client` is called at the first request. `clock` returns Unix seconds.
    """

    client: Callable[[], http_client.Client]
    base_url: str
    version: str
    clock: Callable[[], float]

    def __post_init__(self) -> None:
        if check_url(self.base_url) != self.base_url:
            raise ValueError("the base address ends without a slash")

    def ask(
        self,
        method: str,
        path: str,
        *,
        credential: str,
        deadline: float,
        content: bytes | None = None,
        max_body: int = http_client.MAX_BODY,
    ) -> HttpResponse | RetryAfter:
        """Send a request once to a path below the base address. Return the answer, or RetryAfter if there is none.

        The RetryAfter is ambiguous if GitHub may have read the request. Raises NoToken for a credential that a
        header cannot carry.
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
            answer = http_client.ask(
                self.client(),
                method,
                self.base_url + path,
                headers=self._headers(credential, content),
                content=content,
                deadline=deadline,
                clock=self.clock,
                max_body=max_body,
            )
        except UnreachedError as error:
            return RetryAfter(f"it {error.phrase}")
        except TimedOutError:
            return RetryAfter("it did not answer in time", ambiguous=True)
        except BrokenError:
            return RetryAfter("the connection broke before its answer was complete", ambiguous=True)
        return _without(answer, credential)

    def _headers(self, credential: str, content: bytes | None) -> Mapping[str, str]:
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {credential}",
            "X-GitHub-Api-Version": self.version,
        }
        return headers if content is None else headers | {"Content-Type": "application/json; charset=utf-8"}


def _without(answer: HttpResponse, credential: str) -> HttpResponse:
    """Return an answer without the credential in its body."""
    # A cure quotes GitHub's own reason. What answers in its stead, such as a proxy, may repeat the call.
    if len(credential) < LEAST_SECRET or credential.encode() not in answer.body:
        return answer
    return answer._replace(body=answer.body.replace(credential.encode(), b"..."))


def repository_path(repository: str) -> str:
    """Return `/repos/OWNER/NAME`, percent-encoded. Raises a permanent NoToken if the repository is not OWNER/NAME."""
    parts = repository.split("/")
    if len(parts) != 2 or any(part in {"", ".", ".."} for part in parts):  # noqa: PLR2004 - owner and name
        raise NoToken("the repository is not of the form OWNER/NAME: correct it in the request", permanent=True)
    return "/repos/" + "/".join(quote(part, safe="") for part in parts)
