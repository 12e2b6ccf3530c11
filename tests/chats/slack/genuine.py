"""A genuine press on a card in Slack."""

import json
from urllib.parse import urlencode

from relay.chats.slack.signature import sign
from relay.model.delivery import Delivery

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
ENVIRON = {"RELAY_SLACK_SIGNING_SECRET": SECRET, "RELAY_SLACK_TEAMS": "T111"}
PERSON = "slack:T111/U111"


def genuine(ticket: str, now: int) -> Delivery:
    """Return Ada's approval."""
    payload = {
        "type": "block_actions",
        "user": {"id": "U111", "team_id": "T111", "name": "ada"},
        "actions": [{"action_id": "approve", "value": ticket}],
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    headers = {"x-slack-request-timestamp": str(now), "x-slack-signature": sign(SECRET, str(now), body)}
    return Delivery("slack", headers, body, now)
