"""GitHub on loopback, as slow as a test asks: it counts the dispatches that reached it whole, and has a clock."""

import json
from email.utils import formatdate
from time import time
from typing import Any

from tests.support.http_server import Answer, Call, HttpServer

_RATE = b'{"resources": {"core": {"limit": 5000, "remaining": 4999, "reset": 1}}}'


class GitHubServer(HttpServer):
    """Answers each call with `status` after `delay` seconds. Its clock is `ahead` seconds ahead of this machine's."""

    def __init__(self) -> None:
        super().__init__()
        self.delay = 0.0
        self.status = 204
        self.ahead = 0.0
        self.dispatched: list[dict[str, Any]] = []

    def answer(self, call: Call) -> Answer:
        headers = {"Date": formatdate(time() + self.ahead, usegmt=True)}
        if call.method == "GET":
            status = self.status if self.status >= 400 else 200
            return Answer(status, _RATE, {**headers, "Content-Type": "application/json"})
        self.dispatched.append(json.loads(call.body))
        if self.delay:
            self.over.wait(self.delay)
        return Answer(self.status, b"", headers)
