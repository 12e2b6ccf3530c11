"""Confirmation of a press: whether the pressed card is the relay's own, and shows what the press decides. Pure."""

from relay.model.case import Case
from relay.model.delivery import Interaction
from relay.model.request import ApprovalRequest
from relay.signed import canonical_json
from relay.signed.tickets import BY_RELAY, Ticket


def view_of(request: ApprovalRequest, stage: str) -> str:
    """Return the digest of the relay's own card of a request in one stage."""
    return canonical_json.digest([request.id, stage])


def is_confirmed(ticket: Ticket, case: Case, interaction: Interaction, now: float, stage: str) -> bool:
    """Tell whether a press with this ticket decides at once.

    It does on a card that the relay posted itself, and on its own view of this stage, pressed by the same person in
    time.
    """
    if ticket.by == BY_RELAY:
        return interaction.pressed is None or _is_its_own(case, interaction.pressed)
    return (
        bool(ticket.view)
        and (ticket.view, ticket.person) == (view_of(case.request, stage), interaction.actor.id)
        and (now < ticket.expires_at)
    )


def _is_its_own(case: Case, pressed: tuple[str, str]) -> bool:
    """Tell whether a pressed message is one of the case's own cards."""
    # An app that may read a channel reads the tickets of the relay's cards there, and a webhook posts them anew.
    cards = (debt.card for debt in case.debts if debt.card and debt.card.message)
    return any((card.place, card.message) == pressed for card in cards)
