"""A genuine press of the tests' chat."""

from dataclasses import replace

from relay.model.delivery import Delivery
from tests.chats.pigeon.clicks import signed
from tests.support.entra_tokens import TENANT
from tests.support.example_policy import PEOPLE

SECRET = "coo-coo-coo-coo-coo-coo"
ENVIRON = {"RELAY_PIGEON_SECRET": SECRET}
PERSON = f"entra:{TENANT}/{PEOPLE['ada']}"


def genuine(ticket: str, now: int) -> Delivery:
    """Return Ada's approval."""
    return replace(signed(SECRET, ticket=ticket, verdict="approve", person=PERSON, name="Ada"), arrived_at=now)
