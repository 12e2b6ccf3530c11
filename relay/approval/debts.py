"""The life of a debt: leased, settled, postponed, given up. Pure: the payer commits the returned cases."""

from dataclasses import replace
from typing import Final

from relay.approval import gates
from relay.approval.backoff import FIRST_WAIT, FIRST_WAIT_OF_NOTICES, least_wait, wait
from relay.approval.runs import with_run
from relay.model.case import Case
from relay.model.debts import Card, Debt, Delivered, Outcome, Refused, RetryAfter
from relay.model.events import Notice
from relay.model.request import ORIGIN
from relay.model.runs import Run

GIVE_UP_AFTER: Final = 86_400
LEASE_SLACK: Final = 15.0  # a lease outlasts the budget by this, so that its holder ends before it
DROPPED: Final = "dropped by the operator"
OVERTAKEN: Final = "a newer approval of the same came before it was sent"
_CLOSED: Final = ("superseded", "cancelled", "expired")


def is_dispatch(debt: Debt) -> bool:
    """Tell whether a debt is a dispatch that people see. A report is for the page of a run at GitHub alone."""
    return debt.kind == "dispatch" and not debt.report


def shown_kind(case: Case, debt: Debt) -> str:
    """Return the kind of a debt as people read it: a run that waits gets reports and a verdict, and no dispatch."""
    if case.gate and debt.kind == "dispatch":
        return "report" if debt.report else "verdict"
    return debt.kind


def shown_status(debt: Debt) -> str:
    """Return the status of a debt as people read it: `dropped` for a debt that the operator dropped."""
    return "dropped" if debt.status == "dead" and not debt.row else debt.status


def why_refused(debt: Debt) -> str:
    """Return the reason of a refusal after a colon, or an empty text."""
    return f": {debt.last_error}" if debt.status == "refused" and debt.last_error else ""


def is_due(debt: Debt, now: float) -> bool:
    """Tell whether the debt may be paid now: it is owed, and its lease or its wait has ended."""
    return debt.status == "owed" and debt.due_at <= now


def is_leased(debt: Debt, now: float) -> bool:
    """Tell whether a payer holds the debt, and may be sending it now."""
    return debt.status == "owed" and bool(debt.lease) and debt.due_at > now


def is_still_wanted(case: Case, debt: Debt) -> bool:
    """Tell whether the debt is still to be paid. An announcement ends with its request, a decision does not."""
    # A card is wanted as long as its case exists, since people look at it. Events are always told. A run waits for
    # its verdict, an approval or a rejection.
    return (
        debt.kind != "dispatch"
        or (case.gate is not None and not debt.decision)
        or not (case.status in _CLOSED or (case.status == "rejected" and debt.decision))
    )


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
    notice: Notice | None = None,
) -> Case | None:
    """Return the case after an attempt, or None if the holder no longer has the lease.

    `jitter` is random in [0, 1), `nonce` is of the new commit, and `card` or `notice` is the message after the
    attempt. A debt older than a day becomes dead instead of being postponed again.
    """
    debt = case.debts[index]
    if debt.status != "owed" or debt.lease != holder:
        return None
    tried = not isinstance(outcome, RetryAfter) or outcome.tried
    if tried and debt.kind == "dispatch" and not debt.tried_at:
        # An attempt whose outcome was lost came before this one.
        debt = replace(debt, tried_at=debt.since if debt.maybe_sent else now)
    attempts = debt.attempts + tried
    debt = replace(debt, card=card or debt.card, notice=notice or debt.notice)
    outcome = _outcome_of(debt, outcome)
    if isinstance(outcome, Delivered):
        delivered = replace(debt, status="delivered", attempts=attempts, lease="", last_error="", cure=outcome.note)
        if outcome.run:
            delivered = replace(delivered, run_id=outcome.run.id, run_url=outcome.run.url)
            started = Run("queued", int(now), "github", url=outcome.run.url, id=outcome.run.id, debt=index)
            return with_run(_with_debt(case, index, delivered), started)
        return _with_debt(case, index, delivered)
    attempted = replace(debt, attempts=attempts, lease="", row=f"{nonce}.{index}")
    match outcome:
        case Refused(elsewhere=True):
            return gates.decided_elsewhere(_with_debt(case, index, replace(attempted, row="")), now)
        case Refused(overtaken=True, phrase=phrase):
            after = replace(attempted, status="cancelled", last_error=phrase)
        case Refused(phrase=phrase, of_place=of_place) if debt.report or (of_place and _is_to_origin(debt)):
            # No work for the operator: nobody waits for a report, and a command may be said where the app may not post.
            after = replace(attempted, status="cancelled", row="", last_error=phrase)
        case Refused(phrase=phrase, cure=cure, in_doubt=in_doubt):
            after = replace(attempted, status="dead" if in_doubt else "refused", last_error=phrase, cure=cure)
        case _ if not is_still_wanted(case, debt):
            after = replace(attempted, status="cancelled", last_error=outcome.phrase)
        case _:
            first = FIRST_WAIT_OF_NOTICES if debt.kind == "notice" else FIRST_WAIT
            due_at = now + wait(outcome, attempted.attempts, jitter, first)
            dead = due_at > debt.created_at + GIVE_UP_AFTER
            after = replace(
                attempted,
                status="dead" if dead else "owed",
                due_at=due_at,
                not_before=now + least_wait(outcome, first) if outcome.tried else debt.not_before,
                maybe_sent=debt.maybe_sent or outcome.ambiguous,
                last_error=outcome.phrase,
                cure="not taken within a day; `relay outbox replay` tries again" if dead else "",
            )
    return _with_debt(case, index, after)


def _is_to_origin(debt: Debt) -> bool:
    return debt.kind != "dispatch" and debt.event_type == ORIGIN


def _outcome_of(debt: Debt, outcome: Outcome) -> Outcome:
    """Return an outcome in view of earlier tries of the debt."""
    if isinstance(outcome, Refused) and outcome.elsewhere and debt.maybe_sent:
        return Delivered()  # the verdict that GitHub has is this one, though the answer to an earlier try was lost
    return outcome


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


def _maybe_sent(debt: Debt) -> bool:
    return debt.maybe_sent or bool(debt.lease)  # a holder that recorded no outcome may have sent it


def _with_debt(case: Case, index: int, debt: Debt) -> Case:
    return replace(case, debts=(*case.debts[:index], debt, *case.debts[index + 1 :]))
