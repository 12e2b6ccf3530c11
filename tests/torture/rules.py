"""Policy under torture: a rule of each kind, with any number of groups by their environment."""

from typing import Final

from relay.approval.events import EVENTS
from relay.chats.table import kinds
from relay.policy_toml import parse
from tests.support import example_policy
from tests.support.chaos.channels import NEWS, TEAM
from tests.support.example_policy import WHO, notify, rule, stage

API: Final = "octo/api"
RELEASE: Final = "deploy-api"
REFUSED: Final = "refused-api"
OWNERS: Final = ("ada", "grace", "octocat", "haneul")
OUTSIDER: Final = "bbbbbbbb-0000-4000-8000-000000000001"

KINDS: Final = ("one", "two", "new", "both")
TOLD: Final = "told"  # its cards are in Slack, and its events are told
GATE: Final = "gate"  # a run of GitHub waits for it
TWO_STAGES: Final = ("two", "both", TOLD, GATE)
SUPERSEDING: Final = ("new", "both")
ANNOUNCED: Final = ("approved", "rejected", "cancelled", "expired", "delivered")

_REJECTS: Final = ["refused-*"]
_TWO: Final = (stage("qa", "lin", "ada", on_pass="tested"), stage("release", "group:owners", required=2))
_SHOWN: Final = (stage("qa", "lin", "ada", channels=["testers"]), stage("release", "group:owners"))
_CHANNELS: Final = f"""
[channels.team]
kind = "slack"
place = "{TEAM}"
[channels.news]
kind = "slack"
place = "{NEWS}"
[channels.testers]
kind = "slack"
people = ["lin"]
[channels.events]
kind = "webhook"
"""
_GATE: Final = """
[[rule]]
repository = "octo/*"
environment = "gate-*"
target = "deployment_protection"
channels = ["team"]
"""
POLICY: Final = (
    WHO
    + _CHANNELS
    + rule("one-*", example_policy.RELEASE, reject_event_types=_REJECTS)
    + rule("again-*", example_policy.RELEASE, reject_event_types=_REJECTS, retry=True)
    + rule("two-*", *_TWO, reject_event_types=_REJECTS, on_request="asked")
    + rule("new-*", example_policy.RELEASE, reject_event_types=_REJECTS, supersede=True)
    + rule("both-*", *_TWO, reject_event_types=_REJECTS, supersede=True, on_request="asked")
    + rule("told-*", *_SHOWN, reject_event_types=_REJECTS, channels=["team"], retry=True)
    + _GATE
    + "".join(_SHOWN)
    + "".join(notify(f"{kind}-*", EVENTS[:-2], "events") for kind in (TOLD, GATE))
    + notify("told-*", ANNOUNCED, "news", style="edit", text="{{id}} of {{environment}}")
    + notify("told-*", ["reviewed"], "team", style="thread", text="{{id}}: {{by}} {{verdict}}")
)
PARSED: Final = parse.parse(POLICY, kinds())


def kind_of(environment: str) -> str:
    """Return the kind of an environment's rule."""
    return environment.partition("-")[0]
