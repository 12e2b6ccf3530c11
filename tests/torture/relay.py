"""Relay in a process of its own: the functions of the app over HTTP, with a tap on each outside call."""

import logging
import signal
import time
from collections.abc import Iterable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, cast

import httpx  # noqa: F401 - loaded before the fork, as is the rest
import requests

import relay.api.register
import relay.github.bodies
import relay.health
import relay.outbox.operator
import relay.outbox.timer
import relay.store.sqlite.store
import relay.store.tables.store  # noqa: F401
from function_app import app
from relay import app as relay_app
from relay.app import Relay, build, read_all
from relay.errors import Outage
from relay.github import rate_limit
from relay.net import client
from relay.serve.function_timers import FunctionTimers
from relay.serve.functions_host import FunctionsHost
from relay.serve.server import Server
from tests.torture import broken
from tests.torture.orders import LIFE, Orders
from tests.torture.taps import Dispatches, Keys, Store, Tap, tap_channels

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

_NO_LIMIT = 10**9


def live(orders: Orders, out: Connection) -> None:
    """Serve until killed."""
    signal.alarm(LIFE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _shift_clock(orders)
    tap = Tap(orders.levers, out)
    _listen_for_bugs(tap)
    client._ALWAYS["User-Agent"] = f"torture/{orders.number}"
    if not orders.limited:
        cast("Any", rate_limit).MINUTE_LIMIT = cast("Any", rate_limit).HOUR_LIMIT = _NO_LIMIT
    broken.spoil(orders.broken)
    tap_tables(tap)
    tap_channels(tap)
    world = tapped(build(*read_all(orders.environ)), tap, orders.broken)
    cast("Any", relay_app)._relay = lambda: world
    functions = app.get_functions()
    server = Server(0)
    tap.say("serving", server.port)
    if orders.every:
        FunctionTimers(functions, every=orders.every).start()
    server.run(FunctionsHost(functions, others=_rounds))


def tapped(world: Relay, tap: Tap, fault: str) -> Relay:
    """Return the relay with a tap on each outside call."""
    store: Any = Store(world.store, tap, fault)
    payer = replace(world.payer, store=store, dispatches=Dispatches(world.payer.dispatches, tap, fault))
    supersession = replace(world.supersession, store=store)
    key_sets: Any = Keys(world.presses.key_sets, tap)
    presses = replace(world.presses, store=store, key_sets=key_sets, payer=payer, supersession=supersession)
    return replace(world, store=store, payer=payer, supersession=supersession, presses=presses)


def tap_tables(tap: Tap) -> None:
    """Put a tap on each call to the storage account too. One step of the store makes several."""
    send = requests.Session.send
    cast("Any", requests.Session).send = lambda *given, **named: tap.call("table", lambda: send(*given, **named))


def _shift_clock(orders: Orders) -> None:
    clock, shift = time.time, orders.levers.shift
    cast("Any", time).time = lambda: clock() + shift.value


def _listen_for_bugs(tap: Tap) -> None:
    """Report every unexpected exception to the suite, and log nothing else."""

    class Bugs(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.exc_info:
                tap.say("raised", logging.Formatter().format(record)[-2_000:])

    logging.basicConfig(handlers=[Bugs()], level=logging.ERROR)


def _rounds(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Run the timer on request, so that a story can place it."""
    try:
        relay_app.relay().round().run()
        status = "200 OK"
    except Outage:
        status = "503 Service Unavailable"
    start_response(status, [("Content-Length", "0")])
    return [b""]
