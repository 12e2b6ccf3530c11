"""The policy of the model: a rule for what waits its turn, for the newest, and for stages with cards in a chat."""

from typing import Final

from relay.chats.table import kinds
from relay.policy_toml import parse
from tests.support import example_people

POSTED: Final = ("staged", "posted")  # the environments whose requests have a card in a chat
POLICY: Final = parse.parse(
    example_people.WHO
    + """
[[rule]]
repository = "octo/*"
environment = "ordered"
event_types = ["deploy"]
reject_event_types = ["undo"]
requests = ["key", "offline"]
[[rule.stage]]
name = "release"
approvers = ["group:owners"]

[[rule]]
repository = "octo/*"
environment = "newest"
event_types = ["deploy"]
requests = ["key", "offline"]
supersede = true
on_request = "asked"
expires_in = "2h"
[[rule.stage]]
name = "release"
approvers = ["group:owners"]

[[rule]]
repository = "octo/*"
environment = "staged"
event_types = ["deploy"]
requests = ["key", "offline"]
supersede = true
[[rule.stage]]
name = "qa"
approvers = ["group:qa"]
on_pass = "checked"
[[rule.stage]]
name = "release"
approvers = ["group:owners"]
""",
    kinds(),
)
