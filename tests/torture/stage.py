"""Stage of a scenario: a store, the relays on it, their GitHub and their people."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from relay.app import Relay
from tests.support import road
from tests.support.chaos.github import GitHub
from tests.support.chaos.neighbours import Neighbours
from tests.torture import rules
from tests.torture.lives import Journal, Slot
from tests.torture.orders import NEVER, UNLIMITED
from tests.torture.people import CUT, Card, People
from tests.torture.stores import Kind, Shelf, Store, opened

ROUNDS: Final = 200
LONGEST: Final = 20 * 3_600.0  # seconds that settling may take on the relay's clock: less than the day of a debt
TRIES: Final = 6
LEASE: Final = 20.0  # seconds after which the lease of a killed relay has ended
_PATIENT: Final = 0.7  # how often people press again only when that has passed


@dataclass
class Stage:
    """Stage of a scenario. Where clocks `jumped`, order and leases prove nothing."""

    name: str
    dice: Random
    kind: Kind
    folder: Path
    shelf: Shelf
    github: GitHub
    neighbours: Neighbours
    journal: Journal
    people: People
    world: Relay
    slots: list[Slot] = field(default_factory=list)
    limited: bool = False
    jumped: bool = False
    points_there: int = 0
    points_struck: int = 0
    struck_at: dict[str, str] = field(default_factory=dict)  # by the number of the telling, where its relay was struck
    stuck: list[str] = field(default_factory=list)
    started_at: float = field(default_factory=time.monotonic)
    words: Iterator[int] = field(default_factory=count)

    @property
    def store(self) -> Store:
        """Return the store, for the suite to read."""
        return self.world.store

    def word(self) -> str:
        """Return a word that is new here."""
        return f"{next(self.words)}"

    def slot(self) -> Slot:
        """Return the first slot with a living relay."""
        return next((slot for slot in self.slots if slot.port and not slot.is_dead()), self.slots[0])

    def now(self) -> float:
        """Return the time of the first relay's clock."""
        return time.time() + float(self.slots[0].levers.shift.value)

    def shift(self, seconds: float) -> None:
        """Let time pass on every relay's clock."""
        self.journal.passed.append(time.monotonic())
        for slot in self.slots:
            slot.levers.shift.value += seconds

    def ask(self, environment: str, repository: str = rules.API) -> Card:
        """Register a request, trying again until it succeeds."""
        key = f"{environment} {self.word()}"
        for _ in range(TRIES):
            card = self.people.ask(self.slot(), environment, key=key, repository=repository)
            if card:
                return card
            self.revive()
        raise RuntimeError("nobody takes a request")

    def press(self, person: str, verdict: str, card: Card, ticket: str = "") -> str:
        """Press until there is an answer, as people do."""
        for _ in range(TRIES):
            code = self.people.press(self.slot(), person, verdict, card, ticket=ticket)
            if code not in {CUT, "busy"}:
                break
            self.revive()
        return code

    def cancel(self, card: Card) -> str:
        """Withdraw until there is an answer."""
        for _ in range(TRIES):
            code = self.people.cancel(self.slot(), card)
            if code not in {CUT, "busy"}:
                break
            self.revive()
        return code

    def round(self) -> None:
        """Run the timer of one relay, again if it was struck."""
        for _ in range(TRIES):
            if self.people.round(self.slot()):
                break
            self.revive()

    def revive(self) -> bool:
        """Bury dead relays, and tell whether there were any. Start them again only if all are dead."""
        dead = [slot for slot in self.slots if slot.is_dead(0.02 if slot.port else 0.0)]
        for slot in dead:
            slot.bury()
        if dead and self.dice.random() < _PATIENT:
            self.shift(LEASE)
        if len(dead) == len(self.slots):
            for slot in dead:
                slot.levers.strike.value = NEVER
                slot.start()
        return bool(dead)

    def calm(self) -> None:
        """End all strikes and faults, and start every dead relay."""
        self.github.always("takes")
        self.neighbours.keys_fail = bool
        self.shelf.disturb(False)
        latest = max(slot.levers.shift.value for slot in self.slots)
        for slot in self.slots:
            slot.levers.strike.value, slot.levers.room.value = NEVER, UNLIMITED
            slot.levers.shift.value = latest
            if slot.is_dead():
                slot.bury()
                slot.start()

    def settle(self) -> None:
        """Run the timer until nothing is owed, and move the clocks to each next due time."""
        self.calm()
        passed = 0.0
        for _ in range(ROUNDS):
            self.round()
            rows = [row for row in self.store.rows() if not row.parked]
            if not rows:
                return
            ahead = min(row.due_at for row in rows) - self.now()
            step = min(max(ahead + 0.5, 1.0), 4_000.0) if ahead > -1 else 900.0
            passed += step
            if passed > LONGEST:
                break
            self.shift(step)
        self.stuck.append(f"{len(rows)} rows are still there after {passed:.0f} s")

    def expire(self) -> None:
        """Let more than a day pass, so that every pending case expires and stale rows are dropped."""
        self.shift(26.5 * 3_600.0)
        for _ in range(ROUNDS):
            self.round()
            if not self.store.expiring_cases(self.now(), 1):
                replace(self.world.outbox(), clock=self.now).owed()  # the operator looks, which removes what is left
                return
        self.stuck.append("lives are due and nothing becomes of them")


@contextmanager
def raised(
    name: str, kind: Kind, dice: Random, *, relays: int = 1, every: float = 0.0, limited: bool = False, fault: str = ""
) -> Iterator[Stage]:
    """Yield a stage on a new store with its relays serving, and end them after it."""
    slots: list[Slot] = []

    def clock(life: int) -> float:
        return time.time() + next((slot.levers.shift.value for slot in slots if slot.number == life), 0.0)

    with (
        TemporaryDirectory(prefix="torture-") as folder,
        Neighbours(GitHub(clock)) as neighbours,
        kind.made(Path(folder), dice) as shelf,
    ):
        path, journal = Path(folder), Journal()
        settings = {"RELAY_POLICY": rules.POLICY, **neighbours.settings()}
        environ = road.environ(path, **settings, **shelf.settings)
        slots += [Slot(environ, journal, every=every, limited=limited, fault=fault) for _ in range(relays)]
        people = People(neighbours.issuer)
        world = opened(road.environ(path, **settings, **shelf.undisturbed))
        stage = Stage(
            name, dice, kind, path, shelf, neighbours.github, neighbours, journal, people, world, slots, limited
        )
        try:
            for slot in slots:
                slot.start()
            yield stage
        finally:
            for slot in slots:
                slot.end()
            world.store.close()
