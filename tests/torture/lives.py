"""Relays one after another in one slot: started, killed, started again, and listened to."""

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from threading import Event, Lock, Thread
from typing import Any, Final

from tests.torture.orders import CONTEXT, Levers, Orders
from tests.torture.relay import live

PATIENCE: Final = 30.0
_NUMBERS: Final = itertools.count(1)


@dataclass(frozen=True)
class Note:
    """A note of a relay about itself: the time on the machine's clock, its number, an event and details."""

    at: float
    life: int
    event: str
    details: tuple[Any, ...]


@dataclass
class Journal:
    """Notes of all relays of a store, the times of their deaths, and the times when the suite moved their clocks."""

    notes: list[Note] = field(default_factory=list)
    died: dict[int, float] = field(default_factory=dict)
    passed: list[float] = field(default_factory=list)
    kills: int = 0


class Slot:
    """Slot of one relay at a time. `port` is where it serves, or 0 while none does."""

    def __init__(
        self, environ: Mapping[str, str], journal: Journal, *, every: float, limited: bool, fault: str
    ) -> None:
        self.levers = Levers.make()
        self.port = 0
        self.number = 0
        self._orders = Orders(0, dict(environ), self.levers, every=every, limited=limited, broken=fault)
        self._journal = journal
        self._turn = Lock()
        self._process: Any = None
        self._ear: Thread | None = None

    def now(self) -> float:
        """Return the time of the relay's clock."""
        return time.time() + float(self.levers.shift.value)

    def start(self) -> None:
        """Start a relay, and return when it serves."""
        with self._turn:
            number = next(_NUMBERS)
            hears, says = CONTEXT.Pipe(duplex=False)
            self.number = number
            self._process = CONTEXT.Process(target=live, args=(replace(self._orders, number=number), says), daemon=True)
            self._process.start()
            says.close()
            serves = Event()
            self._ear = Thread(target=self._hear, args=(hears, number, serves), daemon=True)
            self._ear.start()
            if not serves.wait(PATIENCE):
                raise RuntimeError("a relay did not come to serve")

    def kill(self) -> None:
        """End the relay with SIGKILL, and read its notes to the end."""
        self._process.kill()
        self.bury()

    def end(self) -> None:
        """End the relay when all is over."""
        if self._process is not None:
            self._process.kill()
            self._process.join(PATIENCE)
        if self._ear:
            self._ear.join(PATIENCE)

    def is_dead(self, patience: float = 0.0) -> bool:
        """Tell whether the relay has died, after a moment's wait."""
        self._process.join(patience)
        return not self._process.is_alive()

    def bury(self) -> None:
        """Note the time of the relay's death."""
        self._process.join(PATIENCE)
        self.port = 0
        if self._ear:
            self._ear.join(PATIENCE)
        if self.number not in self._journal.died:
            self._journal.died[self.number] = time.monotonic()
            self._journal.kills += 1

    def _hear(self, hears: Connection, number: int, serves: Event) -> None:
        while True:
            try:
                at, event, *details = hears.recv()
            except (EOFError, OSError):
                serves.set()
                return
            if event == "serving":
                self.port = details[0]
                serves.set()
            else:
                self._journal.notes.append(Note(at, number, event, tuple(details)))
