"""The chat: cards as they were posted, and the clicks that its servers carry to the relay.

A click takes the road that Microsoft's does: an HTTP POST of the card's own headers and body, with a bearer token that
the relay has to verify. Nothing here reaches into the relay.
"""

import json
import re
import secrets
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from relay.channels.messagecard import card as messagecard
from relay.core.errors import Refusal
from relay.core.request import read_form
from relay.simulator.entra import Entra
from relay.simulator.people import Person

TIMEOUT: Final = 15.0  # seconds that Outlook waits for an action's answer
PATH: Final = "/api/interactions/messagecard"
_KEPT: Final = 10
_INPUT: Final = re.compile(r"\{\{([A-Za-z0-9_-]+)\.value\}\}")
_HEADER: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(slots=True)
class Posted:
    """A card in the chat. `revision` counts what happened to it; `line` is the status line of the last click."""

    id: str
    request_id: str
    card: dict[str, Any]
    revision: int = 0
    line: dict[str, object] = field(default_factory=dict)
    standing: dict[str, object] = field(default_factory=dict)


class Chat:
    """The cards of one chat whose relay is at `origin`; `api_key` asks it for approvals."""

    def __init__(self, origin: str, *, api_key: str, entra: Entra) -> None:
        self._api_key = api_key
        self._entra = entra
        self._origin = origin
        self._relay = httpx.Client(base_url=origin, timeout=TIMEOUT, trust_env=False)
        self._lock = Lock()
        self._posted: list[Posted] = []

    def ask(self, form: Mapping[str, object]) -> Mapping[str, object]:
        """Register a request as a workflow does, and post its card. Return the relay's refusal, or {}."""
        try:
            answer = self._relay.post("/api/requests", json=form, headers={"x-relay-key": self._api_key})
        except httpx.TransportError:
            answer = httpx.Response(504)
        if answer.status_code != httpx.codes.CREATED:
            return _refusal(answer)
        registered = answer.json()
        now = int(time.time())
        try:
            request = read_form(form, issued_at=now, nonce=secrets.token_urlsafe(16), lifetime=1)
        except Refusal as refusal:
            return {"error": refusal.code, "message": refusal.message}
        ends = datetime.fromisoformat(str(registered["expires_at"])).timestamp()  # the relay's rule has the last word
        request = replace(request, expires_at=int(ends))
        card = messagecard.draw(request, target=self._origin + PATH, ticket=str(registered["ticket"]), proof="key")
        with self._lock:
            self._posted.insert(0, Posted(uuid.uuid4().hex, str(registered["id"]), card))
            del self._posted[_KEPT:]
        return {}

    def press(self, card_id: object, path: object, person: Person, inputs: Mapping[str, str]) -> None:
        """Press the HttpPOST action at `path` of a card. Raises ValueError where there is none that may be pressed."""
        with self._lock:
            posted = next((each for each in self._posted if each.id == card_id), None)
        if posted is None:
            raise ValueError("no such card")
        action = _action(posted.card, path)
        if urlsplit(str(action.get("target"))).path != PATH:
            raise ValueError("the simulator presses only the buttons of this relay")
        body = _INPUT.sub(lambda found: inputs.get(found[1], ""), str(action.get("body", "")))
        try:
            answer = self._relay.post(PATH, content=body.encode(), headers=self._headers(action, person))
        except httpx.TransportError:
            answer = httpx.Response(504)
        self._show(posted, person, answer)

    def cards(self) -> list[dict[str, object]]:
        """Return the cards, the newest first, each with what the relay says of its request."""
        with self._lock:
            posted = list(self._posted)
        for each in posted:
            self._look(each)
        return [
            {
                "id": each.id,
                "revision": each.revision,
                "card": each.card,
                "line": each.line,
                "standing": each.standing,
            }
            for each in posted
        ]

    def close(self) -> None:
        """Close the connections."""
        self._relay.close()

    def _headers(self, action: Mapping[str, Any], person: Person) -> dict[str, str]:
        headers = {
            str(each["name"]): str(each["value"])
            for each in action.get("headers", ())
            if _HEADER.fullmatch(str(each["name"]))
        }
        emptied = any(name.lower() == "authorization" for name in headers)
        token = f"Bearer {self._entra.token(person)}"
        return {
            **headers,
            "Content-Type": str(action.get("bodyContentType", "application/json")),
            "Action-Request-Id": str(uuid.uuid4()),
            # a card that sets Authorization itself gets the token in the other header
            ("Action-Authorization" if emptied else "Authorization"): token,
        }

    def _show(self, posted: Posted, person: Person, answer: httpx.Response) -> None:
        refreshed: object = None
        if answer.is_success and answer.headers.get("CARD-UPDATE-IN-BODY", "").lower() == "true":
            refreshed = _json(answer)
        with self._lock:
            if isinstance(refreshed, dict):
                posted.card = refreshed
            posted.line = {
                "text": answer.headers.get("CARD-ACTION-STATUS") or "The action could not be completed.",
                "good": answer.is_success,
                "by": person.name,
                "at": time.time(),
                "status": answer.status_code,
                "outcome": answer.headers.get("Relay-Outcome", ""),
            }
            posted.revision += 1

    def _look(self, posted: Posted) -> None:
        if posted.standing.get("status") in {"rejected", "expired", "superseded", "cancelled"}:
            return
        try:
            path = f"/api/requests/{posted.request_id}"
            answer = self._relay.get(path, headers={"x-relay-key": self._api_key})
        except httpx.TransportError:
            return
        standing = _json(answer)
        if answer.is_success and isinstance(standing, dict):
            posted.standing = {key: standing.get(key) for key in ("status", "stage", "dispatch")}


def _action(card: Mapping[str, Any], path: object) -> Mapping[str, Any]:
    found: Any = card
    if not isinstance(path, Sequence) or isinstance(path, str):
        raise ValueError("path must be a list")
    for step in path:
        known = isinstance(found, dict) and isinstance(step, str) and step in found
        if not known and not (isinstance(found, list) and type(step) is int and 0 <= step < len(found)):
            raise ValueError("no such action")
        found = found[step]
    if not isinstance(found, dict) or found.get("@type") != "HttpPOST":
        raise ValueError("no such action")
    return found


def _json(answer: httpx.Response) -> object:
    try:
        return json.loads(answer.content)
    except ValueError:
        return None


def _refusal(answer: httpx.Response) -> dict[str, object]:
    said = _json(answer)
    message = said.get("message") if isinstance(said, dict) else None
    return {"error": answer.status_code, "message": message or f"The relay answers {answer.status_code}."}
