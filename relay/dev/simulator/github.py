"""A GitHub that takes repository dispatches, checks them as GitHub does, and can be made to fail.

https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event
"""

import hmac
import json
import re
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from threading import Event, Lock
from typing import Final

from relay.dev.simulator.answers import Answer, NotTaken, read_json
from relay.dev.simulator.github_modes import (
    DOWN,
    HEALTHY,
    MODES,
    SLOW,
    SLOWNESS,
    TAKEN_502,
    github_error,
    rate_limit_headers,
    refusal,
)

MAX_BODY: Final = 1024 * 1024
_MAX_CHARACTERS: Final = 65_535
_MAX_KEYS: Final = 10
_MAX_EVENT_TYPE: Final = 100
_KEPT: Final = 30
_TAKEN: Final = 204
_PATH: Final = re.compile(r"/repos/([^/]+/[^/]+)/dispatches")
_SHOWN: Final = ("accept", "content-type", "user-agent", "x-github-api-version")


class GitHub:
    """Accepts `token` alone. Dispatches are kept in memory without the token. `on_change` is called for each."""

    def __init__(self, token: str, on_change: Callable[[], None], *, slowness: float = SLOWNESS) -> None:
        self._token = token
        self._on_change = on_change
        self._slowness = slowness
        self._closed = Event()
        self._lock = Lock()
        self._received: deque[dict[str, object]] = deque(maxlen=_KEPT)
        self._count = 0
        self._mode = HEALTHY

    @property
    def mode(self) -> str:
        """Return the present mode."""
        return self._mode

    def switch(self, mode: object) -> None:
        """Change the mode to one of `MODES`. Raises NotTaken for any other."""
        if not isinstance(mode, str) or mode not in MODES:
            raise NotTaken(400, "mode must be " + ", ".join(MODES), "mode")
        self._mode = mode
        self._on_change()

    def received(self) -> list[dict[str, object]]:
        """Return the dispatches, the newest first, in the form that the page expects."""
        with self._lock:
            return [dict(each) for each in reversed(self._received)]

    def unverified(self) -> dict[str, object] | None:
        """Return the oldest approved dispatch that was taken and is not verified yet."""
        with self._lock:
            return next((dict(each) for each in self._received if each["verify"] is None and _is_approval(each)), None)

    def verified(self, number: object, verdict: Mapping[str, object]) -> None:
        """Store the result of `relay verify` with its dispatch."""
        with self._lock:
            for each in self._received:
                if each["number"] == number:
                    each["verify"] = dict(verdict)
        self._on_change()

    def close(self) -> None:
        """End all waiting for slow answers."""
        self._closed.set()

    def take(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a call. `path` follows the base address, and header names are in lower case.

        Raises ConnectionAbortedError if the mode gives no answer at all.
        """
        mode, at = self._mode, time.time()
        answer = self._judge(mode, method, path, headers, body)
        found = _PATH.fullmatch(path)
        if found and method == "POST" and self._believes(headers):
            answer, taken = _apply_mode(mode, answer)
            if taken and mode == SLOW:
                self._closed.wait(self._slowness)
            self._keep(at, found[1], headers, body, answer, taken=taken)
            self._on_change()
        if mode == DOWN:
            raise ConnectionAbortedError
        return Answer(answer.status, {**answer.headers, **self._common(mode)}, answer.body)

    def _judge(self, mode: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if not headers.get("user-agent"):
            return github_error(
                403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent"
            )
        if not self._believes(headers):
            return github_error(401, "Bad credentials")
        if method != "POST" or not _PATH.fullmatch(path):
            return github_error(404, "Not Found")
        return refusal(mode) or _judge_body(body)

    def _believes(self, headers: Mapping[str, str]) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.encode(), self._token.encode())

    def _common(self, mode: str) -> dict[str, str]:
        return {
            **rate_limit_headers(mode, self._count, time.time()),
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Request-Id": uuid.uuid4().hex.upper(),
        }

    def _keep(
        self, at: float, repository: str, headers: Mapping[str, str], body: bytes, answer: Answer, *, taken: bool
    ) -> None:
        shown = {name: headers[name] for name in _SHOWN if name in headers}
        with self._lock:
            self._count += 1
            self._received.append(
                {
                    "number": self._count,
                    "at": at,
                    "repository": repository,
                    "headers": {**shown, "authorization": "Bearer (not kept)"},
                    "body": _readable(body),
                    "status": answer.status,
                    "said": str(json.loads(answer.body)["message"]) if answer.body else "",
                    "taken": taken,
                    "verify": None,
                }
            )


def _apply_mode(mode: str, answer: Answer) -> tuple[Answer, bool]:
    """Return the answer in this mode, and whether the dispatch is taken. Status 0 means no answer."""
    if mode == DOWN:
        return github_error(0, "The connection was cut without an answer."), False
    taken = answer.status == _TAKEN
    return github_error(502, "Server Error") if taken and mode == TAKEN_502 else answer, taken


def _judge_body(body: bytes) -> Answer:
    try:
        asked = read_json(body)
    except ValueError:
        return github_error(400, "Problems parsing JSON")
    if not isinstance(asked, dict):
        return github_error(400, "Body should be a JSON object")
    trouble = _trouble(asked, len(body.decode(errors="replace")))
    return github_error(422, trouble) if trouble else Answer(_TAKEN)


def _trouble(asked: Mapping[str, object], characters: int) -> str:
    event_type, payload = asked.get("event_type"), asked.get("client_payload", {})
    if not isinstance(event_type, str) or not 1 <= len(event_type) <= _MAX_EVENT_TYPE:
        return "Invalid request.\n\nevent_type must be a string of 1 to 100 characters."
    if not isinstance(payload, dict):
        return "Invalid request.\n\nclient_payload must be an object."
    if len(payload) > _MAX_KEYS:
        return f"No more than {_MAX_KEYS} properties are allowed; {len(payload)} were supplied."
    return "client_payload is too large." if characters >= _MAX_CHARACTERS else ""


def _is_approval(received: Mapping[str, object]) -> bool:
    body = received["body"]
    payload = body.get("client_payload") if isinstance(body, dict) else None
    return bool(received["taken"]) and isinstance(payload, dict) and isinstance(payload.get("approval"), dict)


def _readable(body: bytes) -> object:
    try:
        return read_json(body)
    except ValueError:
        return body.decode(errors="replace")
