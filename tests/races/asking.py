"""Relay in a process of its own that registers a burst of requests on a signal.

Reads one line of JSON: `environ`, `key` and `forms`. Writes `ready`, and registers every form in a thread at the next
line. Writes the answers as JSON, each with its status as `http`.
"""

import json
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from relay.app import build, read_all
from relay.model import Delivery
from tests.races.pressing import say


def main() -> None:
    """Register all requests at once."""
    signal.alarm(30)  # whatever happens to the test
    asked = json.loads(sys.stdin.readline())
    world = build(*read_all(asked["environ"]))
    intake, forms = world.intake(), asked["forms"]
    headers = {"x-relay-key": asked["key"], "content-type": "application/json"}
    together = Barrier(len(forms))

    def ask(form: dict[str, Any]) -> dict[str, Any]:
        together.wait(10)
        reply = intake.register(Delivery("", headers, json.dumps(form).encode(), time.time()))
        return {**json.loads(reply.body), "http": reply.status}

    say("ready")
    sys.stdin.readline()
    with ThreadPoolExecutor(len(forms)) as askers:
        say(json.dumps(list(askers.map(ask, forms))))
    world.close()


if __name__ == "__main__":
    main()
