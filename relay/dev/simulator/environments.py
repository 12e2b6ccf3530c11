"""Environments of GitHub with the relay's App as their protection rule: jobs that wait, reports, and verdicts.

https://docs.github.com/actions/managing-workflow-runs-and-deployments/managing-deployments/creating-custom-deployment-protection-rules
"""

import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from threading import Lock
from types import MappingProxyType
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.approval.gates import GATE
from relay.approval.policy import Policy, rule_for
from relay.dev.simulator.answers import Answer, NotTaken, json_answer, read_json
from relay.dev.simulator.github_modes import github_error
from relay.dev.simulator.github_webhooks import GitHubWebhooks, page_of, repository_fields
from relay.dev.simulator.people import Person
from relay.dev.simulator.samples import filled
from relay.model.values import iso

CLIENT_ID: Final = "Iv23liSimulated"
_KEPT: Final = 10
_REPORTS: Final = 10
_FIRST_RUN: Final = 18_300_400_000
_SHA: Final = "9c1f0a7e5b3d2c4e6f8091a2b3c4d5e6f7081920"
_GATE: Final = re.compile(r"/repos/([^/]+/[^/]+)/actions/runs/([0-9]+)/deployment_protection_rule")
_RUN: Final = re.compile(r"/repos/[^/]+/[^/]+/actions/runs/([0-9]+)")
_OF_APP: Final = re.compile(r"/app(?:/.*)?|/repos/[^/]+/[^/]+/installation")
_STATES: Final = ("approved", "rejected")
_ENDS: Final = MappingProxyType(  # what people do at GitHub itself: the conclusion of the run, and words
    {
        "passed": ("success", "An administrator let it pass."),
        "cancelled": ("cancelled", "A person cancelled the run."),
    }
)


@dataclass(frozen=True, slots=True)
class Job:
    """A job at an environment: waiting, or as it was decided. `answer` is the relay's to the webhook."""

    number: int
    at: float
    repository: str
    environment: str
    run_id: str
    by: str
    state: str = "waiting"
    said: str = ""
    answer: str = ""
    reports: tuple[str, ...] = field(default=())


class Environments:
    """Tells the relay by `webhooks` of jobs that wait, and takes what its App answers at `api_url`.

    `key` proves the App. `on_change` is called after each change.
    """

    def __init__(
        self,
        *,
        webhooks: GitHubWebhooks,
        api_url: str,
        key: RSAPublicKey,
        policy: Policy,
        requester: Person | None,
        on_change: Callable[[], None],
    ) -> None:
        self._webhooks = webhooks
        self._api_url = api_url
        self._key = key
        self._repository, self._environment = first_gate(policy)
        self._by = (requester.github, requester.github_id or 1) if requester else ("mona", 77)
        self._on_change = on_change
        self._lock = Lock()
        self._token = f"ghs_simulated_{secrets.token_urlsafe(24)}"
        self._jobs: deque[Job] = deque(maxlen=_KEPT)

    def rows(self) -> dict[str, object]:
        """Return the environment that the page offers, empty if the policy has none, and the jobs, the newest first."""
        with self._lock:
            jobs = [asdict(each) for each in reversed(self._jobs)]
        return {"repository": self._repository, "environment": self._environment, "jobs": jobs}

    def wait(self, _body: Mapping[str, Any]) -> Answer:
        """Let a job wait at the environment, and tell the relay."""
        if not self._repository:
            raise NotTaken(400, "The policy has no rule for jobs that wait at an environment.")
        with self._lock:
            number = self._jobs[-1].number + 1 if self._jobs else 1
            run_id = str(_FIRST_RUN + number)
            self._jobs.append(Job(number, time.time(), self._repository, self._environment, run_id, self._by[0]))
        self._on_change()
        answer = self._webhooks.send("deployment_protection_rule", self._asked(run_id))
        self._change(run_id, lambda job: replace(job, answer=answer))
        return json_answer(200, {})

    def end(self, body: Mapping[str, Any]) -> Answer:
        """End a job without the rule, as `_ENDS` names it: the run completes, and the relay hears of it."""
        number, end = body.get("number"), body.get("end")
        if not isinstance(end, str) or end not in _ENDS:
            raise NotTaken(400, "end must be one of: " + ", ".join(_ENDS), "end")
        with self._lock:
            job = next((each for each in self._jobs if each.number == number and each.state == "waiting"), None)
        if job is None:
            raise NotTaken(404, "No job of this number waits.", "number")
        conclusion, said = _ENDS[end]
        self._change(job.run_id, lambda known: replace(known, state=end, said=said))
        run = {"id": int(job.run_id), "run_attempt": 1, "status": "completed", "conclusion": conclusion}
        event = {**self._asked(job.run_id), "action": "completed", "workflow_run": {**_run_fields(job), **run}}
        self._webhooks.send("workflow_run", event)
        return json_answer(200, {})

    def take(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a call of the App. Header names are in lower case."""
        credential = headers.get("authorization", "").removeprefix("Bearer ")
        if _OF_APP.fullmatch(path):
            return self._of_app(path, credential)
        gate, run = _GATE.fullmatch(path), _RUN.fullmatch(path)
        if not secrets.compare_digest(credential.encode(), self._token.encode()):
            return github_error(401, "Bad credentials")
        if run is not None:
            return json_answer(200, {"id": int(run[1]), "run_attempt": 1})
        return self._review(gate[2], body) if gate and method == "POST" else github_error(404, "Not Found")

    def _of_app(self, path: str, credential: str) -> Answer:
        try:
            claims = jwt.decode(credential, self._key, ["RS256"])
        except jwt.InvalidTokenError:
            return github_error(401, "A JSON web token could not be decoded")
        if claims.get("iss") != CLIENT_ID:
            return github_error(401, "Integration not found")
        if path.endswith("/access_tokens"):
            return json_answer(201, {"token": self._token, "expires_at": iso(time.time() + 3_600)})
        return json_answer(200, [] if path.endswith("/deliveries") else {"id": 1, "suspended_at": None})

    def _review(self, run_id: str, body: bytes) -> Answer:
        asked: Any = read_json(body)
        state, comment = asked.get("state"), str(asked.get("comment", ""))
        with self._lock:
            job = next((each for each in self._jobs if each.run_id == run_id), None)
        is_its = job is not None and asked.get("environment_name") == job.environment and job.state == "waiting"
        if job is None or not is_its or (state is None and len(job.reports) >= _REPORTS):
            return github_error(422, "No pending custom deployment gate request to approve or reject")
        if state is None:
            self._change(run_id, lambda known: replace(known, reports=(*known.reports, comment)))
        elif state in _STATES:
            self._change(run_id, lambda known: replace(known, state=str(state), said=comment))
        else:
            return github_error(422, "state must be approved or rejected")
        return Answer(204)

    def _change(self, run_id: str, change: Callable[[Job], Job]) -> None:
        with self._lock:
            self._jobs = deque((change(each) if each.run_id == run_id else each for each in self._jobs), maxlen=_KEPT)
        self._on_change()

    def _asked(self, run_id: str) -> dict[str, object]:
        """Return the event of a job that begins to wait."""
        address = f"{self._api_url}/repos/{self._repository}/actions/runs/{run_id}/deployment_protection_rule"
        sender = {"login": self._by[0], "id": self._by[1], "type": "User"}
        return {
            "action": "requested",
            "environment": self._environment,
            "event": "push",
            "sha": _SHA,
            "ref": "refs/heads/main",
            "deployment_callback_url": address,
            "deployment": {"id": int(run_id), "ref": "main", "sha": _SHA, "creator": sender},
            "pull_requests": [],
            "repository": repository_fields(self._repository),
            "installation": {"id": 1},
            "sender": sender,
        }


def is_of_the_app(path: str) -> bool:
    """Tell whether a path of the API is one that the relay's App alone calls."""
    return any(form.fullmatch(path) for form in (_OF_APP, _GATE, _RUN))


def first_gate(policy: Policy) -> tuple[str, str]:
    """Return repository and environment of the first rule for jobs that wait, or two empty texts if there is none.

    The patterns of the rule are filled in.
    """
    for rule in policy.rules:
        repository = filled(rule.repository if "/" in rule.repository else "octo/app")
        environment = filled(rule.environment, "production")
        if rule.is_for_gates and rule_for(policy, repository, environment, GATE) is rule:  # no earlier rule takes it
            return repository, environment
    return "", ""


def _run_fields(job: Job) -> dict[str, object]:
    page = page_of(job.repository, job.run_id)
    return {"name": "deploy", "display_title": "deploy", "event": "push", "html_url": page, "created_at": iso(job.at)}
