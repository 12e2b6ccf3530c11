"""Calls for one repository, each with a credential for that repository and the permission that the call needs."""

from collections.abc import Callable
from typing import Final, Protocol

from relay.errors import Outage
from relay.github.api import GitHubApi, NoToken, repository_path
from relay.github.permissions import Permission
from relay.model.debts import Refused, RetryAfter
from relay.net.call import HttpResponse

UNAUTHORIZED: Final = 401
NOT_FOUND: Final = 404


class Credentials(Protocol):
    """The credentials of the relay at GitHub."""

    def token(self, repository: str, permission: Permission, deadline: float) -> str:
        """Return a credential for a repository, by `deadline` in Unix seconds. Raises NoToken."""

    def outdated(self, repository: str, permission: Permission, token: str) -> bool:
        """Forget a credential that GitHub refused. Tell whether a new one may be taken."""

    def identity(self, repository: str) -> str:
        """Return the identity that GitHub counts calls for: the owner of a token, or an App's installation."""


class OneToken:
    """The credential of RELAY_GITHUB_TOKEN, which is the same for every repository and permission."""

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self, _repository: str, _permission: Permission, _deadline: float) -> str:
        """Return the token."""
        return self._token

    def outdated(self, _repository: str, _permission: Permission, _token: str) -> bool:
        """Tell that there is no other token."""
        return False

    def identity(self, _repository: str) -> str:
        """Return the one name of the token's owner."""
        return "token"


class NoApp(OneToken):
    """The missing credential where only a GitHub App will do."""

    def __init__(self) -> None:
        super().__init__("")

    def token(self, _repository: str, _permission: Permission, _deadline: float) -> str:
        """Raise NoToken with the cure."""
        raise NoToken(
            "only a GitHub App answers a protection rule: set RELAY_GITHUB_APP_CLIENT_ID and "
            "RELAY_GITHUB_APP_PRIVATE_KEY, beside RELAY_GITHUB_TOKEN",
            permanent=True,
        )


class Caller:
    """Sends calls below `/repos/OWNER/NAME`, over `api` and with `credentials`."""

    def __init__(self, api: GitHubApi, credentials: Credentials) -> None:
        self._api = api
        self._credentials = credentials

    @property
    def clock(self) -> Callable[[], float]:
        """Return the clock, in Unix seconds."""
        return self._api.clock

    def identity(self, repository: str) -> str:
        """Return the identity that GitHub counts calls for."""
        return self._credentials.identity(repository)

    def ask(
        self,
        method: str,
        repository: str,
        path: str,
        *,
        permission: Permission,
        deadline: float,
        content: bytes | None = None,
    ) -> HttpResponse | Refused | RetryAfter:
        """Send a call for a repository by `deadline` (Unix seconds). Return the answer, or why there is none.

        A credential that GitHub no longer takes is replaced once, and the call sent with the new one. After a
        404 the call is not sent again, and the next call takes a new one.
        """
        # Nothing else is sent again here: GitHub has no idempotency key, and would start a workflow twice. A 401 did
        # nothing. No redirect is followed, since it leads to a repository with another name than the policy judged.
        try:
            whole = repository_path(repository) + path
            token = self._credentials.token(repository, permission, deadline)
            answer = self._api.ask(method, whole, credential=token, content=content, deadline=deadline)
            if not isinstance(answer, RetryAfter) and answer.status == UNAUTHORIZED:
                if not self._credentials.outdated(repository, permission, token):
                    return answer
                token = self._credentials.token(repository, permission, deadline)
                answer = self._api.ask(method, whole, credential=token, content=content, deadline=deadline)
        except NoToken as outage:
            if outage.permanent:
                return Refused("the relay has no credential for this repository", outage.what)
            return RetryAfter(outage.what, outage.seconds)
        except Outage as outage:  # the relay's own proxy or certificates, which only the operator can repair
            return RetryAfter(outage.what, tried=False)
        if not isinstance(answer, RetryAfter) and answer.status == NOT_FOUND:
            # A token is of one repository by its id, and opens no other that was made since under the same name. The
            # operator who has mended the cause and replays is not to wait an hour for the token's end.
            self._credentials.outdated(repository, permission, token)
        return answer
