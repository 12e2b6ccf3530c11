"""State machine of everything that may happen to a relay, one step after another, in any order."""

from collections.abc import Sequence
from typing import Final, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.model.actors import Actor, Fate
from tests.model.rest import come_to_rest, finish
from tests.model.world import World
from tests.support.chaos.github import Mood

CROWD: Final = 5  # who may act at once
CARDS: Final = 4  # after so many no workflow makes requests by itself
WHICH: Final = st.integers(0, 5)
FROZEN: Final = 26.0
HOUR: Final = 3_600
SECONDS: Final = (*[1, 3, 11, 21] * 4, 61, 61, 601, 3_700, 86_500, HOUR, -HOUR)
STEPS: Final = st.integers(0, 20)
PEOPLE: Final = st.sampled_from(["ada", "ada", "ada", "grace", "lin"])
ENVIRONMENTS: Final = ("newest", "ordered", "staged")
WORKS: Final = (
    *["ask"] * 2,
    *["ask again", "ask by itself", "ask elsewhere"],
    *["reject", "cancel"],
    *["round"] * 2,
    *["replay", "replay anyway", "drop"],
)
MOODS: Final[Sequence[Mood]] = (
    "takes",
    "takes",
    "takes",
    "takes",
    "fails",
    "takes and fails",
    "takes and cuts",
    "is closed",
    "limits",
    "asks to wait",
    "refuses",
)
FATES: Final[Sequence[Fate]] = ("crash", "cut before", "cut after")
T = TypeVar("T")


def _chosen(among: Sequence[T], which: int) -> T:
    return among[which % len(among)]


class Machine(RuleBasedStateMachine):
    """Workflows, people, timers and an operator, each let go step by step. At the end all must come to rest."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.environment = ""
        self.jumps = False

    def teardown(self) -> None:
        """Check the promises at the end, unless one is broken already, and end every thread."""
        try:
            if not self.world.broken:
                come_to_rest(self.world)
        finally:
            self.world.end()

    def has_room(self) -> bool:
        return len(self.world.actors) < CROWD

    def has_actors(self) -> bool:
        return bool(self.world.actors)

    @initialize(environment=st.sampled_from(ENVIRONMENTS), jumps=st.booleans(), cards=st.integers(1, 2))
    def first(self, environment: str, jumps: bool, cards: int) -> None:
        """Post the cards of one group, and choose whether the clock may jump."""
        self.environment, self.jumps = environment, jumps
        for number in range(cards):
            self.world.ask_offline(environment, cards - number)

    @precondition(has_room)
    @rule(which=WHICH, person=PEOPLE, steps=STEPS, mood=st.sampled_from(MOODS))
    def approve(self, which: int, person: str, steps: int, mood: Mood) -> None:
        """Start an approval, and let it run some steps."""
        actor = self.world.click(_chosen(self.world.cards, which), person, approves=True)
        self._go_on(actor, steps, "go", mood)

    @precondition(has_room)
    @rule(work=st.sampled_from(WORKS), which=WHICH, steps=STEPS, mood=st.sampled_from(MOODS))
    def begin(self, work: str, which: int, steps: int, mood: Mood) -> None:
        """Start another piece of work, and let it run some steps."""
        world, card, cases = self.world, _chosen(self.world.cards, which), tuple(self.world.tables.bodies)
        known = len(world.actors)
        match work:
            case "reject":
                world.click(card, "ada", approves=False)
            case "ask" | "ask again":
                world.ask(self.environment, "again" if work == "ask again" else "")
            case "ask elsewhere":
                world.ask(_chosen(ENVIRONMENTS, which), "")
            case "ask by itself":
                if len(world.cards) < CARDS:
                    world.ask_offline(self.environment, which)
            case "round":
                world.round()
            case _ if not cases:
                pass
            case "cancel":
                world.cancel(_chosen(cases, which))
            case _:
                world.operate(work, _chosen(cases, which))
        for actor in world.actors[known:]:
            self._go_on(actor, steps, "go", mood)

    @precondition(has_actors)
    @rule(who=WHICH, steps=st.integers(1, 12), mood=st.sampled_from(MOODS))
    def go_on(self, who: int, steps: int, mood: Mood) -> None:
        """Let an actor do some outside calls."""
        self._go_on(_chosen(self.world.actors, who), steps, "go", mood)

    @precondition(has_actors)
    @rule(who=WHICH, steps=st.integers(1, 12), fate=st.sampled_from(FATES), mood=st.sampled_from(MOODS))
    def go_on_and_fail(self, who: int, steps: int, fate: Fate, mood: Mood) -> None:
        """Let an actor do some outside calls, of which the last fails."""
        self._go_on(_chosen(self.world.actors, who), steps, fate, mood)

    @precondition(has_actors)
    @rule(who=WHICH, mood=st.sampled_from(MOODS))
    def finish(self, who: int, mood: Mood) -> None:
        """Let an actor run to its end."""
        self.world.github.always(mood)
        finish(self.world, _chosen(self.world.actors, who))

    @rule(seconds=st.sampled_from(SECONDS))
    def wait(self, seconds: int) -> None:
        """Let time pass, or let the clock jump."""
        if abs(seconds) != HOUR:
            self.world.wait(seconds)
        elif self.jumps:
            self.world.now += seconds
            self.world.watch.jump()

    @precondition(lambda self: self.has_room() and self.has_actors())
    @rule(steps=st.integers(1, 12), mood=st.sampled_from(MOODS))
    def freeze(self, steps: int, mood: Mood) -> None:
        """Stop every actor for longer than a lease, and let a timer run some steps."""
        self.world.wait(FROZEN)
        self._go_on(self.world.round(), steps, "go", mood)

    def _go_on(self, actor: Actor, steps: int, fate: Fate, mood: Mood) -> None:
        self.world.github.always(mood)
        for left in reversed(range(steps)):
            if actor.at:
                self.world.let_go(actor, "go" if left else fate)
