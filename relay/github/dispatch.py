"""Dispatches: the events that start workflows, sent as repository_dispatch.

https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event
"""

import json
from collections.abc import Callable
from typing import Final

from relay.errors import Outage
from relay.github.answers import REFUSED, classify
from relay.github.api import GitHubApi, NoToken, repository_path
from relay.model import Json, Outcome, Refused, RetryAfter
from relay.signed import canonical_json

UNAUTHORIZED: Final = 401


def _one_for_all(_repository: str) -> str:
    return "token"


def _never_outdated(_repository: str, _token: str, _since: float) -> bool:
    return False


class Dispatches:
    """The dispatches of all repositories.

    `token(repository, deadline)` returns a credential or raises NoToken. `outdated(repository, token, since)` is called
    after GitHub refused a credential, and tells whether to try again with a new one. `identity(repository)` names the
    identity that GitHub counts calls for: the owner of a token, or the App's installation at one owner.
    """

    def __init__(
        self,
        api: GitHubApi,
        token: Callable[[str, float], str],
        outdated: Callable[[str, str, float], bool] = _never_outdated,
        identity: Callable[[str], str] = _one_for_all,
    ) -> None:
        self._api = api
        self._token = token
        self._outdated = outdated
        self.identity = identity

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:
        """Send one event, once, by `deadline` (Unix seconds), and return the outcome."""
        # Nothing is sent again here: GitHub has no idempotency key, and would start the workflow twice. No redirect is
        # followed either, since it leads to a repository with another name than the policy judged.
        since = self._api.clock()
        try:
            path = repository_path(repository) + "/dispatches"
            token = self._token(repository, deadline)
            content = _body(event_type, client_payload)
            answer = self._api.ask("POST", path, credential=token, content=content, deadline=deadline)
        except NoToken as outage:
            if outage.permanent:
                return Refused("the relay has no credential for this repository", outage.what)
            return RetryAfter(outage.what, outage.seconds)
        except Outage as outage:  # the relay's own proxy or certificates, which only the operator can repair
            return RetryAfter(outage.what, tried=False)
        if isinstance(answer, RetryAfter):
            return answer
        if answer.status == UNAUTHORIZED and self._outdated(repository, token, since):
            return RetryAfter(REFUSED[UNAUTHORIZED].phrase)
        return classify(answer, self._api.clock())


def _body(event_type: str, client_payload: Json) -> bytes:
    event = {"event_type": event_type, "client_payload": dict(client_payload)}
    try:
        return canonical_json.compact(event).encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8, but it has an escape, and may have come as one
        return json.dumps(event, separators=(",", ":")).encode()
