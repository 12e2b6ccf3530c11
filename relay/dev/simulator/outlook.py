"""Outlook: cards that came by mail, and presses on them, which its servers send to the relay.

A press is an HTTP POST with the headers and body of the card, as Microsoft sends it. It has a bearer token that the
relay must verify.
https://learn.microsoft.com/outlook/actionable-messages/message-card-reference#httppost-action
https://learn.microsoft.com/outlook/actionable-messages/adaptive-card#actionhttp
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Any, Final

import httpx

from relay.dev.simulator.answers import NotTaken
from relay.dev.simulator.cards import action_at, fill, headers_of, is_ours, kind, request_of, title_of
from relay.dev.simulator.entra import Entra
from relay.dev.simulator.people import Person
from relay.dev.simulator.posted_cards import Board, Card, Posted
from relay.dev.simulator.relay_api import RelayApi, read_object

WHERE: Final = "Outlook"
_FORM: Final = "application/x-www-form-urlencoded"


class Outlook:
    """The mailbox of the chosen person. `origins` belong to the relay: buttons may call these alone."""

    def __init__(self, board: Board, relay: RelayApi, entra: Entra, origins: Collection[str]) -> None:
        self._board = board
        self._relay = relay
        self._entra = entra
        self._origins = origins

    def request(self, card: Card) -> None:
        """Take the card of a request that the page made."""
        self._post(Posted("request", "outlook", WHERE, card))

    def webhook(self, card: Card) -> None:
        """Take a card that was posted to the webhook."""
        self._post(Posted("webhook", "outlook", WHERE, card))

    def mail(self, card: Card, html: str, subject: str, to: str = "") -> None:
        """Take a mail with a card in it. Without a recipient it is for the chosen person."""
        self._post(Posted("mail", "outlook", WHERE, card, mail=html, subject=subject, to=to))

    def press(self, posted: Posted, path: object, person: Person, inputs: Mapping[str, str]) -> None:
        """Press the action at `path` of a card. Raises NotTaken if it cannot be pressed."""
        action = action_at(posted.shown_to(person.key), path)
        if kind(action) not in {"HttpPOST", "Action.Http"}:
            raise NotTaken(400, "no such action")
        if not is_ours(action, self._origins):
            raise NotTaken(400, "the simulator presses only the buttons of this relay")
        answer = self._relay.press(self._headers(action, person, inputs), fill(action.get("body", ""), inputs))
        line = {
            "text": answer.headers.get("CARD-ACTION-STATUS") or "The action could not be completed.",
            "good": answer.is_success,
            "by": person.name,
            "status": answer.status_code,
            "outcome": answer.headers.get("Relay-Outcome", ""),
        }
        self._board.answer(posted, person.key, _updated(answer), line)

    def opened(self, posted: Posted, person: Person) -> None:
        """Open a mail: Outlook invokes the auto-invoke action of the card, and shows the card of the answer.

        https://learn.microsoft.com/outlook/actionable-messages/auto-invoke
        """
        action, edition = posted.shown_to(person.key).get("autoInvokeAction"), posted.edition
        if not isinstance(action, dict) or not is_ours(action, self._origins):
            return
        card = _updated(self._relay.press(self._headers(action, person, {}), fill(action.get("body", ""), {})))
        if card is not None:
            self._board.refresh(posted, person.key, card, edition)

    def _post(self, posted: Posted) -> None:
        posted.title = title_of(posted.card) or posted.subject
        posted.request_id = request_of(posted.card, self._origins)
        self._board.post(posted)

    def _headers(self, action: Mapping[str, Any], person: Person, inputs: Mapping[str, str]) -> dict[str, str]:
        adaptive = kind(action) == "Action.Http"
        headers = headers_of(action, inputs if adaptive else None)
        emptied = any(name.lower() == "authorization" for name in headers)
        form = _FORM in {action.get("bodyContentType"), headers_of(action, ours=()).get("Content-Type")}
        return {
            **headers,
            "Content-Type": _FORM if form else "application/json",
            "Action-Request-Id": str(uuid.uuid4()),
            # a card that sets Authorization itself gets the token in the other header
            ("Action-Authorization" if emptied else "Authorization"): f"Bearer {self._entra.token(person)}",
        }


def _updated(answer: httpx.Response) -> Card | None:
    updated = answer.is_success and answer.headers.get("CARD-UPDATE-IN-BODY", "").lower() == "true"
    return dict(read_object(answer)) or None if updated else None
