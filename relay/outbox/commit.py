"""The commit of a case: decision and debts in one write, with a wake-up for each debt written before."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from relay.approval import debts
from relay.approval.judge import ends_at
from relay.approval.next_version import next_version
from relay.approval.policy import Policy
from relay.github import rate_limit
from relay.github.rate_limit import CallBudget, Spending
from relay.journal import calls
from relay.journal import log as journal
from relay.model.case import Case
from relay.model.debts import Debt, DebtKind
from relay.store.contract import Store


def write(  # noqa: PLR0913 - each goes by its name
    store: Store,
    policy: Policy,
    before: Case,
    after: Case,
    *,
    nonce: str,
    now: float,
    spending: Spending | None = None,
    durable: bool = True,
    by: str = "",
) -> Case | None:
    """Commit `after` over `before` with its wake-ups. Return the committed case, or None if another commit came first.

    Each change is logged here and nowhere else; `by` made the change if no review names the person.

    Its wake-ups are written before the case: a crash leaves a wake-up without a debt, never a debt without a wake-up.
    """
    written = next_version(before, after, policy, nonce=nonce, now=now, trace=calls.trace())
    wake_ups = {"to_set": written.to_set, "to_clear": written.to_clear}
    if not store.write_case(written.case, **wake_ups, spending=spending, durable=durable):
        return None
    journal.write_changes(before, written.case, by)
    return written.case


def commit_and_lease(  # noqa: PLR0913 - each goes by its name
    store: Store,
    policy: Policy,
    before: Case,
    after: Case,
    *,
    holder: str,
    now: float,
    until: float,
    identity: str,
    only: int | None = None,
    by: str = "",
) -> Case | None:
    """Commit `after` over `before`, and lease its due dispatches to `holder`. Return None if another commit came first.

    `only` limits this to the dispatch of that index. A dispatch beyond the call budget of `identity` is postponed.
    """
    if not before.version:
        after = replace(after, life_at=ends_at(after, policy))  # an offline ticket may last longer than its rule
    due = _due(after, "dispatch", now, only)

    def attempt(waits: Mapping[int, float]) -> Case | None:
        leased = _lease_or_postpone(after, waits, holder=holder, now=now, until=until)
        taken = [after.debts[index] for index, wait in waits.items() if not wait]
        unapproved = sum(is_unapproved(after, debt) for debt in taken)
        spending = Spending(identity, len(taken), now, unapproved, after.request.repository) if taken else None
        return write(store, policy, before, leased, nonce=holder, now=now, spending=spending, by=by)

    # Nearly always the budget has room for all: only if not is it read.
    written = attempt(dict.fromkeys(due, 0.0))
    if written is None and due and _is_unchanged(store, before):
        waits = _waits(after, due, store.bucket(identity), now)
        written = attempt(waits)
        if written is None and not all(waits.values()) and _is_unchanged(store, before):  # another spent or closed it
            written = attempt({index: wait or 1.0 for index, wait in waits.items()})
    return written


def commit_due(  # noqa: PLR0913 - each goes by its name
    store: Store,
    policy: Policy,
    case: Case,
    kind: DebtKind,
    *,
    holder: str,
    now: float,
    until: float,
    only: int | None = None,
) -> Case | None:
    """Lease every due debt of a kind that needs no call budget, or the `only` one, to `holder`.

    Return None if another commit came first.
    """
    leased = case
    for index in _due(case, kind, now, only):
        leased = debts.lease(leased, index, holder=holder, until=until)
    return write(store, policy, case, leased, nonce=holder, now=now)


def _due(case: Case, kind: DebtKind, now: float, only: int | None) -> list[int]:
    """Return the indexes of owed debts that are due, or so new that they have no wake-up."""
    return [
        index
        for index, debt in enumerate(case.debts)
        if debt.kind == kind and debt.status == "owed" and (not debt.row or debts.is_due(debt, now))
        if only in (None, index)
    ]


def is_unapproved(case: Case, debt: Debt) -> bool:
    """Tell whether a dispatch comes without a final decision: it announces a stage or a request, or is plain."""
    return bool(debt.decision) or case.proof == "plain"


def _waits(case: Case, due: Sequence[int], budget: CallBudget, now: float) -> dict[int, float]:
    """Return for each due dispatch the seconds until the budget has room for it, or 0 if it has."""
    unapproved = [index for index in due if is_unapproved(case, case.debts[index])]
    share = rate_limit.unapproved_allowance(budget, case.request.repository, len(unapproved), now)
    waits = dict.fromkeys(unapproved[share.calls :], max(1.0, share.wait))
    others = [index for index in due if index not in waits]
    whole = rate_limit.allowance(budget, len(others), now)
    waits |= dict.fromkeys(others[: whole.calls], 0.0) | dict.fromkeys(others[whole.calls :], max(1.0, whole.wait))
    return {index: waits[index] for index in due}


def _lease_or_postpone(after: Case, waits: Mapping[int, float], *, holder: str, now: float, until: float) -> Case:
    """Return the case with each dispatch leased that does not wait, and the others postponed by their wait."""
    for index, wait in waits.items():
        if wait:
            after = debts.postpone(after, index, nonce=holder, until=now + wait)
        else:
            after = debts.lease(after, index, holder=holder, until=until)
    return after


def _is_unchanged(store: Store, before: Case) -> bool:
    """Tell whether no commit came since `before` was read."""
    stored = store.load(before.request.id)
    return (stored.version if stored else 0) == before.version


def leased_to(case: Case, holder: str) -> list[int]:
    """Return the indexes of the debts that `holder` has leased."""
    return [index for index, debt in enumerate(case.debts) if debt.status == "owed" and debt.lease == holder]
