"""A Workflows webhook of Teams: it takes any JSON, and then its flow posts the card or fails.

The trigger answers 202 as soon as it has JSON, so only the run of the flow shows that Teams cannot post a card.
https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
https://learn.microsoft.com/connectors/teams
"""

import hmac
import secrets
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from relay.chats.checks import size_as_text
from relay.dev.simulator.answers import Answer, NotTaken, json_answer, read_json
from relay.dev.simulator.cards import ADAPTIVE, kind, message_card_fault, request_of, title_of
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.posted_cards import Board, Posted

PATH: Final = "/simulator/workflows/"
WHERE: Final = "Teams, by a workflow"
MAX_MESSAGE: Final = 28 * 1024  # bytes
_MAX_BODY: Final = 256 * 1024  # bytes, to be read at all
_REST: Final = "/triggers/manual/paths/invoke"


class Workflows:
    """The webhook of one channel, at a secret address. `origins` belong to the relay."""

    def __init__(self, origin: str, board: Board, origins: Collection[str]) -> None:
        self._board = board
        self._origins = origins
        self._path = f"{PATH}{secrets.token_hex(16)}{_REST}"
        self._signature = secrets.token_urlsafe(32)
        query = {"api-version": "1", "sp": "/triggers/manual/run", "sv": "1.0", "sig": self._signature}
        self.url = f"{origin}{self._path}?{urlencode(query)}"

    def take(self, call: Call) -> Answer:
        """Take a message for the webhook. The answer is 202 even if the flow fails."""
        if call.method != "POST" or not hmac.compare_digest(call.path.encode(), self._path.encode()):
            return _refused(404, "WorkflowNotFound", "The workflow could not be found.")
        if not hmac.compare_digest(call.query.get("sig", "").encode(), self._signature.encode()):
            return _refused(401, "DirectApiAuthorizationRequired", "The signature of the address is missing or wrong.")
        body = call.body(_MAX_BODY)
        try:
            message = read_json(body) if len(body) <= _MAX_BODY else None
        except ValueError:
            message = None
        if not isinstance(message, dict):
            return _refused(400, "TriggerInputSchemaMismatch", "The body is no JSON object.")
        self._run(message, len(body))
        return Answer(202)

    def deliver(self, message: Mapping[str, Any], title: str) -> None:
        """Have the flow post a message of the page. Raises NotTaken if it cannot."""
        cards, trouble = _cards(message)
        if trouble:
            raise NotTaken(400, trouble)
        for card in cards:
            self._post(card, title)

    def _run(self, message: Mapping[str, Any], size: int) -> None:
        """Run the flow, which posts each card or fails."""
        cards, trouble = _cards(message)
        if size > MAX_MESSAGE:
            trouble = f"RequestEntityTooLarge: the message has {size} bytes, and Teams takes {MAX_MESSAGE} (28 KB)."
        for stored in map(size_as_text, cards):
            if stored > MAX_MESSAGE:
                trouble = f"message properties size: {stored} bytes, max allowed {MAX_MESSAGE} (28 KB, as a string)."
        if trouble:
            failed = Posted("webhook", "workflows", WHERE, {}, "A flow that failed", failed=trouble)
            self._board.post(failed)
            return
        for card in cards:
            self._post(card, title_of(card))

    def _post(self, card: dict[str, Any], title: str) -> None:
        self._board.post(Posted("webhook", "workflows", WHERE, card, title, request_of(card, self._origins)))


def _cards(message: Mapping[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """Return the cards of a message as the template of the flow finds them, and the reason if it finds none."""
    if message.get("@type") == "MessageCard":
        fault = message_card_fault(message)
        return ([], fault) if fault else ([dict(message)], "")
    attachments = message.get("attachments")
    if not isinstance(attachments, list) or not attachments:
        bare = " This is a bare card: put it into an envelope." if kind(message) == "AdaptiveCard" else ""
        return [], f"The flow loops over attachments, and the message has none.{bare}"
    if message.get("type") != "message":
        return [], 'The envelope lacks "type": "message".'
    cards = [_card(each) for each in attachments]
    found = [each for each in cards if each]
    if len(found) < len(cards):
        return [], f'Every attachment needs "contentType": "{ADAPTIVE}" and an Adaptive Card as its content.'
    return found, ""


def _card(attachment: object) -> dict[str, Any] | None:
    content = attachment.get("content") if isinstance(attachment, dict) else None
    if not isinstance(attachment, dict) or attachment.get("contentType") != ADAPTIVE:
        return None
    is_card = isinstance(content, dict) and content.get("type") == "AdaptiveCard" and "version" in content
    return content if is_card and isinstance(content, dict) else None


def _refused(status: int, code: str, message: str) -> Answer:
    return json_answer(status, {"error": {"code": code, "message": message}})
