"""A client of the relay, as workflows and chats reach it: over HTTP, with a key or a token, and in no other way."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import httpx

from relay.dev.simulator.answers import NotTaken, read_json

TIMEOUT: Final = 15.0  # seconds that Outlook waits for an action's answer, and Teams for a bot's
PRESSES: Final = "/api/interactions/messagecard"
_ACTIVITIES: Final = "/api/interactions/teams"
_SLACK: Final = "/api/interactions/slack"
_SLASH: Final = "/api/commands/slack"
_REQUESTS: Final = "/api/requests"
_CREATED: Final = 201
_OURS: Final = 401  # to the page it would mean its own token
_FAILED: Final = 400
_SHOWN: Final = ("id", "status", "stage", "reviews", "dispatch", "run", "reruns")


class RelayApi:
    """Calls the relay at `origin`, with `api_key` for requests."""

    def __init__(self, origin: str, api_key: str) -> None:
        self._key = {"x-relay-key": api_key}
        self._client = httpx.Client(base_url=origin, timeout=TIMEOUT, trust_env=False)

    def register(self, form: Mapping[str, object], token: str = "") -> Mapping[str, object]:
        """Make a request by a job's `token`, or by the key without one. Raises NotTaken with the relay's reason."""
        proof = {"Authorization": f"Bearer {token}"} if token else self._key
        headers = {**proof, "Content-Type": "application/json"}
        answer = self._ask("POST", _REQUESTS, headers=headers, content=json.dumps(form).encode())
        found = read_object(answer)
        if answer.status_code != _CREATED:
            message = found.get("message") or f"The relay answers {answer.status_code}."
            status = 502 if answer.status_code < _FAILED or answer.status_code == _OURS else answer.status_code
            raise NotTaken(status, str(message), str(found.get("field", "")))
        return found

    def request(self, request_id: str) -> Mapping[str, object] | None:
        """Return a request as the relay describes it, or None if it does not."""
        answer = self._ask("GET", f"{_REQUESTS}/{request_id}", headers=self._key)
        return read_object(answer) if answer.is_success else None

    def press(self, headers: Mapping[str, str], body: str) -> httpx.Response:
        """Send a press to the relay and return its answer, or 504 if there is none."""
        return self._ask("POST", PRESSES, headers=headers, content=body.encode(errors="replace"))

    def activity(self, token: str, body: str) -> httpx.Response:
        """Send an activity of Teams to the relay and return its answer, or 504 if there is none."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        return self._ask("POST", _ACTIVITIES, headers=headers, content=body.encode(errors="replace"))

    def slack(self, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        """Send a press in Slack to the relay and return its answer, or 504 if there is none."""
        return self._ask("POST", _SLACK, headers=headers, content=body)

    def slash_command(self, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        """Send a slash command of Slack to the relay and return its answer, or 504 if there is none."""
        return self._ask("POST", _SLASH, headers=headers, content=body)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask(
        self, method: str, path: str, *, headers: Mapping[str, str], content: bytes | None = None
    ) -> httpx.Response:
        try:
            return self._client.request(method, path, headers=headers, content=content)
        except httpx.TransportError:
            return httpx.Response(504)


class RequestStates:
    """The state of each shown request, asked of the relay again until it is final."""

    def __init__(self, relay: RelayApi) -> None:
        self._relay = relay
        self._known: dict[str, dict[str, Any]] = {}

    def of(self, request_ids: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return the state of each request that the relay knows, and forget all others."""
        self._known = {each: known for each in request_ids if (known := self._look(each))}
        return self._known

    def _look(self, request_id: str) -> dict[str, Any]:
        known = self._known.get(request_id, {})
        if _is_final(known):
            return known
        found = self._relay.request(request_id)
        return {key: found.get(key) for key in _SHOWN} if found else known


def _is_final(state: Mapping[str, Any]) -> bool:
    dispatch, run = state.get("dispatch"), state.get("run")
    ran = isinstance(run, dict) and run.get("status") == "success"
    nothing = isinstance(dispatch, dict) and dispatch.get("status") == "none"
    return (ran or nothing) and state.get("status") != "pending"


def read_object(answer: httpx.Response) -> Mapping[str, object]:
    """Return the JSON object of an answer, or an empty one if there is none."""
    try:
        found = read_json(answer.content)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
