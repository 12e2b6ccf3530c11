"""The relay, as workflows and chats reach it: over HTTP, with a key or a token, and in no other way."""

import json
from collections.abc import Mapping
from typing import Final

import httpx

from relay.dev.simulator.answers import NotTaken, read_json

TIMEOUT: Final = 15.0  # seconds that Outlook waits for an action's answer, and Teams for a bot's
PRESSES: Final = "/api/interactions/messagecard"
_ACTIVITIES: Final = "/api/interactions/teams"
_REQUESTS: Final = "/api/requests"
_CREATED: Final = 201
_OURS: Final = 401  # to the page it would mean its own token
_FAILED: Final = 400


class RelayApi:
    """Calls the relay at `origin`; `api_key` asks it for approvals."""

    def __init__(self, origin: str, api_key: str) -> None:
        self._key = {"x-relay-key": api_key}
        self._client = httpx.Client(base_url=origin, timeout=TIMEOUT, trust_env=False)

    def register(self, form: Mapping[str, object]) -> Mapping[str, object]:
        """Ask for an approval and return the new request. Raises NotTaken, as the relay refuses it."""
        headers = {**self._key, "Content-Type": "application/json"}
        answer = self._ask("POST", _REQUESTS, headers=headers, content=json.dumps(form).encode())
        said = read_object(answer)
        if answer.status_code != _CREATED:
            message = said.get("message") or f"The relay answers {answer.status_code}."
            status = 502 if answer.status_code < _FAILED or answer.status_code == _OURS else answer.status_code
            raise NotTaken(status, str(message), str(said.get("field", "")))
        return said

    def standing(self, request_id: str) -> Mapping[str, object] | None:
        """Return what the relay says of a request, None where it says nothing."""
        answer = self._ask("GET", f"{_REQUESTS}/{request_id}", headers=self._key)
        return read_object(answer) if answer.is_success else None

    def press(self, headers: Mapping[str, str], body: str) -> httpx.Response:
        """Carry a press to the relay and return its answer, 504 where there is none."""
        return self._ask("POST", PRESSES, headers=headers, content=body.encode(errors="replace"))

    def activity(self, token: str, body: str) -> httpx.Response:
        """Carry an activity of Teams to the relay and return its answer, 504 where there is none."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        return self._ask("POST", _ACTIVITIES, headers=headers, content=body.encode(errors="replace"))

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


def read_object(answer: httpx.Response) -> Mapping[str, object]:
    """Return the JSON object of an answer, an empty one where there is none."""
    try:
        found = read_json(answer.content)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
