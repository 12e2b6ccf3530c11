"""Ground of a scenario: a store, the relays on it, their clocks and neighbours, and the way back to rest."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final, cast

from relay.app import Relay
from relay.health import LATE
from tests.support.chaos.github import GitHub
from tests.support.chaos.neighbours import Neighbours
from tests.torture import shown
from tests.torture.diary import Diary
from tests.torture.lives import Journal, Slot
from tests.torture.orders import NEVER, UNLIMITED
from tests.torture.people import People
from tests.torture.stores import Kind, Patient, Shelf, Store
from tests.torture.workflows import Workflows

ROUNDS: Final = 200
LONGEST: Final = 20 * 3_600.0  # seconds that settling may take on the relay's clock: less than the day of a debt
TRIES: Final = 6
LEASE: Final = 20.0  # seconds after which the lease of a killed relay has ended
_PATIENT: Final = 0.7  # how often people press again only when that has passed


@dataclass
class Ground:
    """Ground of a scenario. Where clocks `jumped`, order and leases prove nothing."""

    name: str
    dice: Random
    kind: Kind
    folder: Path
    shelf: Shelf
    neighbours: Neighbours
    journal: Journal
    diary: Diary
    people: People
    workflows: Workflows
    world: Relay
    slots: list[Slot] = field(default_factory=list)
    limited: bool = False
    jumped: bool = False
    points_there: int = 0
    points_struck: int = 0
    struck_at: dict[str, str] = field(default_factory=dict)  # by the number of the telling, where its relay was struck
    stuck: list[str] = field(default_factory=list)
    untrue: list[tuple[str, str]] = field(default_factory=list)
    looked: int = 0
    words: Iterator[int] = field(default_factory=count)
    by_health: bool = False  # in place of the timer

    @property
    def github(self) -> GitHub:
        """Return the fake GitHub."""
        return self.neighbours.github

    @property
    def store(self) -> Store:
        """Return the store, for the suite to read."""
        store: Any = Patient(self.world.store)
        return cast("Store", store)

    def word(self) -> str:
        """Return a word that is new here."""
        return f"{next(self.words)}"

    def slot(self) -> Slot:
        """Return the first slot with a living relay."""
        return next((slot for slot in self.slots if slot.port and not slot.is_dead()), self.slots[0])

    def now(self) -> float:
        """Return the time of the first relay's clock."""
        return self.slots[0].now()

    def shift(self, seconds: float) -> None:
        """Let time pass on every relay's clock."""
        self.journal.passed.append(time.monotonic())
        for slot in self.slots:
            slot.levers.shift.value += seconds

    def until(self, act: Callable[[Slot], bool]) -> None:
        """Act at a living relay until there is an answer, as people and programs do."""
        for _ in range(TRIES):
            if act(self.slot()):
                return
            self.revive()

    def round(self) -> None:
        """Run the timer of one relay, again if it was struck; or ask for health, some minutes after the last time."""
        if self.by_health:
            self.shift(LATE + 1.0)
        self.until(self.people.look if self.by_health else self.people.round)

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
        self.neighbours.fair()
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
                self._look()
                return
            ahead = min(row.due_at for row in rows) - self.now()
            step = min(max(ahead + 0.5, 1.0), 4_000.0) if ahead > -1 else 900.0
            passed += step
            if passed > LONGEST:
                break
            self.shift(step)
        self.stuck.append(f"{len(rows)} rows are still there after {passed:.0f} s")

    def _look(self) -> None:
        """Look at the cards of new requests, and let every run of a released one ask once more."""
        self.workflows.ask_again(self.slot())
        self.workflows.cards()
        seen, self.looked = self.looked, len(self.diary.cards)
        for card in self.diary.cards[seen:]:
            case = self.store.load(card.id) if shown.is_shown(card.environment) else None
            self.untrue += shown.cards_of(case, self.neighbours.slack, self.github) if case else ()

    def expire(self) -> None:
        """Let more than a day pass, so that every pending case expires, and stale rows are dropped. Then settle."""
        self.shift(26.5 * 3_600.0)
        for _ in range(ROUNDS):
            self.round()
            if not self.store.expiring_cases(self.now(), 1):
                self.settle()
                outbox = replace(self.world.outbox(), store=cast("Any", self.store), clock=self.now)
                outbox.owed()  # the operator looks, which removes what is left
                return
        self.stuck.append("lives are due and nothing becomes of them")
