"""A whole press under a policy with three entries that ask for notices, and under the same policy without."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from bench import tenant
from bench.run import Run
from relay.app import Relay, build, read_all
from relay.model.delivery import Delivery

PRESSES: Final = 1_000  # more than are measured; each request is decided once by each relay
CHANNELS: Final = """
[channels.events]
kind = "webhook"
[channels.releases]
kind = "slack"
place = "C0123456789"
"""
ENTRIES: Final = """
[[notify]]
on = ["reviewed"]
to = ["releases"]
style = "thread"
[[notify]]
on = ["approved", "rejected", "run_complete"]
to = ["releases"]
style = "edit"
[[notify]]
on = ["approved", "rejected", "undelivered", "run_complete"]
to = ["events"]
"""


class Told:
    """Presses that owe notices, and presses without any."""

    def __init__(self, run: Run, presses: int = PRESSES) -> None:
        self._relays = [_relay(run, f"{name}.db", text) for name, text in (("told", ENTRIES), ("untold", ""))]
        clicks = [tenant.relay_click(run.tenant.token(run.outside)) for _ in range(presses)]
        deliveries = [Delivery("messagecard", click.headers, click.body, time.time()) for click in clicks]
        self._told, self._untold = iter(deliveries), chain(deliveries)

    def told(self) -> None:
        """Take a press that owes three notices besides."""
        _press(self._relays[0], self._told)

    def untold(self) -> None:
        """Take the same press without notices."""
        _press(self._relays[1], self._untold)

    def owed(self) -> list[int]:
        """Return how many notices each relay owes."""
        return [sum(row.kind == "notice" for row in relay.store.rows()) for relay in self._relays]

    def close(self) -> None:
        """Close both stores."""
        for relay in self._relays:
            relay.close()


def _relay(run: Run, store: str, entries: str) -> Relay:
    settings = tenant.environ(run.outside, run.folder / store)
    return build(*read_all(settings | {"RELAY_POLICY": settings["RELAY_POLICY"] + CHANNELS + entries}))


def _press(relay: Relay, deliveries: Iterator[Delivery]) -> None:
    delivery = replace(next(deliveries), arrived_at=time.time())
    reply = relay.presses.answer(relay.channels["messagecard"], delivery)
    if reply.headers["Relay-Outcome"] != "released":
        raise ValueError(f"not released: {reply.headers}")
