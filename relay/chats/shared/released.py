"""Facts that every card shows of a request, and a case cut to a chat's size."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from relay.model import ApprovalRequest, Case, Proof

ASKS_YOU_TO_NOTE: Final = "The sender asks you to note"


def released(request: ApprovalRequest, proof: Proof, *, expires: str) -> list[tuple[str, str]]:
    """Return the facts of a release in the relay's words: names and values, without those that are not known."""
    stated = "" if proof == "oidc" else " (as stated by the sender)"
    facts = [
        ("Repository", request.repository),
        ("Environment", request.environment),
        ("Event", request.event_type),
        ("Ref", request.ref),
        ("Commit", request.sha),
        ("Requested by", request.requested_by and request.requested_by + stated),
        ("Expires", expires if request.event_type else ""),
        (ASKS_YOU_TO_NOTE, request.confirm),
    ]
    return [(name, value) for name, value in facts if value]


def shortened(case: Case) -> Iterator[Case]:
    """Yield the case as it is, then with its comments cut further and further, for a card that grows too large."""
    yield case
    for length in (500, 200, 40, 0):
        yield replace(case, reviews=tuple(replace(each, comment=each.comment[:length]) for each in case.reviews))
