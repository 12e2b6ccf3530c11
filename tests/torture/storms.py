"""Storms: people press, relays are killed, GitHub fails, clocks jump and the disk is full, all at once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from threading import Barrier, Event, Thread
from typing import Final

from tests.support.chaos.channels import MOODS
from tests.support.chaos.github import GONE, Mood
from tests.torture import rules
from tests.torture.diary import Card
from tests.torture.dice import dice
from tests.torture.lives import Slot
from tests.torture.orders import UNLIMITED
from tests.torture.people import pressable
from tests.torture.stage import Stage
from tests.torture.workflows import RUNS, released

_CHANNEL_ODDS: Final = (80, 6, 8, 6)  # of `MOODS`
SHOWN: Final = 12  # requests of a storm that Slack shows
HOUR: Final = 3_600.0
RECENT: Final = 40  # cards that people still look at
GROUPS: Final = 6
PRESSERS: Final = (*rules.OWNERS, "lin", "lin", rules.OUTSIDER)
_ODDS: Final[dict[Mood, int]] = {
    "takes": 55,
    "takes slowly": 12,
    "takes late": 1,
    "takes and cuts": 6,
    "takes and stalls": 1,
    "takes and fails": 7,
    "cuts": 6,
    "stalls": 1,
    "limits": 2,
    "fails": 9,
}


@dataclass(frozen=True)
class Weather:
    """Weather of a storm: its faults and its `people`. Kills come every `kills` seconds, or never if 0."""

    people: int = 12
    kills: float = 0.4
    faults: bool = True
    jumps: bool = False
    full: bool = False


def storm(here: Stage, weather: Weather, seconds: float) -> None:
    """Let a storm pass over a stage."""
    over = Event()
    here.jumped = weather.jumps
    if weather.faults:
        sky = dice(here.dice.random())
        here.github.plan = lambda: sky.choices([*_ODDS], [*_ODDS.values()])[0]
        here.neighbours.keys_fail = lambda: sky.random() < 0.1
        here.neighbours.slack.plan = here.neighbours.receiver.plan = lambda: sky.choices(MOODS, _CHANNEL_ODDS)[0]
    here.shelf.disturb(weather.faults)
    works: list[Callable[[Stage, Random, Event], None]] = [_live] * weather.people
    works += [_kill(slot, weather.kills) for slot in here.slots]
    works += [_jump] if weather.jumps else []
    works += [_fill] if weather.full else []
    threads = [Thread(target=work, args=(here, dice(here.dice.random()), over)) for work in works]
    for thread in threads:
        thread.start()
    over.wait(seconds)
    over.set()
    for thread in threads:
        thread.join()


def crowd(here: Stage, *, people: int, requests: int, presses: int) -> None:
    """Let many people press on many requests at the same moment."""
    cards = [
        here.ask(f"{rules.KINDS[number % 4]}-{number}") if number % 2 else _carried(here, f"one-{number}")
        for number in range(requests)
    ]
    together = Barrier(people)

    def press(luck: Random) -> None:
        together.wait(30)
        for _ in range(presses):
            verdict = "reject" if luck.random() < 0.05 else "approve"
            here.people.press(luck.choice(here.slots), luck.choice(PRESSERS), verdict, luck.choice(cards))

    with ThreadPoolExecutor(people) as crowd:
        list(crowd.map(press, [dice(here.dice.random()) for _ in range(people)]))


def _carried(here: Stage, environment: str) -> Card:
    return here.people.carry(here.slot(), environment)


def _live(here: Stage, luck: Random, over: Event) -> None:
    """Act as a person, and sometimes as a workflow, until the storm is over."""
    while not over.is_set():
        slot = luck.choice(here.slots)
        if not slot.port:
            over.wait(0.01)
            continue
        recent = here.diary.cards[-RECENT:]
        environment = f"{luck.choice(rules.KINDS)}-{luck.randrange(GROUPS)}"
        repository = GONE if luck.random() < 0.03 else rules.API
        match luck.random():
            case drawn if drawn < 0.12 or not recent:
                key = f"{environment} {here.word()}"
                while not here.people.ask(slot, environment, key=key, repository=repository) and not over.is_set():
                    over.wait(0.02)
                    slot = luck.choice(here.slots)
            case drawn if drawn < 0.16:
                here.people.carry(slot, environment, repository=repository)
            case drawn if drawn < 0.19:
                card = luck.choice(recent)
                if card.registered:
                    here.people.cancel(slot, card)
            case drawn if drawn < 0.24:
                _run(here, slot, luck)
            case drawn if drawn < 0.32:
                _press_in_slack(here, slot, luck)
            case _:
                card = luck.choice(recent)
                verdict = "reject" if luck.random() < 0.07 else "approve"
                here.people.press(slot, luck.choice(PRESSERS), verdict, card)


def _run(here: Stage, slot: Slot, luck: Random) -> None:
    """Let a run of GitHub act: one that an approval started redeems it, or one begins to wait."""
    here.workflows.cards()
    recent = released(here.github.arrivals[-RECENT:])
    if recent and luck.random() < 0.8:
        here.workflows.redeem(slot, luck.choice(recent), luck.randrange(RUNS))
    elif len(here.diary.waiting) < SHOWN:
        here.workflows.wait(slot, f"gate-{luck.randrange(GROUPS)}", int(here.word()) + 1)


def _press_in_slack(here: Stage, slot: Slot, luck: Random) -> None:
    """Press a live button in Slack, or ask for what is shown there."""
    messages = [each for each in here.neighbours.slack.fake.messages[-RECENT:] if pressable(each)]
    if messages and luck.random() < 0.8:
        message = luck.choice(messages)
        here.people.press_in_slack(slot, luck.choice(PRESSERS), luck.choice([*pressable(message)]), message)
    elif sum(card.environment.startswith(rules.TOLD) for card in here.diary.cards) < SHOWN:
        here.people.ask(slot, f"{rules.TOLD}-{luck.randrange(GROUPS)}", key=f"{rules.TOLD} {here.word()}")


def _kill(slot: Slot, every: float) -> Callable[[Stage, Random, Event], None]:
    """Return work that kills one relay at random times: from outside, or at one of its next outside calls."""

    def work(_here: Stage, luck: Random, over: Event) -> None:
        while every and not over.wait(luck.uniform(0, 2 * every)):
            if luck.random() < 0.5:
                slot.levers.strike.value = luck.randint(1, 60)
                end = time.monotonic() + 2 * every
                while not over.is_set() and time.monotonic() < end and not slot.is_dead(0.02):
                    pass
                slot.levers.strike.value = 0
            slot.kill()
            over.wait(luck.uniform(0, every / 4))
            slot.start()

    return work


def _jump(here: Stage, luck: Random, over: Event) -> None:
    """Make single clocks jump by an hour and back."""
    while not over.wait(luck.uniform(0.5, 2)):
        slot = luck.choice(here.slots)
        slot.levers.shift.value = luck.choice((HOUR, 0.0, -HOUR))


def _fill(here: Stage, luck: Random, over: Event) -> None:
    """Fill the disk again and again: nothing can be written, or no file can grow."""
    files = [here.folder / "relay.db-wal", here.folder / "relay.db"]
    while not over.wait(luck.uniform(0.3, 1.5)):
        grown = max((file.stat().st_size for file in files if file.exists()), default=0)
        room = luck.choice((0, grown))
        for slot in here.slots:
            slot.levers.room.value = room
        over.wait(luck.uniform(0.3, 1.5))
        for slot in here.slots:
            slot.levers.room.value = UNLIMITED
