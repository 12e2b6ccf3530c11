"""Where cases are kept, and how one is committed: decision and debts in one write, what it owes in sight before."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from relay.approval import cards, debts
from relay.approval.debts import WakeUp
from relay.github import rate_limit
from relay.github.rate_limit import Allowance, CallBudget, Spending
from relay.model import Case


class Cases(Protocol):
    """Where cases are kept, under optimistic concurrency. Every call raises Outage when the store cannot be reached."""

    def load(self, case_id: str) -> Case | None:
        """Return the case as last committed."""

    def write_case(
        self,
        case: Case,
        *,
        to_set: Collection[WakeUp] = (),
        to_clear: Collection[WakeUp] = (),
        spending: Spending | None = None,
        durable: bool = True,
    ) -> bool:
        """Write the case over its `version - 1`, or create its version 1, and take what is spent out of its bucket.

        The `arm` rows and the bucket are durable no later than the case, the `disarm` rows go no earlier. False:
        another commit came first, or the bucket has no room, and the case was not written. What need not be `durable`
        may be lost with the machine, never with the process.
        """

    def bucket(self, identity: str) -> CallBudget:
        """Return what the identity has spent of GitHub's patience; it may be a little old."""

    def close_bucket(self, identity: str, until: float) -> None:
        """Let nobody spend anything of the identity's until then."""

    def give_back(self, identity: str, at: float) -> None:
        """Give back the room for one call that was not made `at` a time; it may be lost, never given back twice."""

    def born_at(self) -> float:
        """Return when this store began, Unix seconds."""


def write(
    cases: Cases,
    before: Case,
    after: Case,
    *,
    nonce: str,
    now: float,
    spending: Spending | None = None,
    durable: bool = True,
) -> Case | None:
    """Commit `after` over `before` and move its rows; None if another was faster.

    Whoever changes what a card shows owes the card, in the same write.
    """
    after = with_wake_ups(cards.owed_anew(after, now), nonce)
    after = replace(after, version=before.version + 1, commit_id=nonce)
    old, new = debts.rows_of(before), debts.rows_of(after)
    done = cases.write_case(after, to_set=new - old, to_clear=old - new, spending=spending, durable=durable)
    return after if done else None


def commit_and_lease(  # noqa: PLR0913 - each goes by its name
    cases: Cases,
    before: Case,
    after: Case,
    *,
    holder: str,
    now: float,
    until: float,
    identity: str,
    only: int | None = None,
) -> Case | None:
    """Commit `after` over `before`, every dispatch that is due leased to `holder` until then.

    None if another was faster. Whoever finds a row whose lease has ended knows that its payer is gone. What `identity`
    has no room for is put off until it has. Of a case's dispatches `only` one may be asked for.
    """
    if not before.version:
        after = replace(after, life_at=after.request.expires_at)
    due = _due(after, "dispatch", now, only)

    def attempt(room: Allowance) -> Case | None:
        leased = _leased(after, due, room, holder=holder, now=now, until=until)
        spending = Spending(identity, room.calls, now) if room.calls else None
        return write(cases, before, leased, nonce=holder, now=now, spending=spending)

    written = attempt(
        Allowance(len(due), 0.0)
    )  # as nearly always; what is there is only asked for where it is not enough
    if written is None and due and _stands(cases, before):
        room = rate_limit.allowance(cases.bucket(identity), len(due), now)
        written = attempt(room)
        if written is None and room.calls and _stands(cases, before):  # it was taken in the meantime, or closed
            written = attempt(Allowance(0, 0.0))
    return written


def commit_cards(
    cases: Cases, case: Case, *, holder: str, now: float, until: float, only: int | None = None
) -> Case | None:
    """Lease every card of a case that is due, or `only` one, to `holder`; None if another was faster."""
    leased = case
    for index in _due(case, "card", now, only):
        leased = debts.lease(leased, index, holder=holder, until=until)
    return write(cases, case, leased, nonce=holder, now=now)


def _due(case: Case, kind: str, now: float, only: int | None) -> list[int]:
    """Return the places of what is owed and may be taken, or has no row yet."""
    return [
        index
        for index, debt in enumerate(case.debts)
        if debt.kind == kind and debt.status == "owed" and (not debt.row or debts.is_due(debt, now))
        if only in (None, index)
    ]


def with_wake_ups(case: Case, nonce: str) -> Case:
    """Return the case with a row for each debt that nobody holds and that has none yet."""
    for index, debt in enumerate(case.debts):
        if debt.status == "owed" and not debt.row:
            case = debts.postpone(case, index, nonce=nonce, until=debt.due_at)
    return case


def _leased(after: Case, due: Sequence[int], room: Allowance, *, holder: str, now: float, until: float) -> Case:
    """Return the case with as many dispatches leased as GitHub takes, and the others put off until there is room."""
    for place, index in enumerate(due):
        if place < room.calls:
            after = debts.lease(after, index, holder=holder, until=until)
        else:
            after = debts.postpone(after, index, nonce=holder, until=now + max(1.0, room.wait))
    return after


def _stands(cases: Cases, before: Case) -> bool:
    """Tell whether nobody has committed since `before` was read."""
    stored = cases.load(before.request.id)
    return (stored.version if stored else 0) == before.version


def leased_to(case: Case, holder: str) -> list[int]:
    """Return the places of the debts that `holder` has the lease of."""
    return [index for index, debt in enumerate(case.debts) if debt.status == "owed" and debt.lease == holder]
