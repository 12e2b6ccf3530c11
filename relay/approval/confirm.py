"""Confirmation of a press: whether the pressed card is the relay's own, and shows what the press decides. Pure."""

from relay.model import Actor, ApprovalRequest
from relay.signed import canonical_json
from relay.signed.tickets import BY_RELAY, Ticket


def view_of(request: ApprovalRequest, stage: str) -> str:
    """Return the digest of the relay's own card of a request in one stage."""
    return canonical_json.digest([request.id, stage])


def is_confirmed(ticket: Ticket, request: ApprovalRequest, actor: Actor, now: float, stage: str) -> bool:
    """Tell whether a press with this ticket decides at once.

    It does on a card that the relay posted itself, and on its own view of this stage, pressed by the same person in
    time.
    """
    if ticket.by == BY_RELAY:
        return True
    return (
        bool(ticket.view)
        and (ticket.view, ticket.person) == (view_of(request, stage), actor.id)
        and (now < ticket.expires_at)
    )
