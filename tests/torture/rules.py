"""Policy under torture: a rule of each kind, with any number of groups by their environment."""

from typing import Final

from relay.chats.table import kinds
from relay.policy_toml import parse
from tests.support import example_policy
from tests.support.example_policy import WHO, rule, stage

API: Final = "octo/api"
RELEASE: Final = "deploy-api"
REFUSED: Final = "refused-api"
OWNERS: Final = ("ada", "grace", "octocat", "haneul")
OUTSIDER: Final = "bbbbbbbb-0000-4000-8000-000000000001"

KINDS: Final = ("one", "two", "new", "both")
TWO_STAGES: Final = ("two", "both")
SUPERSEDING: Final = ("new", "both")

_REJECTS: Final = ["refused-*"]
_TWO: Final = (stage("qa", "lin", "ada", on_pass="tested"), stage("release", "group:owners", required=2))
POLICY: Final = (
    WHO
    + rule("one-*", example_policy.RELEASE, reject_event_types=_REJECTS)
    + rule("two-*", *_TWO, reject_event_types=_REJECTS, on_request="asked")
    + rule("new-*", example_policy.RELEASE, reject_event_types=_REJECTS, supersede=True)
    + rule("both-*", *_TWO, reject_event_types=_REJECTS, supersede=True, on_request="asked")
)
PARSED: Final = parse.parse(POLICY, kinds())


def kind_of(environment: str) -> str:
    """Return the kind of an environment's rule."""
    return environment.partition("-")[0]
