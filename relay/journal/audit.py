"""The audit line of an ended case: its reviews with their people, its end, and the outcome of its dispatch. Pure.

It has ids and names of the policy alone: no title, comment or payload, and no name that a token brought.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from relay.model.case import Case
from relay.model.people import Actor
from relay.model.values import iso

DAY: Final = 86_400
_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class AuditLine(NamedTuple):
    """The line of a case: the time of its end in Unix seconds, the id of its request, and its facts as JSON."""

    at: int
    request: str
    facts: Mapping[str, Any]


def audit_line(case: Case, key_of: Callable[[Actor], str]) -> AuditLine | None:
    """Return the line of a case, or None while it is pending. `key_of` returns a person's key in the policy, or ""."""
    if case.status == "pending":
        return None
    request = case.request
    facts = {
        "at": iso(case.decided_at),
        "request": request.id,
        "status": case.status,
        "repository": request.repository,
        "environment": request.environment,
        "event_type": request.event_type,
        "sha": request.sha if _SHA.fullmatch(request.sha) else "",
        "proof": case.proof,
        "requested_at": iso(request.issued_at),
        "requested_by": f"github:{request.requested_by_id}" if request.requested_by_id else "",
        "proven": [*case.proven],
        "reviews": [
            {
                "verdict": review.verdict,
                "by": review.by.id,
                "key": key_of(review.by),
                "stage": review.stage,
                "at": iso(review.at),
            }
            for review in case.reviews
        ],
        "dispatches": [
            {"event_type": debt.event_type, "status": debt.status, "attempts": debt.attempts}
            for debt in case.debts
            if debt.kind == "dispatch" and not debt.report
        ],
        "ended_by": case.ended_by,
        "superseded_by": case.superseded_by.id if case.superseded_by else "",
    }
    return AuditLine(case.decided_at, request.id, facts)
