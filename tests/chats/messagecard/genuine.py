"""A genuine press on a MessageCard."""

from collections.abc import Mapping

from relay.model.delivery import Delivery
from tests.support import clicks
from tests.support.entra_tokens import TENANT
from tests.support.example_policy import PEOPLE

ENVIRON: Mapping[str, str] = {}
PERSON = f"entra:{TENANT}/{PEOPLE['ada']}"


def genuine(ticket: str, now: int) -> Delivery:
    """Return Ada's approval."""
    headers = clicks.headers("ada", "approve", ticket, iat=now, nbf=now, exp=now + 3_600)
    return Delivery("messagecard", headers, b'{"comment": ""}', now)
