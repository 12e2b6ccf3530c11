"""GitHub's REST API as the real one judges: App tokens, permissions, narrowing, expiry, rate limits and API versions.

https://docs.github.com/rest/authentication/permissions-required-for-github-apps
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import jwt

from relay.dev.simulator.dispatch_bodies import VERSIONS, judge
from relay.model.values import iso
from tests.support import entra_tokens

CLIENT_ID: Final = "Iv23liExample"
API: Final = "https://api.github.com"
EVERY: Final = re.compile(re.escape(API) + "/.*")
HOUR: Final = 3_600
WRITES: Final = 80  # a minute, "in general"
GRANTED: Final = {"metadata": "read", "contents": "write", "actions": "write", "deployments": "write"}
SETTINGS: Final = {"RELAY_GITHUB_APP_CLIENT_ID": CLIENT_ID, "RELAY_GITHUB_APP_PRIVATE_KEY": entra_tokens.PEM}
FOUND: Final = 200
TAKEN: Final = 204


@dataclass
class Installation:
    """The App at one owner: the repositories and permissions that were accepted."""

    id: int
    repositories: set[str]
    permissions: dict[str, str] = field(default_factory=lambda: dict(GRANTED))
    suspended: bool = False


@dataclass(frozen=True)
class Token:
    """A token of an installation, narrowed to one use."""

    installation: int
    repositories: frozenset[str]
    permissions: dict[str, str]
    expires_at: float


@dataclass
class FakeGitHub:
    """Answers as GitHub does; `clock` returns Unix seconds. A test fills it, and reads what was done."""

    clock: Callable[[], float]
    installations: dict[str, Installation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    workflows: dict[tuple[str, str], dict[str, bool]] = field(default_factory=dict)
    attempts: dict[tuple[str, str], int] = field(default_factory=dict)
    waiting: set[tuple[str, str, str]] = field(default_factory=set)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    remaining: int = 5_000
    calls: list[tuple[str, str, int]] = field(default_factory=list)
    dispatched: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    started: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    verdicts: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    reports: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    redelivered: list[int] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)

    def install(self, owner: str, *names: str) -> Installation:
        """Install the App at an owner, for some of its repositories."""
        made = Installation(41 + len(self.installations), {f"{owner}/{name}".lower() for name in names})
        self.installations[owner.lower()] = made
        return made

    def uninstall(self, owner: str) -> None:
        """Take the App away from an owner, with all its tokens."""
        gone = self.installations.pop(owner.lower()).id
        self.tokens = {text: token for text, token in self.tokens.items() if token.installation != gone}

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a call, and note it."""
        response = self._judge(request)
        self.calls.append((request.method, request.url.path, response.status_code))
        return response

    def _judge(self, request: httpx.Request) -> httpx.Response:  # noqa: PLR0911 - one gate after the other
        if not request.headers.get("user-agent"):
            return _error(403, "Request forbidden by administrative rules.")
        if request.headers.get("x-github-api-version", "2022-11-28") not in VERSIONS:
            return _error(400, "The API version is not supported.")
        if limited := self._limited(request.method):
            return limited
        self.remaining -= 1
        credential = request.headers["authorization"].removeprefix("Bearer ")
        path = request.url.path
        if path.startswith("/app") or path.endswith("/installation"):
            return self._of_app(request, credential)
        token = self.tokens.get(credential)
        if token is None or token.expires_at <= self.clock():
            return _error(401, "Bad credentials")
        if any(each.suspended for each in self.installations.values() if each.id == token.installation):
            return _error(403, "This installation has been suspended")
        found = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)", path)
        if found is None or found[1].lower() not in token.repositories:
            return _error(404, "Not Found")
        return self._of_repository(request, token, found[1], found[2])

    def _limited(self, method: str) -> httpx.Response | None:
        """Return the refusal of a call beyond the allowance of an hour, or of too many that write within a minute."""
        now = self.clock()
        if self.remaining <= 0:
            headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(now) + 900)}
            return _error(403, "API rate limit exceeded for installation ID 41.", headers)
        self.writes = [each for each in self.writes if each > now - 60]
        if method == "POST" and len(self.writes) >= WRITES:
            message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            return _error(403, message, {"retry-after": "60"})
        self.writes += [now] if method == "POST" else []
        return None

    def _of_app(self, request: httpx.Request, credential: str) -> httpx.Response:  # noqa: PLR0911 - a table
        try:
            options: Any = {"verify_exp": False, "verify_iat": False}
            claims = jwt.decode(credential, entra_tokens.PUBLIC, ["RS256"], options=options)
        except jwt.InvalidTokenError:
            return _error(401, "A JSON web token could not be decoded")
        if claims["exp"] > self.clock() + 600 or claims["exp"] <= self.clock() or claims["iat"] > self.clock():
            return _error(401, "'Expiration time' claim ('exp') is too far in the future")
        if claims["iss"] != CLIENT_ID:
            return _error(401, "Integration not found")
        path = request.url.path
        if path == "/app/hook/deliveries":
            return httpx.Response(200, json=self.deliveries)
        if again := re.fullmatch(r"/app/hook/deliveries/(\d+)/attempts", path):
            self.redelivered.append(int(again[1]))
            return httpx.Response(202, json={})
        if found := re.fullmatch(r"/repos/(([^/]+)/[^/]+)/installation", path):
            here = self.installations.get(found[2].lower())
            if here is None or found[1].lower() not in here.repositories:
                return _error(404, "Not Found")
            suspended = iso(self.clock()) if here.suspended else None
            return httpx.Response(200, json={"id": here.id, "suspended_at": suspended})
        asked = re.fullmatch(r"/app/installations/(\d+)/access_tokens", path)
        assert asked is not None, path
        return self._grant(int(asked[1]), json.loads(request.content))

    def _grant(self, number: int, asked: dict[str, Any]) -> httpx.Response:
        owner, here = next(((name, each) for name, each in self.installations.items() if each.id == number), ("", None))
        if here is None:
            return _error(404, "Not Found")
        if here.suspended:
            return _error(403, "This installation has been suspended")
        repositories = frozenset(f"{owner}/{name}".lower() for name in asked["repositories"])
        if not repositories <= here.repositories:
            return _error(422, "There is at least one repository that does not exist or is not accessible.")
        levels = ("read", "write")
        for name, level in asked["permissions"].items():
            if name not in here.permissions or levels.index(level) > levels.index(here.permissions[name]):
                return _error(422, "The permissions requested are not granted to this installation.")
        text = f"ghs_7_{len(self.tokens)}" + ".eyJ" + "x_-" * 160
        self.tokens[text] = Token(number, repositories, asked["permissions"], self.clock() + HOUR)
        return httpx.Response(201, json={"token": text, "expires_at": iso(self.clock() + HOUR)})

    def _of_repository(self, request: httpx.Request, token: Token, repository: str, path: str) -> httpx.Response:
        asked = json.loads(request.content or b"{}")
        if path == "/dispatches":
            return self._allowed(token, "contents", "write") or self._dispatch(repository, request)
        if found := re.fullmatch(r"/actions/workflows/([^/]+)/dispatches", path):
            return self._allowed(token, "actions", "write") or self._start(repository, found[1], request)
        if found := re.fullmatch(r"/actions/runs/(\d+)/deployment_protection_rule", path):
            return self._allowed(token, "deployments", "write") or self._review(repository, found[1], asked)
        if found := re.fullmatch(r"/actions/runs/(\d+)", path):
            attempt = self.attempts.get((repository.lower(), found[1]))
            missing = None if attempt else _error(404, "Not Found")
            told = httpx.Response(200, json={"id": int(found[1]), "run_attempt": attempt})
            return self._allowed(token, "actions", "read") or missing or told
        return _error(404, "Not Found")

    def _allowed(self, token: Token, name: str, level: str) -> httpx.Response | None:
        if token.permissions.get(name) in ("write", level):
            return None
        headers = {"x-accepted-github-permissions": f"{name}={level}"}
        return _error(403, "Resource not accessible by integration", headers)

    def _dispatch(self, repository: str, request: httpx.Request) -> httpx.Response:
        judged = judge(request.content, repository, "", "0", request.headers["x-github-api-version"])
        if judged.status == TAKEN:
            self.dispatched.append((repository, json.loads(request.content)))
        return httpx.Response(judged.status, content=judged.body)

    def _start(self, repository: str, workflow: str, request: httpx.Request) -> httpx.Response:
        declared = self.workflows.get((repository.lower(), workflow))
        if declared is None:
            return _error(404, "Not Found")
        run_id = str(4_711 + len(self.started))
        judged = judge(request.content, repository, workflow, run_id, request.headers["x-github-api-version"])
        asked = json.loads(request.content)
        if judged.status in (FOUND, TAKEN):
            inputs: dict[str, str] = asked["inputs"]
            if unexpected := [name for name in inputs if name not in declared]:
                return _error(422, f"Unexpected inputs provided: {json.dumps(unexpected)}")
            for name, is_required in declared.items():
                if is_required and not inputs.get(name):
                    return _error(422, f"Required input '{name}' not provided")
            self.started.append((repository, workflow, asked))
        return httpx.Response(judged.status, content=judged.body)

    def _review(self, repository: str, run_id: str, asked: dict[str, Any]) -> httpx.Response:
        place = (repository.lower(), run_id, asked["environment_name"])
        if place not in self.waiting or len(asked.get("comment", "")) > 1_024:
            return _error(422, "No pending custom deployment gate request to approve or reject")
        if "state" not in asked:
            if sum(each[:2] == (repository, run_id) for each in self.reports) >= 10:
                return _error(422, "Too many status reports")
            self.reports.append((repository, run_id, asked))
            return httpx.Response(TAKEN)
        if asked["state"] not in ("approved", "rejected"):
            return _error(422, "state must be approved or rejected")
        self.waiting.remove(place)
        self.verdicts.append((repository, run_id, asked))
        return httpx.Response(204)


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> httpx.Response:
    page = "https://docs.github.com/rest"
    body = {"message": message, "documentation_url": page, "status": str(status)}
    return httpx.Response(status, headers=headers, json=body)
