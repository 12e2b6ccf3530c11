"""The receivers of the policy's webhooks: each event is checked as the Standard Webhooks say, and kept for the page.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Final

from relay.dev.simulator.answers import Answer, NotTaken
from relay.dev.simulator.incoming import Call

PATH: Final = "/simulator/hooks/"
MAX_EVENT: Final = 20 * 1024  # bytes
TOLERANCE: Final = 300  # seconds
_KEPT: Final = 40
_PREFIX: Final = "whsec_"


class Hooks:
    """The receivers by the name of their channel, each with its `key`. `on_change` is called after each event."""

    def __init__(self, keys: Mapping[str, str], on_change: Callable[[], None]) -> None:
        self._keys = {name: b64decode(key.removeprefix(_PREFIX)) for name, key in keys.items()}
        self.channels = sorted(keys)
        self._on_change = on_change
        self._lock = Lock()
        self._received: list[dict[str, object]] = []

    def take(self, call: Call) -> Answer:
        """Take an event. One that its key has not signed is answered 401, and shown as such."""
        name = call.path.removeprefix(PATH)
        if call.method != "POST" or name not in self._keys:
            raise NotTaken(404, "There is nothing at this address.")
        body = call.body(MAX_EVENT)
        fault = _fault(call.headers, body, self._keys[name])
        event = _members(body)
        with self._lock:
            identifier = str(call.headers.get("webhook-id", ""))
            known = any(each["id"] == identifier and not each["fault"] for each in self._received)
            row = {"channel": name, "id": identifier, "fault": fault, "again": known, "at": time.time(), "event": event}
            self._received.insert(0, row)
            del self._received[_KEPT:]
        self._on_change()
        return Answer(401 if fault else 204, {}, b"")

    def rows(self) -> list[dict[str, object]]:
        """Return the received events, the newest first."""
        with self._lock:
            return list(self._received)


def _fault(headers: Mapping[str, str], body: bytes, key: bytes) -> str:
    """Return why an event is not genuine, or an empty text."""
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if len(body) > MAX_EVENT:
        return "longer than 20 KiB"
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE:
        return "its time is too far from now"
    signed = f"{identifier}.{timestamp}.".encode() + body
    expected = f"v1,{b64encode(hmac.digest(key, signed, 'sha256')).decode()}".encode()
    given = headers.get("webhook-signature", "").encode().split()
    if not any(hmac.compare_digest(each, expected) for each in given):
        return "not signed with the key of this channel"
    return "" if headers.get("content-type") == "application/cloudevents+json" else "of another content type"


def _members(body: bytes) -> dict[str, object]:
    try:
        event = json.loads(body)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}
