"""The chat: cards as they were posted, and the clicks that its servers carry to the relay.

A click takes the road that Microsoft's does: an HTTP POST of the card's own headers and body, with a bearer token that
the relay has to verify. Nothing here reaches into the relay.
"""

import secrets
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, Final, Literal

import httpx

from relay.channels.messagecard import card as messagecard
from relay.channels.messagecard import limits
from relay.core.errors import Refusal
from relay.core.model import ApprovalRequest
from relay.core.request import read_form
from relay.simulator.answers import NotTaken
from relay.simulator.cards import action_at, fill, headers_of, request_of
from relay.simulator.entra import Entra
from relay.simulator.people import Person
from relay.simulator.relay_api import PRESSES, RelayApi, read_object

_KEPT: Final = 20
_LIFETIME: Final = 86_400
_SHOWN: Final = ("id", "status", "stage", "reviews", "dispatch")


@dataclass(slots=True)
class Posted:
    """A card in the chat. `revision` counts what happened to it; `line` is the status line of the last click."""

    source: Literal["request", "webhook"]
    card: dict[str, Any]
    request_id: str = ""
    requested_by: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    at: float = field(default_factory=time.time)
    revision: int = 0
    line: dict[str, object] = field(default_factory=dict)
    standing: dict[str, Any] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """Tell whether the relay's word on the request is its last."""
        dispatch = self.standing.get("dispatch")
        paid = isinstance(dispatch, dict) and dispatch.get("status") in {"none", "delivered"}
        return not self.request_id or (paid and self.standing.get("status") != "pending")


class Chat:
    """The cards of one chat; `origins` are the relay's own, where buttons may press, the first for its new cards.

    `told` is called when something has changed.
    """

    def __init__(self, relay: RelayApi, entra: Entra, origins: Collection[str], told: Callable[[], None]) -> None:
        self._relay = relay
        self._entra = entra
        self._origins = origins
        self._told = told
        self._lock = Lock()
        self._posted: list[Posted] = []

    def ask(self, form: Mapping[str, object], target: str) -> None:
        """Do as `relay send` does: register a request and post its card, or post a notification.

        `target` is the origin that the buttons press at. Raises NotTaken, as the relay refuses it.
        """
        notification = not form.get("event_type")
        registered: Mapping[str, object] = {} if notification else self._relay.register(form)
        request = _read(form, ("title",) if notification else ("repository", "title"))
        if registered:  # the relay's rule has the last word on how long it may be pressed
            ends = datetime.fromisoformat(str(registered["expires_at"])).timestamp()
            request = replace(request, expires_at=int(ends))
        ticket = str(registered.get("ticket", ""))
        card = messagecard.draw(request, target=target + PRESSES, ticket=ticket, proof="key")
        for problem in limits.check(card) if notification else ():  # the relay has looked at the others
            raise NotTaken(400, f"As a card, {problem}.", _field(problem))
        self._post(Posted("request", card, str(registered.get("id", "")), request.requested_by))

    def receive(self, card: dict[str, Any]) -> None:
        """Take a card as it was posted to the chat's webhook."""
        self._post(Posted("webhook", card, request_of(card, self._origins)))

    def press(self, card_id: object, path: object, person: Person, inputs: Mapping[str, str]) -> None:
        """Press the HttpPOST action at `path` of a card. Raises NotTaken where there is none that may be pressed."""
        with self._lock:
            posted = next((each for each in self._posted if each.id == card_id), None)
        if posted is None:
            raise NotTaken(400, "no such card")
        action = action_at(posted.card, path, self._origins)
        answer = self._relay.press(self._headers(action, person), fill(action.get("body", ""), inputs))
        self._show(posted, person, answer)
        self._told()

    def cards(self) -> list[dict[str, object]]:
        """Return the cards, the newest first, each with what the relay says of its request by now."""
        with self._lock:
            posted = list(self._posted)
        for each in posted:
            self._look(each)
        with self._lock:
            return [_shown(each) for each in posted]

    def _post(self, posted: Posted) -> None:
        with self._lock:
            self._posted.insert(0, posted)
            del self._posted[_KEPT:]
        self._told()

    def _headers(self, action: Mapping[str, Any], person: Person) -> dict[str, str]:
        headers = headers_of(action)
        emptied = any(name.lower() == "authorization" for name in headers)
        form = action.get("bodyContentType") == "application/x-www-form-urlencoded"
        return {
            **headers,
            "Content-Type": "application/x-www-form-urlencoded" if form else "application/json",
            "Action-Request-Id": str(uuid.uuid4()),
            # a card that sets Authorization itself gets the token in the other header
            ("Action-Authorization" if emptied else "Authorization"): f"Bearer {self._entra.token(person)}",
        }

    def _show(self, posted: Posted, person: Person, answer: httpx.Response) -> None:
        updated = answer.is_success and answer.headers.get("CARD-UPDATE-IN-BODY", "").lower() == "true"
        refreshed = read_object(answer) if updated else {}
        with self._lock:
            if refreshed:
                posted.card = dict(refreshed)
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
        found = None if posted.settled else self._relay.standing(posted.request_id)
        if found:
            posted.standing = {key: found.get(key) for key in _SHOWN}


def _read(form: Mapping[str, object], required: Collection[str]) -> ApprovalRequest:
    try:
        nonce = secrets.token_urlsafe(16)
        return read_form(form, issued_at=int(time.time()), nonce=nonce, lifetime=_LIFETIME, required=required)
    except Refusal as refusal:
        raise NotTaken(400, refusal.message, refusal.field) from None


def _field(problem: str) -> str:
    if problem.startswith("sections"):
        return "sections"
    return "actions" if problem.startswith("potentialAction") else "text"


def _shown(posted: Posted) -> dict[str, object]:
    return {
        "id": posted.id,
        "revision": posted.revision,
        "source": posted.source,
        "at": posted.at,
        "card": posted.card,
        "line": posted.line,
        "request": {**posted.standing, "requested_by": posted.requested_by} if posted.standing else None,
    }
