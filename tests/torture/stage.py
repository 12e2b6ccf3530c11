"""Stage of a scenario: what people, workflows and GitHub do on its ground, each again until there is an answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from relay.dev.simulator.slack_workspace import Message
from tests.support import road
from tests.support.chaos.github import GitHub
from tests.support.chaos.neighbours import Neighbours
from tests.torture import rules
from tests.torture.diary import CUT, Card, Diary
from tests.torture.ground import LEASE, TRIES, Ground
from tests.torture.lives import Journal, Slot
from tests.torture.people import People, card_ids, pressable
from tests.torture.stores import Kind, Patient, opened
from tests.torture.workflows import RUNS, Workflows, released

UNHEARD: Final = (CUT, "busy")


class Stage(Ground):
    """Stage of a scenario: its acts."""

    def ask(self, environment: str, repository: str = rules.API) -> Card:
        """Register a request, trying again until it succeeds."""
        key = f"{environment} {self.word()}"
        made: list[Card | None] = []

        def act(at: Slot) -> bool:
            made.append(self.people.ask(at, environment, key=key, repository=repository))
            return bool(made[-1])

        self.until(act)
        if not made[-1]:
            raise RuntimeError("nobody takes a request")
        return made[-1]

    def press(self, person: str, verdict: str, card: Card, ticket: str = "") -> None:
        """Press until there is an answer, as people do."""
        self.until(lambda at: self.people.press(at, person, verdict, card, ticket=ticket) not in UNHEARD)

    def press_in_slack(self, person: str, verdict: str, card: Card) -> None:
        """Press the button of a card in Slack, if there is one after two rounds."""
        for _ in range(2):
            if not self.messages(card):
                self.shift(LEASE)
                self.round()
        found = [each for each in self.messages(card) if verdict in pressable(each)]
        if found:
            message = found[0]
            # A press whose answer was lost may have changed the card: who sees no button any more presses no more.
            self.until(
                lambda at: (
                    verdict not in pressable(message)
                    or self.people.press_in_slack(at, person, verdict, message) not in UNHEARD
                )
            )

    def messages(self, card: Card) -> list[Message]:
        """Return the messages in Slack that have a live button of a request."""
        return [each for each in self.neighbours.slack.fake.messages if pressable(each) and card.id in card_ids(each)]

    def cancel(self, card: Card) -> None:
        """Withdraw until there is an answer."""
        self.until(lambda at: self.people.cancel(at, card) not in UNHEARD)

    def tell(self, card: Card, action: str, run: int, conclusion: str = "") -> None:
        """Deliver a webhook until there is an answer, as an operator has GitHub do; then once more."""
        self.until(lambda at: self.workflows.tell(at, card, action, run, conclusion))
        self.workflows.tell(self.slot(), card, action, run, conclusion)

    def wait(self, environment: str) -> Card:
        """Let a run wait, told of by a webhook twice, and return its card once the page of the run leads to it."""
        run = int(self.word()) + 1
        self.until(lambda at: self.workflows.wait(at, environment, run))
        self.workflows.wait(self.slot(), environment, run)
        for _ in range(TRIES):
            if found := self.workflows.cards():
                return found[0]
            self.shift(LEASE)
            self.round()
        raise RuntimeError("the page of a run leads to no request")

    def redeem(self, card: Card) -> None:
        """Let every run ask that the dispatches of a request have started, as an attacker would, some of them twice."""
        for arrival in [each for each in released(self.github.arrivals) if each.id == card.id]:
            for number in (*range(RUNS), 0):
                self.until(partial(self.workflows.redeem, arrival=arrival, number=number))


@contextmanager
def raised(
    name: str, kind: Kind, dice: Random, *, relays: int = 1, every: float = 0.0, limited: bool = False, fault: str = ""
) -> Iterator[Stage]:
    """Yield a stage on a new store with its relays serving, and end them after it."""
    slots: list[Slot] = []

    def clock(life: int) -> float:
        return time.time() + next((slot.levers.shift.value for slot in slots if slot.number == life), 0.0)

    def now() -> float:
        return slots[0].now() if slots else time.time()

    with (
        TemporaryDirectory(prefix="torture-") as folder,
        Neighbours(GitHub(clock), now) as neighbours,
        kind.made(Path(folder), dice) as shelf,
    ):
        path, journal = Path(folder), Journal()
        settings = {"RELAY_POLICY": rules.POLICY, **neighbours.settings(), **neighbours.channels()}
        environ = road.environ(path, **settings, **shelf.settings)
        slots += [Slot(environ, journal, every=every, limited=limited, fault=fault) for _ in range(relays)]
        world, diary = opened(road.environ(path, **settings, **shelf.undisturbed)), Diary()
        people, workflows = People(neighbours, diary), Workflows(neighbours, diary, Patient(world.store))
        stage = Stage(
            name=name,
            dice=dice,
            kind=kind,
            folder=path,
            shelf=shelf,
            neighbours=neighbours,
            journal=journal,
            diary=diary,
            people=people,
            workflows=workflows,
            world=world,
            slots=slots,
            limited=limited,
        )
        try:
            for slot in slots:
                slot.start()
            yield stage
        finally:
            for slot in slots:
                slot.end()
            world.store.close()
