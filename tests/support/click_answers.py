"""Answers to clicks, checked against the contract."""

import json
from collections.abc import Mapping
from typing import Any, Final

from relay.chats.shared import message_card_limits as limits
from relay.model.delivery import Reply

LIVE: Final = ("counted", "already-counted", "confirm")  # the outcomes whose card has buttons
DECIDED: Final = (
    "already-approved",
    "already-rejected",
    "superseded",
    "cancelled",
    "expired",
    "released",
    "approved-retrying",
    "approved-refused",
    "rejected",
)


def check(reply: Reply) -> None:
    """Check an answer to a click against the contract."""
    code = check_status(reply)
    body = json.loads(reply.body)
    if reply.status == 200:
        assert "true" == reply.headers["CARD-UPDATE-IN-BODY"]
        assert code in LIVE + DECIDED
        assert () == limits.check(body)
        again = [each for each in body.get("potentialAction", ()) if each["name"] == "Run again"]
        assert (code in LIVE) == bool(pressable(body) or (code == "confirm" and again))
    else:
        assert "CARD-UPDATE-IN-BODY" not in reply.headers
        assert {"error": code, "message": reply.headers["CARD-ACTION-STATUS"]} == body
    assert "Traceback" not in reply.body.decode()


def check_status(reply: Reply) -> str:
    """Check the headers for the chat against the contract, and return the outcome code."""
    sentence = reply.headers["CARD-ACTION-STATUS"]
    assert sentence.isascii()
    assert sentence.isprintable()
    assert 0 < len(sentence) < 200
    return reply.headers["Relay-Outcome"]


def pressable(card: Mapping[str, Any]) -> dict[str, str]:
    """Return the tickets of a card's buttons by their verdict."""
    found = {}
    for action in card.get("potentialAction", ()):
        for button in action.get("actions", ()):
            values = {header["name"]: header["value"] for header in button["headers"]}
            found[values["Relay-Verdict"]] = values["Relay-Ticket"]
    return found
