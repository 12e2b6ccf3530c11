"""A GitHub that takes repository dispatches, checks what GitHub checks, and can be made to fail.

https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event
"""

import hmac
import json
import re
import time
from collections import deque
from collections.abc import Mapping
from threading import Lock
from typing import Final

from relay.simulator.answers import Answer, json_answer

HEALTHY: Final = "healthy"
MODES: Final = {HEALTHY: "Healthy", "failing": "Answers 500", "forbidden": "Permission missing"}
MAX_BODY: Final = 1024 * 1024
_MAX_CHARACTERS: Final = 65_535
_MAX_KEYS: Final = 10
_MAX_EVENT_TYPE: Final = 100
_KEPT: Final = 50
_PATH: Final = re.compile(r"/repos/([^/]+/[^/]+)/dispatches")
_SHOWN: Final = ("accept", "content-type", "user-agent", "x-github-api-version")
_DOCS: Final = "https://docs.github.com/rest"


class GitHub:
    """Believes `token` alone. What it received is kept in memory, without the token."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._lock = Lock()
        self._received: deque[dict[str, object]] = deque(maxlen=_KEPT)
        self._count = 0
        self._mode = HEALTHY

    @property
    def mode(self) -> str:
        """Return how it behaves now."""
        return self._mode

    def switch(self, mode: object) -> None:
        """Behave as one of `MODES` from now on. Raises ValueError for another."""
        if not isinstance(mode, str) or mode not in MODES:
            raise ValueError("mode must be " + ", ".join(MODES))
        self._mode = mode

    def received(self) -> list[dict[str, object]]:
        """Return what came, the newest first: number, at (Unix seconds), repository, headers, body, status, said."""
        with self._lock:
            return list(reversed(self._received))

    def take(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a call; `path` is what follows the base address, header names are in lower case."""
        found = _PATH.fullmatch(path)
        if not found or method != "POST":
            return _said(404, "Not Found")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), self._token.encode()):
            return _said(401, "Bad credentials")
        answer = self._judge(headers, body)
        self._keep(found[1], headers, body, answer)
        return answer

    def _judge(self, headers: Mapping[str, str], body: bytes) -> Answer:
        if not headers.get("user-agent"):
            return _said(
                403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent"
            )
        if self._mode == "failing":
            return _said(500, "Server Error")
        if self._mode == "forbidden":
            answer = _said(403, "Resource not accessible by personal access token")
            return Answer(
                answer.status, {**answer.headers, "X-Accepted-GitHub-Permissions": "contents=write"}, answer.body
            )
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return _said(400, "Problems parsing JSON")
        if not isinstance(asked, dict):
            return _said(400, "Body should be a JSON object")
        trouble = _trouble(asked, len(body.decode(errors="replace")))
        return _said(422, trouble) if trouble else Answer(204, {}, b"")

    def _keep(self, repository: str, headers: Mapping[str, str], body: bytes, answer: Answer) -> None:
        shown = {name: headers[name] for name in _SHOWN if name in headers}
        with self._lock:
            self._count += 1
            self._received.append(
                {
                    "number": self._count,
                    "at": time.time(),
                    "repository": repository,
                    "headers": {**shown, "authorization": "Bearer (not kept)"},
                    "body": _readable(body),
                    "status": answer.status,
                    "said": str(json.loads(answer.body)["message"]) if answer.body else "",
                }
            )


def _trouble(asked: Mapping[str, object], characters: int) -> str:
    event_type, payload = asked.get("event_type"), asked.get("client_payload", {})
    if not isinstance(event_type, str) or not 1 <= len(event_type) <= _MAX_EVENT_TYPE:
        return "Invalid request.\n\nevent_type must be a string of 1 to 100 characters."
    if not isinstance(payload, dict):
        return "Invalid request.\n\nclient_payload must be an object."
    if len(payload) > _MAX_KEYS:
        return f"No more than {_MAX_KEYS} properties are allowed; {len(payload)} were supplied."
    return "client_payload is too large." if characters >= _MAX_CHARACTERS else ""


def _readable(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")


def _said(status: int, message: str) -> Answer:
    return json_answer(status, {"message": message, "documentation_url": _DOCS, "status": str(status)})
