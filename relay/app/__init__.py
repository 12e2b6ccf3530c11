"""The relay of this process: made of settings on first use, so that importing the functions never fails."""

import os
from functools import cache
from threading import Lock
from typing import Final

from relay.app.environment import read_all, read_policy
from relay.app.running import ENDING, Relay
from relay.app.stores import open_outbox
from relay.app.wiring import build

__all__ = ["Relay", "build", "end", "open_outbox", "read_all", "read_policy", "relay"]

_LOCK: Final = Lock()


def relay() -> Relay:
    """Return the relay of this process's environment, built on first use. Raises SettingsError."""
    with _LOCK:
        return _relay()


def end() -> None:
    """Let the timer start no further payment: this process is about to end."""
    ENDING.set()


@cache
def _relay() -> Relay:
    return build(*read_all(os.environ))
