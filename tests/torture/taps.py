"""Taps around the relay's outside calls: they count, strike on order, and note each call for the suite."""

import os
import resource
import signal
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.errors import Outage
from relay.model import Case, Json, Outcome, RetryAfter
from tests.torture.orders import UNLIMITED, Levers

_AT_HOME: Final = ("close", "last_round")  # not on the road


class Tap:
    """Tap of one relay. Its notes go into a pipe, and so outlive the process."""

    def __init__(self, levers: Levers, out: Connection) -> None:
        self._levers = levers
        self._out = out
        self._turn = Lock()

    def say(self, event: str, *details: Any) -> None:
        """Send a note to the suite at once, with the time of the machine's clock."""
        with self._turn:
            self._out.send((time.monotonic(), event, *details))

    def point(self, name: str) -> None:
        """Pass a point where a strike may end the process."""
        strike = self._levers.strike
        with self._turn:
            if strike.value <= 0:
                return
            strike.value -= 1
            if not strike.value:
                self._out.send((time.monotonic(), "struck", name))
                os.kill(os.getpid(), signal.SIGKILL)

    def call(self, name: str, work: Callable[[], Any]) -> Any:
        """Make an outside call, between two points where a strike may end the process."""
        self.point(f"before {name}")
        done = work()
        self.point(f"after {name}")
        return done

    def fill_disk(self) -> None:
        """Limit every file to the room that is left. A write beyond it fails as on a full disk."""
        room, (now, most) = self._levers.room.value, resource.getrlimit(resource.RLIMIT_FSIZE)
        wanted = most if room == UNLIMITED else room
        if now != wanted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (wanted, most))


class Store:
    """Store with a tap on each of its methods."""

    def __init__(self, store: Any, tap: Tap, fault: str) -> None:
        self._store = store
        self._tap = tap
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        return method if name in _AT_HOME else lambda *given, **named: self._call(name, lambda: method(*given, **named))

    def write_case(self, case: Case, **named: Any) -> bool:
        """Commit, and note the state of the case's debts."""
        if self._fault == "forgets rows":
            named["to_set"] = ()

        def work() -> bool:
            done = bool(self._store.write_case(case, **named))
            if done:
                debts = [(each.event_type, each.status, each.lease, each.due_at, each.attempts) for each in case.debts]
                self._tap.say("committed", case.request.id, case.version, case.status, debts)
            return done

        return bool(self._call("write_case", work))

    def _call(self, name: str, work: Callable[[], Any]) -> Any:
        self._tap.fill_disk()
        try:
            return self._tap.call(name, work)
        except Outage as outage:
            self._tap.say("outage", name, outage.what)
            raise


class Dispatches:
    """Dispatches to GitHub with a tap."""

    def __init__(self, dispatches: Any, tap: Tap, fault: str) -> None:
        self._dispatches = dispatches
        self._tap = tap
        self._fault = fault

    def identity(self, repository: str) -> str:
        """Return the one credential."""
        return str(self._dispatches.identity(repository))

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:
        """Send, and note the outcome."""
        approval: Any = client_payload["approval"]

        def work() -> Outcome:
            outcome: Outcome = self._dispatches.send(repository, event_type, client_payload, deadline=deadline)
            ambiguous = isinstance(outcome, RetryAfter) and outcome.ambiguous
            self._tap.say("sent", approval["id"], event_type, type(outcome).__name__, ambiguous)
            return outcome

        outcome: Outcome = self._tap.call("send", work)
        return work() if self._fault == "sends twice" else outcome


class Keys:
    """Key server with a tap."""

    def __init__(self, key_sets: Any, tap: Tap) -> None:
        self._key_sets = key_sets
        self._tap = tap

    def keys(self, url: str, kid: str, *, timeout: float) -> Mapping[str, RSAPublicKey]:
        """Return the keys."""
        found: Mapping[str, RSAPublicKey] = self._tap.call(
            "keys", lambda: self._key_sets.keys(url, kid, timeout=timeout)
        )
        return found
