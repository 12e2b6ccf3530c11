"""The relay's credential at GitHub, looked at by one call that changes nothing, at most once an hour."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Final, NamedTuple

from relay.errors import Outage
from relay.github.answers import NOT_GITHUB, classify
from relay.github.api import GitHubApi
from relay.model.debts import Refused, RetryAfter
from relay.net.call import HttpResponse
from relay.signed import canonical_json

ASK_EVERY: Final = 3_600.0  # seconds
ASK_AGAIN: Final = 60.0  # seconds after a failure
TIME: Final = 3.0  # seconds for the call
FOUND: Final = 200
NOT_FOUND: Final = 404  # a GitHub Enterprise Server without rate limits answers so, once it took the credential


class CredentialState(NamedTuple):
    """The state of the credential: its `trouble` with the cure, and the seconds that this machine's clock is ahead."""

    trouble: str = ""
    ahead: float = 0.0


class CredentialCheck:
    """Asks GitHub whether it takes a credential, and remembers the answer.

    `path` is one that any such credential may read. `credential` returns it, and raises Outage.
    """

    def __init__(self, api: GitHubApi, path: str, credential: Callable[[], str]) -> None:
        self._api = api
        self._path = path
        self._credential = credential
        self._lock = Lock()
        self._state = CredentialState()
        self._ask_at = 0.0

    def state(self) -> CredentialState:
        """Return the last known state; the first caller of an hour asks. The others wait for the first of all alone."""
        # Before the first answer nothing is known. To call that no trouble would tell operators of a recovery.
        patience = 0.0 if self._ask_at else 2 * TIME
        if self._is_due() and self._lock.acquire(timeout=patience):
            try:
                if self._is_due():
                    self._state = self._ask()
                    self._ask_at = self._api.clock() + (ASK_AGAIN if self._state.trouble else ASK_EVERY)
            finally:
                self._lock.release()
        return self._state

    def _is_due(self) -> bool:
        return self._api.clock() >= self._ask_at

    def _ask(self) -> CredentialState:
        try:
            answer = self._api.ask("GET", self._path, credential=self._credential(), deadline=self._api.clock() + TIME)
        except Outage as outage:
            return CredentialState(outage.what)
        if isinstance(answer, RetryAfter):
            return CredentialState(f"GitHub: {answer.phrase}")
        now = self._api.clock()
        return CredentialState(_trouble(answer, now), _ahead(answer, now))


def _trouble(answer: HttpResponse, now: float) -> str:
    if answer.status == FOUND or (answer.status == NOT_FOUND and is_of_github(answer)):
        return ""
    outcome = classify(answer, now)
    if isinstance(outcome, RetryAfter):
        return f"GitHub: {outcome.phrase}"
    refused = outcome if isinstance(outcome, Refused) and answer.status != NOT_FOUND else NOT_GITHUB
    return f"GitHub: {refused.phrase}; {refused.cure}"


def is_of_github(answer: HttpResponse) -> bool:
    """Tell whether an error is one of GitHub, by its body."""
    return "message" in canonical_json.members(answer.body)


def _ahead(answer: HttpResponse, now: float) -> float:
    """Return the seconds that `now` is ahead of the answer's Date, or 0 without one."""
    try:
        return now - parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (TypeError, ValueError):
        return 0.0
