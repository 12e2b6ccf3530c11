"""Receiver of webhooks on loopback. Each event is checked by the receivers' own library, as real receivers do."""

import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, Final

from standardwebhooks.webhooks import Webhook

from tests.support.http_server import Answer, Call, HttpServer

KEY: Final = "whsec_" + b64encode(bytes(range(32))).decode()
OTHER_KEY: Final = "whsec_" + b64encode(bytes(range(32, 64))).decode()


@dataclass
class Received:
    """One delivery, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return str(self.event["type"]).removeprefix("relay.")

    def verify(self, key: str = KEY) -> Any:
        """Return the event if the key signed it. Raises WebhookVerificationError."""
        return Webhook(key).verify(self.body, self.headers)


@dataclass
class HookServer(HttpServer):
    """Answers each delivery with `status`, `headers` and `body` after `delay` seconds, or in the way of its path."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def types(self, path: str = "") -> list[str]:
        """Return the types of the events that came, to one path or to all."""
        return [each.type for each in self.received if path in ("", each.path)]

    def answer(self, call: Call) -> Answer:
        self.received.append(Received(call.path, dict(call.headers), call.body))
        if delay := self.delays.get(call.path, self.delay):
            self.over.wait(delay)
        return Answer(self.statuses.get(call.path, self.status), self.body, self.headers)
