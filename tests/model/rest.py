"""Letting a world come to rest: everybody ends, time goes by, GitHub is well, the timer runs; then nothing is left."""

from typing import Final

from relay.approval import debts
from relay.approval.cards import fingerprint
from relay.approval.groups import group_of, mark_of
from relay.approval.policy import rule_for
from relay.model import Case, Debt
from relay.outbox.timer import STALE_ROW
from tests.model.actors import Actor
from tests.model.rules import POLICY
from tests.model.world import World

STEPS: Final = 5_000
ROUNDS: Final = 60
LEASE: Final = 30.0
LONG: Final = 45 * 86_400.0  # longer than any request lives and is kept


def finish(world: World, actor: Actor) -> None:
    """Let an actor come to its end; those it waits for stand still."""
    for _ in range(STEPS):
        if not actor.at:
            return
        world.let_go(actor)
    raise AssertionError(f"{actor.name} does not end")


def come_to_rest(world: World) -> None:
    """End everybody, pay what is owed, and hold what is left against the promise."""
    world.github.mood = "takes"
    for _ in range(STEPS):
        if not world.actors:
            break
        for actor in tuple(world.actors):
            world.let_go(actor)
    assert not world.actors, "somebody does not end"
    begun = world.now
    _pay(world)
    _is_paid(world, begun)
    _is_shown(world)
    _clear(world)
    _is_clear(world)
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
    """Let the timer run until nothing is owed."""
    for _ in range(ROUNDS):
        owed = [debt for case in world.tables.cases() for debt in case.debts if debt.status == "owed"]
        if not owed:
            return
        world.now = max(world.now + LEASE, min(debt.due_at for debt in owed))
        finish(world, world.round())
    raise AssertionError(f"still owed: {owed}")


def _is_paid(world: World, begun: float) -> None:
    """Every approved request was dispatched, but for the reasons that there are."""
    taken = {(take.case_id, take.event_type) for take in world.watch.takes}
    for case in world.tables.cases():
        for debt in (debt for debt in case.debts if debt.kind == "dispatch"):
            match debt.status:
                case "delivered":
                    assert (case.request.id, debt.event_type) in taken, "delivered, and GitHub never took it"
                case "dead":
                    late = debt.created_at + debts.GIVE_UP_AFTER < begun + debts.LONGEST_WAIT
                    assert late or debt.last_error == "dropped by the operator", "given up at rest"
                case "cancelled":
                    assert debt.decision or _is_overtaken(world, case, debt), "cancelled, and nobody is newer"


def _is_shown(world: World) -> None:
    """Every card shows how its case stands."""
    for case in world.tables.cases():
        for debt in case.debts:
            if debt.card and debt.status == "delivered":
                expected = {"id": case.request.id, "face": fingerprint(case)}
                assert expected == world.chat.shown[debt.card.message], "a card shows what is no longer so"


def _is_overtaken(world: World, older: Case, debt: Debt) -> bool:
    """Tell whether a newer request, which was approved, may take the place of this one."""
    request = older.request
    rule = rule_for(POLICY, request.repository, request.environment, request.event_type)
    group = group_of(request, debt.event_type)
    newer = (
        case
        for case in world.tables.cases()
        if case.status == "approved" and mark_of(case.request) > mark_of(request)
        if group_of(case.request, debt.event_type) == group
    )
    return rule is not None and rule.supersede and any(newer)


def _clear(world: World) -> None:
    """Let the timer and the operator drop what crashes left behind."""
    for _ in range(3):
        waiting = [row.due_at for row in world.tables.rows if row.group]
        world.now = max([world.now, *waiting]) + STALE_ROW + 1
        finish(world, world.round())
        finish(world, world.operate("look", ""))


def _is_clear(world: World) -> None:
    """There are as many rows as there are debts that only an operator can move."""
    parked = {
        debts.row_of(case, index)
        for case in world.tables.cases()
        for index, debt in enumerate(case.debts)
        if debt.row and debt.status in ("refused", "dead")
    }
    assert parked == {row for row in world.tables.rows if row.group}, "rows without debts"
