"""The webhook of the chat, as connectors were. It takes every card that Outlook would show.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
"""

import hmac
import secrets
from typing import Final

from relay.chats.shared import message_card_limits as limits
from relay.dev.simulator.answers import Answer, NotTaken, read_json
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.outlook import Outlook
from relay.dev.simulator.posted_cards import Card

PATH: Final = "/simulator/webhook/"
MAX_CARD: Final = 64 * 1024  # bytes, to be read at all; the limit of the platform is lower
_TEXT: Final = {"Content-Type": "text/plain; charset=utf-8"}


class Webhook:
    """Takes MessageCards at a secret address, and answers as connectors did: with a 1, or a sentence."""

    def __init__(self, origin: str, outlook: Outlook) -> None:
        self._outlook = outlook
        self._path = PATH + secrets.token_urlsafe(24)
        self.url = origin + self._path

    def take(self, call: Call) -> Answer:
        """Take a card. Raises NotTaken for anything but a POST."""
        if call.method != "POST":
            raise NotTaken(404, "There is nothing at this address.")
        if not hmac.compare_digest(call.path.encode(), self._path.encode()):
            return Answer(404, _TEXT, b"There is no webhook at this address.")
        try:
            self._outlook.webhook(read_card(call.body(MAX_CARD)))
        except NotTaken as error:
            return Answer(error.status, _TEXT, error.message.encode(errors="replace"))
        return Answer(200, _TEXT, b"1")


def read_card(body: bytes) -> Card:
    """Return a card as the webhook takes it. Raises NotTaken with its first fault."""
    if len(body) > MAX_CARD:
        raise NotTaken(400, "The body is longer than any card.")
    try:
        card = read_json(body)
    except ValueError:
        raise NotTaken(400, "The body is not JSON.") from None
    for problem in limits.check(card):
        raise NotTaken(400, f"This is no card that the chat takes: {problem}.")
    return dict(card) if isinstance(card, dict) else {}
