"""GitHub as the doctor asks it: each answer that several checks need is fetched once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from relay.errors import Outage
from relay.github.answers import classify
from relay.github.api import GitHubApi
from relay.github.app import GitHubApp
from relay.github.permissions import CONTENTS, Permission
from relay.github.purposes import DISPATCH, Purpose
from relay.model.debts import Refused, RetryAfter
from relay.model.findings import Finding
from relay.net.call import HttpResponse
from relay.signed import canonical_json

CALL_TIME: Final = 6.0  # seconds
MAX_ANSWER: Final = 2 * 1024 * 1024  # bytes: lists of repositories and of workflows are long
FOUND: Final = 200
NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class GitHub:
    """The API with the relay's own credential: an App, or a token. No call ends after `deadline` (Unix seconds)."""

    api: GitHubApi
    app: GitHubApp | None
    token: str = field(repr=False)
    deadline: float
    _answers: dict[str, HttpResponse] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def about_credential(self) -> HttpResponse:
        """Return GitHub's answer about the credential itself. Raises Outage if there is none."""
        if self.app is not None:
            return self._once("/app", self.app.credential)
        return self._once("/rate_limit", lambda: self.token)

    def token_for(self, repository: str, permission: Permission = CONTENTS) -> str:
        """Return a credential for a repository with one permission. Raises NoToken."""
        return self.token if self.app is None else self.app.token(repository, permission, self._until())

    def ask(self, method: str, path: str, credential: str, body: Mapping[str, Any] | None = None) -> HttpResponse:
        """Return the answer to one call. Raises Outage if there is none."""
        content = None if body is None else canonical_json.compact(body).encode()
        answer = self.api.ask(
            method, path, credential=credential, deadline=self._until(), content=content, max_body=MAX_ANSWER
        )
        if isinstance(answer, RetryAfter):
            raise Outage(f"GitHub: {answer.phrase}")
        return answer

    def _once(self, path: str, credential: Callable[[], str]) -> HttpResponse:
        with self._lock:
            if path not in self._answers:
                self._answers[path] = self.ask("GET", path, credential())
            return self._answers[path]

    def _until(self) -> float:
        return min(self.api.clock() + CALL_TIME, self.deadline)


def read(answer: HttpResponse) -> Any:
    """Return the JSON of an answer, or None if it has none."""
    try:
        return canonical_json.parse(answer.body)
    except ValueError:
        return None


def refused(answer: HttpResponse, now: float, subject: str = "", purpose: Purpose = DISPATCH) -> Finding:
    """Return the finding for an answer that is no success, with the cure for calls of this purpose."""
    outcome = classify(answer, now, purpose)
    named = f"{subject}: " if subject else ""
    if isinstance(outcome, Refused):
        return Finding("failed", f"{named}{outcome.phrase}", outcome.cure)
    phrase = outcome.phrase if isinstance(outcome, RetryAfter) else f"it answers {answer.status}"
    return Finding("warning", f"{named}GitHub: {phrase}", "Ask the doctor again later.")
