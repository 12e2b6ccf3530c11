"""A press on a message, or a slash command, as Slack sends it to the app: a form, with its time and its signature.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

from relay.dev.simulator.slack_workspace import Channel, Message


class Press(NamedTuple):
    """A delivery of Slack to the app, with its signature."""

    headers: dict[str, str]
    body: bytes


def block_actions(  # noqa: PLR0913 - each is a field of the payload
    message: Message,
    action_id: str,
    *,
    user: dict[str, Any],
    channel_name: str,
    comment: str | None,
    response_url: str,
    trigger_id: str,
    now: float,
) -> bytes:
    """Return the body of a press on the button `action_id` of a message; `comment` is the text in its field."""
    button = next(
        each for block in message.blocks for each in block.get("elements", []) if each.get("action_id") == action_id
    )
    box = next((block for block in message.blocks if block["type"] == "input"), None)
    state = {box["block_id"]: {"comment": {"type": "plain_text_input", "value": comment}}} if box else {}
    payload = {
        "type": "block_actions",
        "user": user,
        "api_app_id": "A111",
        "token": "verification_token",
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": False,
        },
        "trigger_id": trigger_id,
        "team": {"id": "T111", "domain": "octo"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": message.channel, "name": channel_name},
        "message": {"type": "message", "text": message.text, "ts": message.ts, "blocks": message.blocks},
        "state": {"values": state},
        "response_url": response_url,
        "actions": [{**button, "block_id": "decide", "action_ts": f"{now:.6f}"}],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def slash_command(text: str, user: dict[str, str], channel: Channel, response_url: str, count: int) -> bytes:
    """Return the body of a command that a person typed in a conversation. Slack escapes three characters of it."""
    given = {
        "token": "verification_token",
        "team_id": user["team_id"],
        "team_domain": "octo",
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user["id"],
        "user_name": user["name"],
        "command": "/relay",
        "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "api_app_id": "A111",
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": f"{count}.222.trigger",
    }
    return urlencode(given).encode()


def sign(body: bytes, secret: str, timestamp: int) -> Press:
    """Return a body as Slack sends it at `timestamp`, in Unix seconds."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "x-slack-request-timestamp": str(timestamp),
        "x-slack-signature": f"v0={digest}",
    }
    return Press(headers, body)
