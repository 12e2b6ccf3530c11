"""The next version of a case: the change itself, and all that follows from it in the same write. Pure."""

from dataclasses import replace
from typing import NamedTuple

from relay.approval import cards, debts, notices, wake_ups
from relay.approval.policy import Policy
from relay.approval.wake_ups import WakeUp
from relay.model.case import Case


class NextVersion(NamedTuple):
    """A case as it is written, and the wake-ups that are set before it and cleared after it."""

    case: Case
    to_set: frozenset[WakeUp]
    to_clear: frozenset[WakeUp]


def next_version(before: Case, after: Case, policy: Policy, *, nonce: str, now: float, trace: str) -> NextVersion:
    """Return `after` as a commit of the id `nonce` writes it over `before`.

    It owes each card whose content has changed, and a notice of each event. Each debt that is new has the `trace` of
    the present call, so that a later try is found by it.
    """
    after = notices.owe_notices(before, cards.owed_anew(after, now), policy, now)
    after = _with_trace(before, with_wake_ups(after, nonce), trace)
    after = replace(after, version=before.version + 1, commit_id=nonce)
    old, new = wake_ups.rows_of(before), wake_ups.rows_of(after)
    return NextVersion(after, new - old, old - new)


def with_wake_ups(case: Case, nonce: str) -> Case:
    """Return the case with a wake-up for each owed debt that has none, and waits for no earlier notice."""
    for index, debt in enumerate(case.debts):
        if debt.status == "owed" and not debt.row and not notices.waits(case, index):
            case = debts.postpone(case, index, nonce=nonce, until=debt.due_at)
    return case


def _with_trace(before: Case, after: Case, trace: str) -> Case:
    if not trace:
        return after
    owed = {index for index, debt in enumerate(before.debts) if debt.status == "owed"}
    fresh = [debt.status == "owed" and index not in owed for index, debt in enumerate(after.debts)]
    debts_ = zip(after.debts, fresh, strict=True)
    return replace(after, debts=tuple(replace(debt, trace=trace) if is_new else debt for debt, is_new in debts_))
