"""Relay in a process of its own that takes a burst of clicks on a signal, or stops before it sends a dispatch.

Reads one line of JSON: `environ`, `clicks` (a list of headers) and `dies`. Writes `ready`, presses at the next line,
and writes the outcomes as JSON. If it `dies` it writes `committed` instead, and waits to be killed.
"""

import json
import signal
import sys
import time
from dataclasses import replace
from functools import partial

from relay.app import Relay, build, read_all
from relay.model.debts import Delivered, Outcome
from relay.model.delivery import Delivery
from relay.model.values import Json
from tests.support.at_once import at_once
from tests.support.dispatches_only import DispatchesOnly


class NeverSent(DispatchesOnly):
    """Dispatches of a process that will be killed before it sends one."""

    def identity(self, _repository: str) -> str:
        """Return the one credential."""
        return "token"

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:  # noqa: ARG002
        """Write that the decision is committed, and wait to be killed."""
        say("committed")
        signal.pause()
        return Delivered()


def say(word: str) -> None:
    """Write a line to the test at once."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def dying(world: Relay) -> Relay:
    """Return the relay with a payer that never sends."""
    payer = replace(world.payer, dispatches=NeverSent())
    return replace(world, payer=payer, presses=replace(world.presses, payer=payer))


def main() -> None:
    """Press every click in a thread of its own."""
    signal.alarm(120)  # whatever happens to the test
    asked = json.loads(sys.stdin.readline())
    world = build(*read_all(asked["environ"]))
    if asked["dies"]:
        world = dying(world)
    clicks, channel = asked["clicks"], world.channels["messagecard"]

    def press(headers: dict[str, str]) -> str:
        reply = world.presses.answer(channel, Delivery("messagecard", headers, b"", time.time()))
        return reply.headers["Relay-Outcome"]

    say("ready")
    sys.stdin.readline()
    say(json.dumps(at_once([partial(press, headers) for headers in clicks])))
    world.close()


if __name__ == "__main__":
    main()
