"""Relay in a process of its own that registers a burst of requests on a signal.

Reads one line of JSON: `environ`, `key` and `forms`. Writes `ready`, and registers every form in a thread at the next
line. Writes the answers as JSON, each with its status as `http`.
"""

import json
import signal
import sys
import time
from functools import partial
from typing import Any

from relay.app import build, read_all
from relay.model.delivery import Delivery
from tests.races.pressing import say
from tests.support.at_once import at_once


def main() -> None:
    """Register all requests at once."""
    signal.alarm(120)  # whatever happens to the test
    asked = json.loads(sys.stdin.readline())
    world = build(*read_all(asked["environ"]))
    intake, forms = world.registration(), asked["forms"]
    headers = {"x-relay-key": asked["key"], "content-type": "application/json"}

    def ask(form: dict[str, Any]) -> dict[str, Any]:
        reply = intake.register(Delivery("", headers, json.dumps(form).encode(), time.time()))
        return {**json.loads(reply.body), "http": reply.status}

    say("ready")
    sys.stdin.readline()
    say(json.dumps(at_once([partial(ask, form) for form in forms])))
    world.close()


if __name__ == "__main__":
    main()
