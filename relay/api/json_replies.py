"""Answers of the routes for programs: JSON, and for a refusal its code and sentence."""

import json
import logging
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from relay.approval import wording
from relay.errors import Outage, Refusal
from relay.journal import log as journal
from relay.model.delivery import Reply

STATUSES: Final = MappingProxyType(
    {
        "too-large": 413,
        "not-genuine": 401,
        "malformed": 400,
        "no-rule": 403,
        "not-allowed": 403,
        "unknown-request": 404,
        "not-found": 404,
        "key-reused": 409,
        "already-decided": 409,
        "being-paid": 409,
        "overtaken": 409,
        "dropped": 409,
        "not-dispatched": 409,
        "too-many": 409,
        "expired": 410,
        "busy": 503,
    }
)
_BUSY: Final = (
    "The relay cannot do this now: its store or a key server does not answer, or its settings are wrong, which "
    "GET /api/health tells. Try again; what asks for an approval is made once for each Idempotency-Key."
)


def answered(work: Callable[[], Reply]) -> Reply:
    """Return the reply of the work. A refusal becomes `{"error", "message"}`, with the field if one is at fault."""
    try:
        return work()
    except Refusal as refusal:
        journal.write("http", {"outcome": refusal.code, "channel": "api", "check": refusal.check}, logging.WARNING)
        return refused(refusal.code, refusal.message, refusal.field)
    except Outage as outage:
        journal.write("http", {"outcome": "busy", "channel": "api", "reason": outage.what}, logging.ERROR)
        return refused("busy")


def json_reply(status: int, body: object, *, cached: str = "no-store") -> Reply:
    """Return a JSON answer. No cache keeps it, unless `cached` allows that."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": cached}
    return Reply(status, headers, json.dumps(body, ensure_ascii=False).encode())


def refused(code: str, message: str = "", field: str = "") -> Reply:
    """Return the answer of a refusal, or of an outage (busy)."""
    body = {"error": code, "message": message or (_BUSY if code == "busy" else wording.refusal(code))}
    return json_reply(STATUSES[code], body | ({"field": field} if field else {}))
