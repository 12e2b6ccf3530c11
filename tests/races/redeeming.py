"""Relay in a process of its own that redeems one receipt for many runs on a signal, or dies before it answers.

Reads one line of JSON: `environ`, `receipt`, `tokens` and `dies`. Writes `ready`, redeems at the next line in a
thread for each token, and writes the answers as JSON, each with its status as `http`. If it `dies` it writes `written`
instead, and waits to be killed.
"""

import json
import signal
import sys
import time
from dataclasses import replace
from functools import partial
from typing import Any, Final

from relay.app import build, read_all
from relay.model.case import Case
from relay.model.delivery import Delivery
from tests.races.pressing import say
from tests.support.at_once import at_once

BUSY: Final = 503  # nothing is decided yet: the store took too long for 64 calls at once, and is to be asked again


class Dying:
    """A store whose process never comes back from its write."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def load(self, case_id: str) -> Case | None:
        """Return the case."""
        case: Case | None = self._store.load(case_id)
        return case

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        """Write, and wait for the end."""
        kept: str = self._store.put_if_absent(key, value, now=now, until=until)
        say("written")
        signal.pause()
        return kept


def main() -> None:
    """Redeem for every token in a thread of its own."""
    signal.alarm(120)  # the test may have died
    asked = json.loads(sys.stdin.readline())
    relay = build(*read_all(asked["environ"]))
    redeeming = relay.redemption()
    if asked["dies"]:
        store: Any = Dying(relay.store)
        redeeming = replace(redeeming, store=store)
    body, tokens = json.dumps({"receipt": asked["receipt"]}).encode(), asked["tokens"]

    def redeem(token: str) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token}"}
        while (reply := redeeming.redeem(Delivery("", headers, body, time.time()))).status == BUSY:
            continue  # as the command asks again
        return {**json.loads(reply.body), "http": reply.status}

    say("ready")
    sys.stdin.readline()
    say(json.dumps(at_once([partial(redeem, token) for token in tokens])))
    relay.close()


if __name__ == "__main__":
    main()
