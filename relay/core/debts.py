"""What a debt does next: leased, settled, put off, given up. Pure; the payer commits what these return."""

from dataclasses import dataclass, replace
from typing import Final

from relay.core.model import Case, Debt, Delivered, Outcome, Refused, RetryAfter

GIVE_UP_AFTER: Final = 86_400
LEASE_SLACK: Final = 15.0  # a lease outlasts the budget by this, so that its holder ends before it
AMBIGUOUS_WAIT: Final = 10.0
FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class DueRow:
    """An index row: look at this case at `due_at`. `nonce` is the commit that wrote it.

    A `parked` row keeps a debt in sight that only an operator can move; it is never due.
    """

    due_at: float
    case_id: str
    nonce: str
    parked: bool = False


def is_due(debt: Debt, now: float) -> bool:
    """Tell whether anybody may take the debt: it is owed, and its lease or its wait has ended."""
    return debt.status == "owed" and debt.due_at <= now


def lease(case: Case, index: int, *, holder: str, until: float) -> Case:
    """Return the case with a debt leased to `holder`, who alone may pay it until then."""
    return _with(case, index, replace(case.debts[index], lease=holder, due_at=until))


def settle(case: Case, index: int, holder: str, outcome: Outcome, *, now: float, jitter: float) -> Case | None:
    """Return the case after an attempt, or None if the debt is no longer the holder's.

    `jitter` is random in [0, 1). A debt older than a day is dead instead of put off again.
    """
    debt = case.debts[index]
    if debt.status != "owed" or debt.lease != holder:
        return None
    attempted = replace(debt, attempts=debt.attempts + 1, lease="")
    match outcome:
        case Delivered(note=note):
            after = replace(attempted, status="delivered", last_error="", cure=note)
        case Refused(phrase=phrase, cure=cure):
            after = replace(attempted, status="refused", last_error=phrase, cure=cure)
        case _:
            due_at = now + wait(outcome, attempted.attempts, jitter)
            dead = due_at > debt.created_at + GIVE_UP_AFTER
            after = replace(
                attempted,
                status="dead" if dead else "owed",
                due_at=due_at,
                last_error=outcome.phrase,
                cure="given up a day after the decision; `relay outbox replay` tries again" if dead else "",
            )
    return _with(case, index, after)


def wait(outcome: RetryAfter, attempts: int, jitter: float) -> float:
    """Return the seconds until the next attempt: full jitter from 5 s doubling to 1 h, never before what was asked."""
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts, 20))
    chosen = FIRST_WAIT + jitter * (ceiling - FIRST_WAIT)
    return max(chosen, outcome.seconds, AMBIGUOUS_WAIT if outcome.ambiguous else 0.0)


def replay(case: Case, index: int, *, now: float) -> Case:
    """Return the case with a debt owed anew, due now, with another day to be paid."""
    renewed = replace(
        case.debts[index], status="owed", lease="", created_at=int(now), due_at=now, last_error="", cure=""
    )
    return _with(case, index, renewed)


def drop(case: Case, index: int) -> Case:
    """Return the case with a debt given up by the operator."""
    return _with(case, index, replace(case.debts[index], status="dead", lease="", last_error="dropped by the operator"))


def _with(case: Case, index: int, debt: Debt) -> Case:
    return replace(case, debts=(*case.debts[:index], debt, *case.debts[index + 1 :]))
