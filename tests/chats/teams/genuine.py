"""A genuine press on a card of the Teams bot."""

from relay.model.delivery import Delivery
from tests.support import teams_activities
from tests.support.entra_tokens import TENANT
from tests.support.example_policy import PEOPLE

ENVIRON = {"RELAY_TEAMS_APP_ID": teams_activities.APP, "RELAY_TEAMS_APP_PASSWORD": "made up"}
PERSON = f"entra:{TENANT}/{PEOPLE['ada']}"


def genuine(ticket: str, now: int) -> Delivery:
    """Return Ada's approval."""
    pressed = teams_activities.pressed(ticket=ticket)
    pressed["from"]["aadObjectId"] = PEOPLE["ada"]
    return teams_activities.delivery(pressed, teams_activities.token(now), now=now)
