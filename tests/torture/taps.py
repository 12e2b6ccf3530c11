"""Taps around the relay's outside calls: they count, strike on order, and note each call for the suite."""

import os
import resource
import signal
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any, Final, cast
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.errors import Outage
from relay.model.case import Case
from relay.model.debts import Outcome, RetryAfter
from relay.model.values import Json
from relay.net import client
from relay.net.call import CallError, HttpResponse
from tests.support.chaos.github import gate_of, named, review_of
from tests.support.chaos.neighbours import HOOKS, SLACK
from tests.support.chaos.promises import name_of
from tests.support.dispatches_only import DispatchesOnly
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
                debts = [(name_of(each), each.status, each.lease, each.due_at, each.attempts) for each in case.debts]
                self._tap.say("committed", case.request.id, case.version, case.status, debts)
            return done

        return bool(self._call("write_case", work))

    def put_if_absent(self, key: str, value: str, **named: Any) -> str:
        """Store a value, unless one is there."""
        found = str(self._call("put_if_absent", lambda: self._store.put_if_absent(key, value, **named)))
        if key.startswith("redeemed "):
            if self._fault == "redeems for all":
                return value
            if self._fault == "forgets who redeemed" and found != value:
                return found.replace('"run_id": "', '"run_id": "9')
        return found

    def _call(self, name: str, work: Callable[[], Any]) -> Any:
        self._tap.fill_disk()
        try:
            return self._tap.call(name, work)
        except Outage as outage:
            self._tap.say("outage", name, outage.what)
            raise


class Dispatches(DispatchesOnly):
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
        return self._sent(
            (approval["id"], named(event_type, approval.get("run", 1))),
            lambda: self._dispatches.send(repository, event_type, client_payload, deadline=deadline),
        )

    def review(
        self, repository: str, run_id: str, environment: str, state: str, comment: str, *, deadline: float
    ) -> Outcome:
        """Give a verdict or a report, and note the outcome."""
        return self._sent(
            (gate_of(run_id, environment), review_of(state, comment)),
            lambda: self._dispatches.review(repository, run_id, environment, state, comment, deadline=deadline),
        )

    def attempt_of(self, repository: str, run_id: str, *, deadline: float) -> int:
        """Return the attempt of a run."""
        return int(self._dispatches.attempt_of(repository, run_id, deadline=deadline))

    def _sent(self, names: tuple[str, str], send: Callable[[], Outcome]) -> Outcome:
        def work() -> Outcome:
            outcome = send()
            ambiguous = isinstance(outcome, RetryAfter) and outcome.ambiguous
            self._tap.say("sent", *names, type(outcome).__name__, ambiguous)
            return outcome

        outcome: Outcome = self._tap.call("send", work)
        return work() if self._fault == "sends twice" else outcome


def tap_channels(tap: Tap) -> None:
    """Put a tap on each call to Slack and to the receiver of events."""
    ask = client.ask

    def tapped(http: client.Client, method: str, url: str, **named: Any) -> HttpResponse:
        def work() -> HttpResponse:
            try:
                return ask(http, method, url, **named)
            except CallError:
                tap.say("unheard", url)
                raise

        answer: HttpResponse = tap.call("channel", work) if urlsplit(url).path.startswith((SLACK, HOOKS)) else work()
        return answer

    cast("Any", client).ask = tapped


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
