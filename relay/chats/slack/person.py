"""The person of a press or a command: `slack:TEAM/USER`, and no other field in the place of either."""

import re
from collections.abc import Collection
from typing import Final

from relay.chats.slack.form import malformed
from relay.errors import Refusal
from relay.identity.directory import printable_name
from relay.model.people import Actor

STRANGER: Final = "slack: the team is not of RELAY_SLACK_TEAMS"
OTHER_TEAM: Final = "Your Slack team is not one whose people may act here."
_TEAM: Final = re.compile(r"[TE][A-Z0-9]{1,20}")
_USER: Final = re.compile(r"[UW][A-Z0-9]{1,20}")


def read_person(team: object, user: object, teams: Collection[str], name: str = "") -> Actor:
    """Return the person. Raises Refusal malformed for a user of another form, not-allowed for a team not of `teams`."""
    if not isinstance(user, str) or not _USER.fullmatch(user):
        raise malformed("the user's id is not of the form")
    # In a shared channel the channel's team is another, in an installation for a whole organization it is null.
    if not isinstance(team, str) or not _TEAM.fullmatch(team) or team not in teams:
        raise Refusal("not-allowed", STRANGER)
    return Actor(f"slack:{team}/{user}", printable_name(name) or user)
