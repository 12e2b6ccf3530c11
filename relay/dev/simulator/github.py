"""A GitHub that takes dispatches of events and of workflows, checks them as GitHub does, and can be made to fail.

https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event
"""

import hmac
import json
import re
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from itertools import count
from threading import Event, Lock
from types import MappingProxyType
from typing import Final

from relay.dev.simulator.answers import Answer, NotTaken, read_json
from relay.dev.simulator.dispatch_bodies import VERSIONS, approval_of, judge
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
from relay.dev.simulator.github_reads import read

MAX_BODY: Final = 1024 * 1024
_KEPT: Final = 30
_TAKEN: Final = (200, 204)
_INVALID: Final = 422
_QUESTION: Final = b"{}"  # the doctor asks so whether a dispatch would be taken
_PATH: Final = re.compile(r"/repos/([^/]+/[^/]+)(?:/actions/workflows/([^/]+))?/dispatches")
_FIRST_RUN: Final = 18_200_400_001
_SHOWN: Final = ("accept", "content-type", "user-agent", "x-github-api-version")


class GitHub:
    """Accepts `token` alone. Dispatches are kept in memory without the token. `on_change` is called for each."""

    def __init__(
        self,
        token: str,
        on_change: Callable[[], None],
        *,
        slowness: float = SLOWNESS,
        accounts: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._token = token
        self._on_change = on_change
        self._slowness = slowness
        self._accounts = accounts
        self._closed = Event()
        self._lock = Lock()
        self._received: deque[dict[str, object]] = deque(maxlen=_KEPT)
        self._count = 0
        self._run_ids = count(_FIRST_RUN)
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
            waiting = (each for each in self._received if each["taken"] and each["verify"] is None)
            return next((dict(each) for each in waiting if approval_of(each["body"]) is not None), None)

    def verified(self, number: object, verdict: Mapping[str, object]) -> None:
        """Store the result of `relay verify` with its dispatch."""
        with self._lock:
            for each in self._received:
                if each["number"] == number:
                    each["verify"] = dict(verdict)
        self._on_change()

    def ran(self, number: object, run: Mapping[str, object]) -> None:
        """Store how the run of a dispatch goes."""
        with self._lock:
            for each in self._received:
                if each["number"] == number:
                    each["run"] = dict(run)
        self._on_change()

    def close(self) -> None:
        """End all waiting for slow answers."""
        self._closed.set()

    def take(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a call. `path` follows the base address, and header names are in lower case.

        Raises ConnectionAbortedError if the mode gives no answer at all.
        """
        mode, at, run_id = self._mode, time.time(), str(next(self._run_ids))
        answer = self._judge(mode, method, path, headers, body, run_id)
        found = _PATH.fullmatch(path)
        asks = body.strip() == _QUESTION and answer.status == _INVALID
        if found and method == "POST" and self._believes(headers) and not asks:
            answer, taken = _apply_mode(mode, answer)
            if taken and mode == SLOW:
                self._closed.wait(self._slowness)
            self._keep(at, found, headers, body, answer, run_id if taken else "")
            self._on_change()
        if mode == DOWN:
            raise ConnectionAbortedError
        return Answer(answer.status, {**answer.headers, **self._common(mode)}, answer.body)

    def in_mode(self, answer: Callable[[], Answer]) -> Answer:
        """Return the answer to a call of the relay's App, which is not asked for if the present mode takes nothing.

        Raises ConnectionAbortedError if the mode gives no answer at all.
        """
        mode = self._mode
        if mode == DOWN:
            raise ConnectionAbortedError
        if mode == SLOW:
            self._closed.wait(self._slowness)
        changed = refusal(mode) or answer()
        return Answer(changed.status, {**changed.headers, **self._common(mode)}, changed.body)

    def _judge(self, mode: str, method: str, path: str, headers: Mapping[str, str], body: bytes, run_id: str) -> Answer:
        if not headers.get("user-agent"):
            return github_error(
                403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent"
            )
        version = headers.get("x-github-api-version", VERSIONS[0])
        if version not in VERSIONS:
            return github_error(400, f"The API version {version} is not supported.")
        if not self._believes(headers):
            return github_error(401, "Bad credentials")
        if method == "GET" and (told := read(path, self._accounts)):
            return told
        found = _PATH.fullmatch(path)
        if method != "POST" or not found:
            return github_error(404, "Not Found")
        return refusal(mode) or judge(body, found[1], found[2] or "", run_id, version)

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
        self, at: float, call: re.Match[str], headers: Mapping[str, str], body: bytes, answer: Answer, run_id: str
    ) -> None:
        shown = {name: headers[name] for name in _SHOWN if name in headers}
        with self._lock:
            self._count += 1
            self._received.append(
                {
                    "number": self._count,
                    "at": at,
                    "repository": call[1],
                    "workflow": call[2] or "",
                    "headers": {**shown, "authorization": "Bearer (not kept)"},
                    "body": _readable(body),
                    "status": answer.status,
                    "said": str(json.loads(answer.body).get("message", "")) if answer.body else "",
                    "taken": bool(run_id),
                    "run_id": run_id,
                    "verify": None,
                    "run": None,
                }
            )


def _apply_mode(mode: str, answer: Answer) -> tuple[Answer, bool]:
    """Return the answer in this mode, and whether the dispatch is taken. Status 0 means no answer."""
    if mode == DOWN:
        return github_error(0, "The connection was cut without an answer."), False
    taken = answer.status in _TAKEN
    return github_error(502, "Server Error") if taken and mode == TAKEN_502 else answer, taken


def _readable(body: bytes) -> object:
    try:
        return read_json(body)
    except ValueError:
        return body.decode(errors="replace")
