"""End of a run: all actors end, GitHub takes everything, and the timer runs until nothing is owed."""

from typing import Final

from relay.approval import backoff, debts, wake_ups
from relay.approval.cards import fingerprint
from relay.model.case import Case
from relay.model.debts import Debt
from relay.outbox.expiry import STALE_ROW
from tests.model.actors import Actor
from tests.model.rules import POLICY
from tests.model.world import World
from tests.support.chaos import promises

STEPS: Final = 5_000
ROUNDS: Final = 60
LEASE: Final = 30.0
LONG: Final = 45 * 86_400.0  # longer than any request lives and is kept


def finish(world: World, actor: Actor) -> None:
    """Let an actor run to its end while all others stop."""
    for _ in range(STEPS):
        if not actor.at:
            return
        world.let_go(actor)
    raise AssertionError(f"{actor.name} does not end")


def come_to_rest(world: World) -> None:
    """End all actors, pay all debts, and check the promises."""
    world.github.always("takes")
    for _ in range(STEPS):
        if not world.actors:
            break
        for actor in tuple(world.actors):
            world.let_go(actor)
    assert not world.actors, "somebody does not end"
    begun = world.now
    _pay(world)
    _is_shown(world)
    _clear(world)
    _holds(world, begun)
    world.now += LONG
    for environment in ("newest", "staged"):  # who comes last sweeps the group
        finish(world, world.ask(environment, ""))
    assert all(len(waiting) <= 1 for waiting in world.tables.pending.values()), "somebody waits in a group for ever"
    for _ in range(3):
        world.now += LONG
        finish(world, world.round())
        finish(world, world.operate("look", ""))
    assert {} == world.tables.bodies, "a case is kept for ever"
    assert {} == world.tables.rows, "a row is kept for ever"


def _pay(world: World) -> None:
    """Run the timer until nothing is owed."""
    for _ in range(ROUNDS):
        owed = [debt for case in world.tables.cases() for debt in case.debts if debt.status == "owed"]
        if not owed:
            return
        world.now = max(world.now + LEASE, min(debt.due_at for debt in owed))
        finish(world, world.round())
    raise AssertionError(f"still owed: {owed}")


def _holds(world: World, begun: float) -> None:
    """Check the cases, rows and arrivals against the promises."""
    tables = world.tables

    def is_excused(_case: Case, debt: Debt) -> bool:
        late = debt.created_at + debts.GIVE_UP_AFTER < begun + backoff.LONGEST_WAIT
        return debt.status == "refused" or late or debt.last_error == "dropped by the operator"

    cases = {case.request.id: case for case in tables.cases()}
    arrivals = [arrival for arrival in world.github.arrivals if arrival.id in cases]
    rows = frozenset(row for row in tables.rows if row.nonce != wake_ups.LIFE)
    lives = [row.case_id for row in tables.rows if row.nonce == wake_ups.LIFE]
    record = promises.Record(POLICY, cases, rows, lives, arrivals, is_excused)
    assert [] == [*record.violations()]


def _is_shown(world: World) -> None:
    """Check that every card shows the state of its case."""
    for case in world.tables.cases():
        for debt in case.debts:
            if debt.card and debt.status == "delivered":
                expected = {"id": case.request.id, "face": fingerprint(case)}
                assert expected == world.chat.shown[debt.card.message], "a card shows what is no longer so"


def _clear(world: World) -> None:
    """Let the timer and the operator drop the rows that crashes left behind."""
    for _ in range(3):
        waiting = [row.due_at for row in world.tables.rows if row.group]
        world.now = max([world.now, *waiting]) + STALE_ROW + 1
        finish(world, world.round())
        finish(world, world.operate("look", ""))
