"""The log of messages, written by a thread of its own: no press waits for it."""

import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Condition, Thread
from typing import Final, Protocol

from relay.errors import Outage
from relay.journal.messages import Message, key

WAITING: Final = 2_000  # messages that may wait for the store; more are lost, and counted
GATHER: Final = 0.05  # seconds for which messages are gathered, unless somebody waits for them
TOGETHER: Final = 100  # messages that are written together


class Keeper(Protocol):
    """The part of a store that keeps messages."""

    def add_messages(self, messages: Sequence[Message]) -> None:
        """Keep messages. Raises Outage."""


class MessageLog:
    """Keeps messages in a store, from a thread of its own that lives while there are any. `clock` gives Unix seconds.

    `lost` counts the messages that were not kept, `fault` tells why the last was not.
    """

    def __init__(self, store: Keeper, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._changed = Condition()
        self._waiting: deque[Message] = deque()
        self._writes = False
        self._hurries = False
        self._number = 0
        self.lost = 0
        self.fault = ""

    def keep(self, messages: Sequence[Message]) -> None:
        """Take messages, to be written soon. Never raises, and never waits for the store."""
        with self._changed:
            for message in messages:
                self._number += 1
                place = key(message.at, self._number, secrets.token_hex(4))
                self._waiting.append(replace(message, at=round(message.at, 3), key=place))
            while len(self._waiting) > WAITING:
                self._waiting.popleft()
                self._lose(1, "too many messages wait for the store")
            if self._writes or not self._waiting:
                return
            self._writes = True
        try:
            Thread(target=self._write, name="messages", daemon=True).start()
        except RuntimeError as error:  # the process ends, or has no room for a thread
            with self._changed:
                self._writes = False
                self._lose(len(self._waiting), str(error))
                self._waiting.clear()

    def flush(self, timeout: float) -> bool:
        """Wait until all that was taken is written or lost. Return False if that takes longer than `timeout`."""
        until = time.monotonic() + timeout
        with self._changed:
            self._hurries = True
            self._changed.notify_all()
            while self._writes:
                if not self._changed.wait(max(0.0, until - time.monotonic())) and time.monotonic() >= until:
                    return False
            self._hurries = False
        return True

    def _write(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._writes = False
                    self._changed.notify_all()
                    return
                # Those that come together are written together, so that many calls at once do not wait for each other.
                if not self._hurries and len(self._waiting) < TOGETHER:
                    self._changed.wait(GATHER)
                batch = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
            try:
                self._store.add_messages(batch)
            except Exception as error:  # noqa: BLE001 - a fault of the store must not end the log, nor reach a press
                with self._changed:
                    self._lose(len(batch), error.what if isinstance(error, Outage) else type(error).__name__)

    def _lose(self, number: int, fault: str) -> None:
        self.lost += number
        self.fault = fault
