"""Dispatches: the events that start workflows or let them go on, in each of the ways that GitHub has.

https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event
https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from relay.github.answers import NOT_GITHUB, classify, is_foreign
from relay.github.api import GitHubApi
from relay.github.caller import Caller, Credentials
from relay.github.permissions import ACTIONS, CONTENTS, DEPLOYMENTS, RUNS
from relay.github.purposes import START, VERDICT
from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.model.runs import StartedRun
from relay.model.values import Json
from relay.net.call import HttpResponse
from relay.signed import canonical_json
from relay.signed.fields import branch_or_tag, is_web_address

DETAILS: Final = "return_run_details"
ALWAYS_DETAILED: Final = "2026-03-10"  # from this API version on GitHub answers with the run unasked
FOUND: Final = 200
BAD_REQUEST: Final = 400
INVALID: Final = 422


class Dispatches:
    """The dispatches of all repositories. `web_url` is the address under which people see GitHub.

    `gates` are the credentials for protection rules, which a GitHub App alone can answer.
    """

    def __init__(
        self,
        api: GitHubApi,
        credentials: Credentials,
        web_url: str = "https://github.com",
        gates: Credentials | None = None,
    ) -> None:
        self._caller = Caller(api, credentials)
        self._gates = Caller(api, gates or credentials)
        self._web_url = web_url
        self._asks_for_details = api.version < ALWAYS_DETAILED

    def identity(self, repository: str) -> str:
        """Return the identity that GitHub counts calls for."""
        return self._caller.identity(repository)

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:
        """Send one event, once, by `deadline` (Unix seconds), and return the outcome."""
        content = _encode({"event_type": event_type, "client_payload": dict(client_payload)})
        answer = self._caller.ask(
            "POST", repository, "/dispatches", permission=CONTENTS, content=content, deadline=deadline
        )
        return answer if not isinstance(answer, HttpResponse) else classify(answer, self._caller.clock())

    def start(self, repository: str, workflow: str, ref: str, inputs: Mapping[str, str], *, deadline: float) -> Outcome:
        """Start one workflow by its file's name, once, at a full ref. The outcome names the run if GitHub tells it."""
        content: dict[str, object] = {"ref": branch_or_tag(ref), "inputs": dict(inputs)}
        asked = self._asks_for_details
        answer = self._start(repository, workflow, content | ({DETAILS: True} if asked else {}), deadline)
        if asked and isinstance(answer, HttpResponse) and _refuses_details(answer):
            # GitHub Enterprise Server knew no such field up to 3.20. It started nothing.
            self._asks_for_details = False
            answer = self._start(repository, workflow, content, deadline)
        if not isinstance(answer, HttpResponse):
            return answer
        if answer.status == FOUND:
            return self._started(answer)
        return classify(answer, self._caller.clock(), START)

    def review(
        self, repository: str, run_id: str, environment: str, state: str, comment: str, *, deadline: float
    ) -> Outcome:
        """Give a waiting run its verdict, approved or rejected, or a report if `state` is empty. Once, by `deadline`.

        https://docs.github.com/rest/actions/workflow-runs#review-custom-deployment-protection-rules-for-a-workflow-run
        """
        content: dict[str, object] = {"environment_name": environment, "comment": comment}
        path = f"/actions/runs/{quote(run_id, safe='')}/deployment_protection_rule"
        answer = self._gates.ask(
            "POST",
            repository,
            path,
            permission=DEPLOYMENTS,
            content=_encode(content | ({"state": state} if state else {})),
            deadline=deadline,
        )
        if not isinstance(answer, HttpResponse):
            return answer
        outcome = classify(answer, self._caller.clock(), VERDICT)
        is_settled = answer.status == INVALID and outcome != NOT_GITHUB and bool(state)
        return replace(outcome, elsewhere=True) if is_settled and isinstance(outcome, Refused) else outcome

    def attempt_of(self, repository: str, run_id: str, *, deadline: float) -> int:
        """Return the number of a run's present attempt, or 0 if GitHub does not tell it by `deadline`."""
        path = f"/actions/runs/{quote(run_id, safe='')}"
        answer = self._gates.ask("GET", repository, path, permission=RUNS, deadline=deadline)
        if not isinstance(answer, HttpResponse) or answer.status != FOUND or is_foreign(answer.body):
            return 0
        read: Any = json.loads(answer.body or b"{}")
        attempt = read.get("run_attempt") if isinstance(read, dict) else None
        return attempt if type(attempt) is int and attempt > 0 else 0

    def _start(
        self, repository: str, workflow: str, content: Json, deadline: float
    ) -> HttpResponse | Refused | RetryAfter:
        path = f"/actions/workflows/{quote(workflow, safe='')}/dispatches"
        return self._caller.ask(
            "POST", repository, path, permission=ACTIONS, content=_encode(content), deadline=deadline
        )

    def _started(self, answer: HttpResponse) -> Outcome:
        """Read the run that GitHub has started. Its address counts only below the address of this GitHub."""
        if is_foreign(answer.body):
            return NOT_GITHUB
        read: Any = json.loads(answer.body or b"{}")
        fields = read if isinstance(read, dict) else {}
        run_id, url = fields.get("workflow_run_id"), fields.get("html_url")
        if type(run_id) is not int or run_id <= 0:
            return Delivered()
        if not isinstance(url, str) or not (url.startswith(f"{self._web_url}/") and is_web_address(url)):
            url = ""
        return Delivered(run=StartedRun(str(run_id), url))


def _refuses_details(answer: HttpResponse) -> bool:
    return answer.status == BAD_REQUEST or (answer.status == INVALID and DETAILS.encode() in answer.body)


def _encode(body: Json) -> bytes:
    try:
        return canonical_json.compact(body).encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8, but it has an escape, and may have come as one
        return json.dumps(body, separators=(",", ":")).encode()
