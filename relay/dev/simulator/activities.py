"""Activities of Teams for a bot, as JSON.

https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/subscribe-to-conversation-events
"""

import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from html import escape
from typing import Any, Final

from relay.approval.policy import ChatChannel
from relay.dev.simulator.people import Person

TEAM: Final = "The shop's team"


def user_id(person: Person) -> str:
    """Return the id by which a bot knows a person, beside the object id."""
    return "29:1" + urlsafe_b64encode(sha256(person.object_id.encode()).digest()).decode().rstrip("=")


def installed(channel: ChatChannel, *, service: str, app_id: str, by: Person) -> dict[str, Any]:
    """Return the activity that announces the bot in the team of a channel."""
    return {
        **_activity(channel, service=service, app_id=app_id, by=by, thread=""),
        "type": "conversationUpdate",
        "membersAdded": [{"id": f"28:{app_id}"}],
    }


def execute(channel: ChatChannel, *, service: str, app_id: str, by: Person, message: str) -> dict[str, Any]:
    """Return the invoke of a person on a card, still without its name and value."""
    return {
        **_activity(channel, service=service, app_id=app_id, by=by, thread=f";messageid={message}"),
        "type": "invoke",
        "replyToId": message,
    }


def said(channel: ChatChannel, text: str, *, service: str, app_id: str, by: Person, thread: str) -> dict[str, Any]:
    """Return the activity of a message that mentions the bot, in a new thread."""
    made = _activity(channel, service=service, app_id=app_id, by=by, thread=f";messageid={thread}")
    mention = "<at>Approval relay</at>"
    named = {"type": "mention", "text": mention, "mentioned": made["recipient"]}
    words = f"{mention} {escape(text, quote=False)}"
    return {**made, "type": "message", "textFormat": "plain", "text": words, "entities": [*made["entities"], named]}


def pressed(action: Mapping[str, Any], inputs: Mapping[str, str], trigger: str) -> dict[str, Any]:
    """Return name and value for an Action.Execute. The inputs are part of its data."""
    data = action.get("data")
    sent = {"type": "Action.Execute", **{name: action[name] for name in ("id", "title", "verb") if name in action}}
    sent["data"] = {**(data if isinstance(data, dict) else {}), **inputs}
    return {"name": "adaptiveCard/action", "value": {"action": sent, "trigger": trigger}}


def executed(action: Mapping[str, Any], body: str) -> dict[str, Any]:
    """Return name and value for an HttpPOST of a MessageCard from a bot: the body and the action's id alone."""
    return {
        "name": "actionableMessage/executeAction",
        "value": {"body": body, "actionId": str(action.get("@id", ""))},
    }


def _activity(channel: ChatChannel, *, service: str, app_id: str, by: Person, thread: str) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "id": f"f:{uuid.uuid4()}",
        "timestamp": now,
        "localTimestamp": now,
        "serviceUrl": service,
        "channelId": "msteams",
        "from": {"id": user_id(by), "name": by.name, "aadObjectId": by.object_id},
        "conversation": {
            "isGroup": True,
            "conversationType": "channel",
            "tenantId": by.tenant,
            "id": channel.place + thread,
        },
        "recipient": {"id": f"28:{app_id}", "name": "Approval relay"},
        "entities": [{"locale": "en-US", "country": "US", "platform": "Web", "timezone": "UTC", "type": "clientInfo"}],
        "channelData": {
            "channel": {"id": channel.place, "name": channel.name},
            "team": {"id": channel.place, "name": TEAM},
            "tenant": {"id": by.tenant},
        },
        "locale": "en-US",
    }
