"""Genuine tokens and activities of Teams. Tests start from these and spoil one thing."""

import json
from typing import Any, Final

from relay.model.delivery import Delivery
from tests.support import entra_tokens
from tests.support.entra_tokens import KID, NOW, OBJECT, TENANT

APP: Final = "b07b07b0-0000-4000-8000-00000000b07b"
OPENID: Final = "https://login.botframework.com/v1/.well-known/openidconfiguration"
KEYS_URL: Final = f"{OPENID}#msteams"
ISSUER: Final = "https://api.botframework.com"
SERVICE: Final = "https://smba.trafficmanager.net/emea/"
CHANNEL: Final = "19:ops@thread.tacv2"
PERSON: Final = "29:1GcS4EyB_oSI8A88XmWBN7NJFyMqe3QGnJdgLfFGkJnVelzRGos0bPbpsfPgbM23xIjHxkyn"
TICKET: Final = "a.b.c"


def claims(now: int = NOW, **changes: Any) -> dict[str, object]:
    """Return the claims of a token of the Bot Framework. A change to None leaves that claim out."""
    made: dict[str, Any] = {"serviceurl": SERVICE, "nbf": now, "exp": now + 3_600, "iss": ISSUER, "aud": APP}
    return {name: value for name, value in (made | changes).items() if value is not None}


def token(now: int = NOW, **changes: Any) -> str:
    return entra_tokens.sign(entra_tokens.header(x5t=KID), claims(now, **changes))


def activity(kind: str = "invoke", thread: str = ";messageid=1700000000000", **changes: object) -> dict[str, Any]:
    """Return an activity of a channel. A change to None leaves that member out."""
    made: dict[str, Any] = {
        "type": kind,
        "id": "f:8d2b7d2c-3a5e-4a4c-9d9a-1b2c3d4e5f60",
        "timestamp": "2026-09-21T14:53:20.123Z",
        "serviceUrl": SERVICE,
        "channelId": "msteams",
        "from": {"id": PERSON, "name": "Ada Lovelace", "aadObjectId": OBJECT},
        "conversation": {
            "isGroup": True,
            "conversationType": "channel",
            "tenantId": TENANT,
            "id": CHANNEL + thread,
        },
        "recipient": {"id": f"28:{APP}", "name": "Approval relay"},
        "channelData": {
            "channel": {"id": CHANNEL},
            "team": {"id": "19:team@thread.tacv2", "name": "Operations"},
            "tenant": {"id": TENANT},
        },
        "entities": [{"locale": "en-US", "platform": "Web", "type": "clientInfo"}],
        "locale": "en-US",
    }
    return {name: value for name, value in (made | changes).items() if value is not None}


def pressed(verb: object = "approve", trigger: object = "manual", **data: object) -> dict[str, Any]:
    """Return the press of one of the relay's buttons. A member of `data` that is None is left out."""
    sent = {name: value for name, value in {"ticket": TICKET, "comment": "", **data}.items() if value is not None}
    action = {"type": "Action.Execute", "title": "Approve", "verb": verb, "data": sent}
    return activity(name="adaptiveCard/action", value={"action": action, "trigger": trigger}, replyToId="1700000000000")


def executed(body: object) -> dict[str, Any]:
    """Return the press of a MessageCard's button that a bot sent."""
    return activity(name="actionableMessage/executeAction", value={"body": body, "actionId": "approve"})


def delivery(made: object, bearer: str | None = None, *, now: float = NOW) -> Delivery:
    """Return an activity as it arrives, with a genuine token by default."""
    body = made if isinstance(made, bytes) else json.dumps(made).encode()
    headers = {"authorization": f"Bearer {bearer or token()}", "content-type": "application/json; charset=utf-8"}
    return Delivery("teams", headers, body, now)
