"""A GitHub App's tokens: one for each repository and permission, cached until shortly before it expires.

https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import jwt

from relay.github.answers import NOT_GITHUB, classify
from relay.github.api import GitHubApi, NoToken, repository_path
from relay.github.app_key import read_private_key
from relay.github.permissions import Permission
from relay.model.debts import Refused, RetryAfter
from relay.net.call import HttpResponse
from relay.signed import canonical_json

if TYPE_CHECKING:
    from pydantic import BaseModel

    Body = TypeVar("Body", bound=BaseModel)

RENEW_BEFORE: Final = 300  # seconds before the end of a token
ISSUED_BEFORE: Final = 60  # GitHub's clock may be behind ours,
VALID_FOR: Final = 540  # and takes no token that ends more than 10 minutes ahead
LOCKS: Final = 16
FOUND: Final = 200
CREATED: Final = 201
FORBIDDEN: Final = 403

BAD_SIGNATURE: Final = (
    "GitHub does not take the App's signature: check RELAY_GITHUB_APP_CLIENT_ID, that RELAY_GITHUB_APP_PRIVATE_KEY is "
    "a key of the same App, and this machine's clock"
)
LOOKUP_CURES: Final = {
    401: BAD_SIGNATURE,
    404: "install the GitHub App of RELAY_GITHUB_APP_CLIENT_ID on the repository (on GitHub: the App's page, "
    "Install App), and check the repository's name",
}
SUSPENDED: Final = (
    "the GitHub App's installation is suspended: the owner of the repository unsuspends it on GitHub, under Settings, "
    "Applications, Installed GitHub Apps, Configure"
)
NOT_ACCEPTED: Final = (
    "the App lacks the repository permission {permission}: give it in the App's settings, then have the owner of the "
    "installation accept it (GitHub asks them by e-mail, and under Settings, Applications); the repository must be "
    "among those of the installation"
)
GRANT_CURES: Final = {401: BAD_SIGNATURE, 404: "the App was uninstalled just now: install it again on the repository"}


@dataclass(frozen=True, slots=True)
class _CachedToken:
    token: str
    expires_at: float


class _Scope(NamedTuple):
    """The repository and the permission of one token. GitHub ignores case in names of repositories."""

    repository: str
    permission: Permission


class GitHubApp:
    """The tokens of one App. `private_key` is the PEM, or the PEM in base64.

    Raises ValueError, with the cure, if the key is not an RSA key.
    """

    # The locks are shared by hash: fifty debts of one repository ask GitHub for one token, and hardly ever wait for
    # another repository's.

    def __init__(self, api: GitHubApi, client_id: str, private_key: str) -> None:
        self._api = api
        self._client_id = client_id
        self._key = read_private_key(private_key)
        self._cache: dict[_Scope, _CachedToken] = {}
        self._locks = tuple(Lock() for _ in range(LOCKS))

    def token(self, repository: str, permission: Permission, deadline: float) -> str:
        """Return a token for `repository` and no more than `permission`, by `deadline` in Unix seconds.

        Raises NoToken.
        """
        scope = _Scope(repository.lower(), permission)
        cached = self._valid(scope)
        if cached:
            return cached.token
        lock = self._locks[hash(scope) % LOCKS]
        if not lock.acquire(timeout=max(0.0, deadline - self._api.clock())):
            raise NoToken("it did not give the relay a token in time")
        try:
            cached = self._valid(scope)
            if not cached:
                cached = self._cache[scope] = self._make(repository, permission, deadline)
            return cached.token
        finally:
            lock.release()

    def credential(self) -> str:
        """Return the credential of the App itself, which proves its client id and lives some minutes."""
        now = self._api.clock()
        claims = {"iss": self._client_id, "iat": int(now) - ISSUED_BEFORE, "exp": int(now) + VALID_FOR}
        return jwt.encode(claims, self._key, algorithm="RS256")

    def outdated(self, repository: str, permission: Permission, token: str) -> bool:
        """Forget a token that GitHub no longer accepts, as after a new installation. Tell that a new one may be had."""
        scope = _Scope(repository.lower(), permission)
        # Of many that were refused the same token, the first forgets it. Without the lock: its holder may be asking
        # GitHub, for longer than a press has. At worst a token that came just now is asked for again.
        cached = self._cache.get(scope)
        if cached is not None and cached.token == token:
            self._cache.pop(scope, None)
        return True

    def identity(self, repository: str) -> str:
        """Return the identity that GitHub counts calls for: the App's installation at the repository's owner."""
        return f"app {repository.partition('/')[0].lower()}"

    def _valid(self, scope: _Scope) -> _CachedToken | None:
        cached = self._cache.get(scope)
        return cached if cached and self._api.clock() < cached.expires_at - RENEW_BEFORE else None

    def _make(self, repository: str, permission: Permission, deadline: float) -> _CachedToken:
        from relay.github.bodies import Grant, Installation  # noqa: PLC0415 - pydantic waits until needed

        path = repository_path(repository)
        credential = self.credential()
        answer = self._api.ask("GET", f"{path}/installation", credential=credential, deadline=deadline)
        found = self._read(Installation, answer, FOUND, LOOKUP_CURES)
        if found.suspended_at:
            raise NoToken(SUSPENDED, permanent=True)
        narrowed = {
            "repositories": [repository.split("/")[1]],
            "permissions": {permission.name: permission.level},
        }
        answer = self._api.ask(
            "POST",
            f"/app/installations/{found.id}/access_tokens",
            content=canonical_json.compact(narrowed).encode(),
            credential=credential,
            deadline=deadline,
        )
        cures = {**GRANT_CURES, 422: NOT_ACCEPTED.format(permission=permission.label)}
        if isinstance(answer, HttpResponse) and answer.status == FORBIDDEN and b"suspended" in answer.body:
            raise NoToken(SUSPENDED, permanent=True)
        grant = self._read(Grant, answer, CREATED, cures)
        return _CachedToken(grant.token, grant.expires_at.timestamp())

    def _read(
        self, kind: "type[Body]", answer: HttpResponse | RetryAfter, expected: int, cures: Mapping[int, str]
    ) -> "Body":
        from pydantic import ValidationError  # noqa: PLC0415 - as above

        if isinstance(answer, RetryAfter):
            raise NoToken(answer.phrase, seconds=answer.seconds)
        if answer.status == expected:
            try:
                return kind.model_validate_json(answer.body)
            except ValidationError:
                raise NoToken(NOT_GITHUB.cure, permanent=True) from None
        outcome = classify(answer, self._api.clock())
        if isinstance(outcome, RetryAfter):
            raise NoToken(outcome.phrase, seconds=outcome.seconds)
        refused = outcome if isinstance(outcome, Refused) else NOT_GITHUB  # a 204 brings no token
        raise NoToken(cures.get(answer.status, refused.cure), permanent=True)
