"""The timer, which runs every fifteen seconds. It pays the debts that are due, and checks the relay's health."""

import logging
import time
from typing import Final

import azure.functions as func

from relay import app
from relay.app import Relay
from relay.errors import Outage
from relay.journal import log as journal
from relay.settings import SettingsError

EVERY: Final = 300.0  # seconds: an alert looks for the line of an idle timer, and each line costs money
_DONE_AT: Final[dict[str, float]] = {}  # when a line was last written, and the health last looked at


def pay(_timer: func.TimerRequest) -> None:
    """Pay the debts that are due. If the run fails, the next one tries again."""
    try:
        here = app.relay()
        tried = here.round().run()
    except (SettingsError, Outage) as error:
        journal.write("round", {"outcome": "failed", "reason": str(error)}, logging.ERROR)
    else:
        now = time.monotonic()
        if tried or now - _DONE_AT.get("round", -EVERY) >= EVERY:
            _DONE_AT["round"] = now
            journal.write("round", {"outcome": "done", "tried": tried})
        _look_now_and_then(here, now)


def _look_now_and_then(here: Relay, now: float) -> None:
    """Check the relay's health every five minutes, if a channel of the policy is to be told of trouble."""
    if now - _DONE_AT.get("look", -EVERY) < EVERY or not here.alarm().is_wanted:
        return
    from relay.health import look  # noqa: PLC0415 - a cold press does not pay for it

    _DONE_AT["look"] = now
    look(here)
