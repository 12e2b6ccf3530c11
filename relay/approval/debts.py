"""The life of a debt: leased, settled, postponed, given up. Pure: the payer commits the returned cases."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from relay.approval.groups import CARD, group_of, group_of_card
from relay.model import Card, Case, Debt, Delivered, Outcome, Refused, RetryAfter

GIVE_UP_AFTER: Final = 86_400
LEASE_SLACK: Final = 15.0  # a lease outlasts the budget by this, so that its holder ends before it
AMBIGUOUS_WAIT: Final = 10.0
FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 3_600.0
DROPPED: Final = "dropped by the operator"
LIFE: Final = "life"  # the nonce of the row that wakes a case, to expire it or to remove it
_CLOSED: Final = ("superseded", "cancelled", "expired")


@dataclass(frozen=True, slots=True)
class WakeUp:
    """An index row that wakes a case at `due_at`. `nonce` names the commit that wrote it, and the debt.

    The row of a debt has the `group` of the debt, its position there (`since`), and whether it was `tried` before. A
    row without group wakes the case itself. A `parked` row lists a debt for the operator alone, and is never due.
    """

    due_at: float
    case_id: str
    nonce: str
    group: str = ""
    since: float = 0.0
    parked: bool = False
    tried: bool = False

    @property
    def kind(self) -> Literal["dispatch", "card"]:
        """Return the kind of the row's debt, without loading the case."""
        return "card" if self.group.startswith(CARD) else "dispatch"


def group_of_debt(case: Case, debt: Debt) -> str:
    """Return the group in which a dispatch waits its turn. Cards wait for no turn; their group is the channel."""
    if debt.kind == "card":
        return group_of_card(debt.event_type)
    return group_of(case.request, debt.event_type)


def row_of(case: Case, index: int) -> WakeUp:
    """Return the row of a debt, as written by the last commit that changed the debt."""
    debt = case.debts[index]
    group = group_of_debt(case, debt)
    parked, tried = debt.status != "owed", debt.attempts > 0 or debt.maybe_sent
    return WakeUp(debt.due_at, case.request.id, debt.row, group, debt.since, parked, tried)


def rows_of(case: Case) -> frozenset[WakeUp]:
    """Return every row of the case: one for each debt that is not paid, cancelled or dropped, and one for its life."""
    listed = ("owed", "refused", "dead")
    owed = [index for index, debt in enumerate(case.debts) if debt.row and debt.status in listed]
    life = [WakeUp(case.life_at, case.request.id, LIFE)] if case.life_at else []
    return frozenset([*(row_of(case, index) for index in owed), *life])


def shown_status(debt: Debt) -> str:
    """Return the status of a debt as people read it: a debt that the operator dropped is no dead one."""
    return "dropped" if debt.status == "dead" and not debt.row else debt.status


def is_due(debt: Debt, now: float) -> bool:
    """Tell whether the debt may be paid now: it is owed, and its lease or its wait has ended."""
    return debt.status == "owed" and debt.due_at <= now


def is_leased(debt: Debt, now: float) -> bool:
    """Tell whether a payer holds the debt, and may be sending it now."""
    return debt.status == "owed" and bool(debt.lease) and debt.due_at > now


def is_still_wanted(case: Case, debt: Debt) -> bool:
    """Tell whether the debt is still to be paid. An announcement ends with its request, a decision does not."""
    # A card is wanted as long as its case exists, since people look at it.
    return debt.kind == "card" or not (case.status in _CLOSED or (case.status == "rejected" and debt.decision))


def lease(case: Case, index: int, *, holder: str, until: float) -> Case:
    """Return the case with a debt leased to `holder`, which alone may pay it until then."""
    debt, row = case.debts[index], f"{holder}.{index}"
    return _with_debt(case, index, replace(debt, lease=holder, row=row, due_at=until, maybe_sent=_maybe_sent(debt)))


def record_outcome(  # noqa: PLR0913 - each goes by its name
    case: Case,
    index: int,
    holder: str,
    outcome: Outcome,
    *,
    now: float,
    jitter: float,
    nonce: str,
    card: Card | None = None,
) -> Case | None:
    """Return the case after an attempt, or None if the holder no longer has the lease.

    `jitter` is random in [0, 1), `nonce` is of the new commit, and `card` is the card after the attempt. A debt older
    than a day becomes dead instead of being postponed again.
    """
    debt = case.debts[index]
    if debt.status != "owed" or debt.lease != holder:
        return None
    tried = not isinstance(outcome, RetryAfter) or outcome.tried
    attempts, card = debt.attempts + tried, card or debt.card
    if isinstance(outcome, Delivered):
        delivered = replace(
            debt, status="delivered", card=card, attempts=attempts, lease="", last_error="", cure=outcome.note
        )
        return _with_debt(case, index, delivered)
    attempted = replace(debt, card=card, attempts=attempts, lease="", row=f"{nonce}.{index}")
    match outcome:
        case Refused(phrase=phrase, cure=cure):
            after = replace(attempted, status="refused", last_error=phrase, cure=cure)
        case _ if not is_still_wanted(case, debt):
            after = replace(attempted, status="cancelled", last_error=outcome.phrase)
        case _:
            due_at = now + wait(outcome, attempted.attempts, jitter)
            dead = due_at > debt.created_at + GIVE_UP_AFTER
            after = replace(
                attempted,
                status="dead" if dead else "owed",
                due_at=due_at,
                not_before=now + _least_wait(outcome) if outcome.tried else debt.not_before,
                maybe_sent=debt.maybe_sent or outcome.ambiguous,
                last_error=outcome.phrase,
                cure="not taken within a day; `relay outbox replay` tries again" if dead else "",
            )
    return _with_debt(case, index, after)


def wait(outcome: RetryAfter, attempts: int, jitter: float) -> float:
    """Return the seconds until the next attempt: full jitter, doubling from 5 s to 1 h, but no less than asked for."""
    if not outcome.tried:
        return max(1.0, outcome.seconds)
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts, 20))
    chosen = FIRST_WAIT + jitter * (ceiling - FIRST_WAIT)
    return max(chosen, _least_wait(outcome))


def postpone(case: Case, index: int, *, nonce: str, until: float) -> Case:
    """Return the case with a debt that is released and not tried until then."""
    debt, row = case.debts[index], f"{nonce}.{index}"
    return _with_debt(case, index, replace(debt, lease="", row=row, due_at=until, maybe_sent=_maybe_sent(debt)))


def replay(case: Case, index: int, *, now: float, nonce: str, last: bool) -> Case:
    """Return the case with a debt owed anew: due now, with another day to be paid, and perhaps `last` in its group."""
    debt = case.debts[index]
    renewed = replace(
        debt,
        status="owed",
        lease="",
        row=f"{nonce}.{index}",
        created_at=int(now),
        due_at=now,
        not_before=0.0,
        since=now if last else debt.since,
        maybe_sent=_maybe_sent(debt),
        last_error="",
        cure="",
    )
    return _with_debt(case, index, renewed)


def drop(case: Case, index: int) -> Case:
    """Return the case with a debt given up by the operator."""
    dropped = replace(case.debts[index], status="dead", lease="", row="", last_error=DROPPED, cure="")
    return _with_debt(case, index, dropped)


def cancel(case: Case, index: int, reason: str) -> Case:
    """Return the case with an owed debt that will never be sent."""
    return _with_debt(case, index, replace(case.debts[index], status="cancelled", lease="", last_error=reason))


def without_unwanted(case: Case, now: float) -> Case:
    """Return the case with its unwanted debts cancelled, except leased ones, which their payer settles."""
    for index, debt in enumerate(case.debts):
        if debt.status == "owed" and not is_still_wanted(case, debt) and not is_leased(debt, now):
            case = cancel(case, index, "the request ended first")
    return case


def _least_wait(outcome: RetryAfter) -> float:
    return max(FIRST_WAIT, outcome.seconds, AMBIGUOUS_WAIT if outcome.ambiguous else 0.0)


def _maybe_sent(debt: Debt) -> bool:
    return debt.maybe_sent or bool(debt.lease)  # a holder that recorded no outcome may have sent it


def _with_debt(case: Case, index: int, debt: Debt) -> Case:
    return replace(case, debts=(*case.debts[:index], debt, *case.debts[index + 1 :]))
