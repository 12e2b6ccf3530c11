"""The ends of a pending case without a decision: cancelled, superseded or expired. Pure."""

from dataclasses import replace

from relay.approval import debts, gates
from relay.approval.judge import Decision, Step, ends_at, settled_decision
from relay.approval.policy import Policy
from relay.model.case import Case, Successor


def cancel(case: Case, policy: Policy, now: float) -> Step:
    """Cancel a pending case. A decided one stays as it is."""
    return _close(case, policy, now, Decision("cancelled"), replace(case, status="cancelled", decided_at=int(now)))


def supersede(case: Case, newer: Successor, policy: Policy, now: float) -> Step:
    """Close a pending case in favour of `newer`. A decided one stays as it is."""
    closed = replace(case, status="superseded", decided_at=int(now), superseded_by=newer)
    return _close(case, policy, now, Decision("superseded"), closed)


def expire(case: Case, policy: Policy) -> Case:
    """Return a pending case as expired at its end."""
    end = ends_at(case, policy)
    return gates.owe_verdict(debts.without_unwanted(replace(case, status="expired", decided_at=end), end), end)


def _close(case: Case, policy: Policy, now: float, decision: Decision, closed: Case) -> Step:
    settled = settled_decision(case, policy, now)
    if settled is not None:
        return Step(settled, case, changed=False)
    return Step(decision, gates.owe_verdict(debts.without_unwanted(closed, now), now), changed=True)
