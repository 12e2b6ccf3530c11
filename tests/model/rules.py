"""Policy of the model: a rule where all wait their turn, one where the newest counts, and one with stages and cards."""

from typing import Final

from relay.chats.table import kinds
from relay.policy_toml import parse
from tests.support.example_policy import RELEASE, WHO, rule, stage

POSTED: Final = ("staged", "posted")  # the environments whose requests have a card in a chat
_EVENT: Final = ["deploy"]
POLICY: Final = parse.parse(
    WHO
    + rule("ordered", RELEASE, event_types=_EVENT, reject_event_types=["undo"])
    + rule("newest", RELEASE, event_types=_EVENT, supersede=True, on_request="asked", expires_in="2h")
    + rule("staged", stage("qa", "group:qa", on_pass="checked"), RELEASE, event_types=_EVENT, supersede=True),
    kinds(),
)
