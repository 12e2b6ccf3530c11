"""Programme of a run: every story with a strike at each of its points, then storms until the time is over."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Final

from tests.torture import stories, storms
from tests.torture.dice import dice
from tests.torture.judge import Verdict, judge
from tests.torture.stage import Stage, raised
from tests.torture.stores import SQLITE, Kind
from tests.torture.stories import Story
from tests.torture.storms import Weather

SWEEPS: Final = 0.6  # of the time
AT_ONCE: Final = 2  # stories that are told at once
LEAST: Final = 3.0  # seconds of a storm
LONGEST: Final = 20.0
SETTLING: Final = 3.0  # seconds that it takes after a storm until all is settled
CROWD: Final = 64
REQUESTS: Final = 100

Play = Callable[[Stage, float], None]


@dataclass(frozen=True)
class Scenario:
    """A scenario for a stage. `relays` share a store, and their timers run every `every` seconds.

    With `by_health` no timer ever runs: health is asked instead.
    """

    name: str
    play: Play
    relays: int = 2
    every: float = 0.3
    limited: bool = False
    by_health: bool = False


def _weather(name: str, weather: Weather, *, limited: bool = False) -> Scenario:
    return Scenario(name, lambda here, seconds: storms.storm(here, weather, seconds), limited=limited)


def _storm_without_timer(here: Stage, seconds: float) -> None:
    storms.storm(here, Weather(), seconds)


def _crowd(here: Stage, seconds: float) -> None:
    storms.crowd(here, people=CROWD, requests=REQUESTS, presses=max(4, int(seconds)))


def sweep(story: Story, here: Stage, seconds: float) -> None:
    """Strike at every point of a story, in random order, until the time is over: at one at least, if there was any."""
    over = time.monotonic() + seconds
    slots = [*range(1, stories.points_of(here, story) + 1)]
    here.points_there = len(slots)
    here.dice.shuffle(slots)
    for at in slots:
        if time.monotonic() > over and (here.points_struck or not seconds):
            break
        here.points_struck += stories.strike(here, story, at)


SCENARIOS: Final = (
    Scenario("crowd", _crowd),
    _weather("storm", Weather()),
    _weather("jumping clocks", Weather(jumps=True)),
    _weather("full disk", Weather(full=True, kills=1.0)),
    _weather("GitHub's limits", Weather(faults=False, kills=1.0), limited=True),
    _weather("no faults but kills", Weather(faults=False)),
    Scenario("a timer that never comes", _storm_without_timer, every=0.0, by_health=True),
)
BOTH: Final = ("crowd", "storm", "jumping clocks")


def sweep_of(story: Story, relays: int) -> Scenario:
    """Return the scenario that strikes a story at all its points."""
    name = story.__name__.replace("_", " ") + (", two relays" if relays > 1 else "")
    return Scenario(name, partial(sweep, story), relays=relays, every=0.0)


def sweeps() -> list[Scenario]:
    """Return every story, with one relay and with two."""
    return [sweep_of(story, relays) for story in stories.STORIES for relays in (1, 2)]


@dataclass(frozen=True)
class Outcome:
    """Outcome of a scenario."""

    scenario: str
    store: str
    seed: int
    seconds: float
    verdict: Verdict


def play(scenario: Scenario, kind: Kind, seed: int, seconds: float, *, fault: str = "") -> Outcome:
    """Play a scenario on a new stage, let it settle, and judge."""
    began = time.monotonic()
    relays, every, limited = scenario.relays, scenario.every, scenario.limited
    with raised(
        scenario.name,
        kind,
        dice(f"{seed} {scenario.name} {kind.name}"),
        relays=relays,
        every=every,
        limited=limited,
        fault=fault,
    ) as here:
        here.by_health = scenario.by_health
        scenario.play(here, seconds)
        here.settle()
        here.expire()
        verdict = judge(here)
    return Outcome(scenario.name, kind.name, seed, time.monotonic() - began, verdict)


def gales(kinds: Sequence[Kind]) -> list[tuple[Scenario, Kind]]:
    """Return every storm, on each kind of store where it is worth its time."""
    return [(scenario, kind) for scenario in SCENARIOS for kind in kinds if kind is SQLITE or scenario.name in BOTH]


def programme(seed: int, seconds: float, kinds: Sequence[Kind]) -> Iterator[Outcome]:
    """Play as much as fits into the seconds, and yield the outcome of each scenario. What begins is played to its end.

    On a slow machine some stories are left out. Every storm is played once at least.
    """
    ends = time.monotonic() + seconds
    stories_to_play = [(scenario, kind) for kind in kinds for scenario in sweeps()]
    dice(seed).shuffle(stories_to_play)
    stories_to_play.sort(key=lambda each: (each[1] is not SQLITE, each[0].relays > 1))
    weights = [_weight(scenario, kind) for scenario, kind in stories_to_play]
    left = Countdown(sum(weights), time.monotonic() + SWEEPS * seconds)

    def played(each: tuple[Scenario, Kind]) -> Outcome | None:
        share = left.share(_weight(*each))
        return play(*each, seed, share) if share else None

    with ThreadPoolExecutor(AT_ONCE) as players:
        yield from filter(None, players.map(played, stories_to_play))
    storms_to_play = gales(kinds)
    for number, (scenario, kind) in enumerate(itertools.cycle(storms_to_play)):
        left_over = ends - time.monotonic()
        if number >= len(storms_to_play) and left_over < LEAST:
            return
        share = left_over / max(1, len(storms_to_play) - number) - SETTLING
        yield play(scenario, kind, seed + number // len(storms_to_play), min(LONGEST, max(LEAST, share)))


def _weight(scenario: Scenario, kind: Kind) -> int:
    """Return the weight of a story in the time. The first ones shall reach all their points."""
    return (4 if kind is SQLITE else 2) if scenario.relays == 1 else 1


class Countdown:
    """Shares the time until `ends` by weight, among scenarios of which `AT_ONCE` run together."""

    def __init__(self, weights: int, ends: float) -> None:
        self._left = weights
        self._ends = ends
        self._turn = Lock()

    def share(self, weight: int) -> float:
        """Return the seconds for the next one."""
        with self._turn:
            share = max(0.0, self._ends - time.monotonic()) * AT_ONCE * weight / max(AT_ONCE * weight, self._left)
            self._left -= weight
            return share
