"""The debts of the outbox, as operators and programs read them. Pure."""

from relay.approval.debts import shown_kind, shown_status
from relay.model.case import Case
from relay.model.debts import Debt
from relay.outbox.try_records import cause


def shown_debt(case: Case, index: int, now: float) -> dict[str, object]:
    """Return a debt as JSON has it: its age in seconds, the last error, and the ids of the people who approved."""
    debt = case.debts[index]
    channel = {} if debt.kind == "dispatch" else {"channel": debt.event_type}
    what = {"what": shown_kind(case, debt)} if case.gate and debt.kind == "dispatch" else {}
    return {
        "id": case.request.id,
        "kind": debt.kind,
        "request": case.request.id,
        "repository": case.request.repository,
        "status": shown_status(debt),
        "age": max(0, round(now - age_from(debt))),
        "attempts": debt.attempts,
        "last_error": debt.last_error or None,
        "cause": cause_of(debt) or None,
        "cure": debt.cure or None,
        "approved_by": approved_by(case),
        **channel,
        **what,
    }


def cause_of(debt: Debt) -> str:
    """Return the code of the last failure of a debt, or an empty text."""
    return cause(debt.last_error)


def age_from(debt: Debt) -> float:
    """Return when a debt came to be owed. A replay makes it no younger."""
    return debt.since or float(debt.created_at)


def approved_by(case: Case) -> list[str]:
    """Return the ids of the people who approved a case, each once, in their order."""
    return [*dict.fromkeys(review.by.id for review in case.reviews if review.verdict == "approve")]
