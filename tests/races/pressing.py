"""A relay in a process of its own that takes a burst of clicks at a sign, or stops for good before it tells GitHub.

Reads one line of JSON: `environ`, `clicks` (a list of headers) and `dies`. Says `ready`, presses at the next line, and
says the outcomes as JSON; where it `dies` it says `committed` instead, and waits to be killed.
"""

import json
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from relay.app import Relay, build, read_all
from relay.model import Delivered, Delivery, Json, Outcome


class NeverSent:
    """Dispatches of a process that is killed before it sends one."""

    def identity(self, _repository: str) -> str:
        """Return the one credential."""
        return "token"

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:  # noqa: ARG002
        """Say that the decision is committed, and wait for the end."""
        say("committed")
        signal.pause()
        return Delivered()


def say(word: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def dying(world: Relay) -> Relay:
    """Return the world whose payer never gets to send."""
    payer = replace(world.payer, dispatches=NeverSent())
    return replace(world, payer=payer, presses=replace(world.presses, payer=payer))


def main() -> None:
    """Press every click in a thread of its own."""
    signal.alarm(30)  # whatever happens to the test
    asked = json.loads(sys.stdin.readline())
    world = build(*read_all(asked["environ"]))
    if asked["dies"]:
        world = dying(world)
    clicks, channel = asked["clicks"], world.channels["messagecard"]
    together = Barrier(len(clicks))

    def press(headers: dict[str, str]) -> str:
        together.wait(10)
        reply = world.presses.answer(channel, Delivery("messagecard", headers, b"", time.time()))
        return reply.headers["Relay-Outcome"]

    say("ready")
    sys.stdin.readline()
    with ThreadPoolExecutor(len(clicks)) as people:
        say(json.dumps(list(people.map(press, clicks))))
    world.close()


if __name__ == "__main__":
    main()
