"""The policy under torture: a rule of each kind, and groups without number by their environment."""

from typing import Final

from relay.policy_toml import parse
from tests.support import example_people

API: Final = "octo/api"
RELEASE: Final = "deploy-api"
REFUSED: Final = "refused-api"
OWNERS: Final = ("ada", "grace", "octocat", "haneul")
OUTSIDER: Final = "bbbbbbbb-0000-4000-8000-000000000001"

KINDS: Final = ("one", "two", "new", "both")
TWO_STAGES: Final = ("two", "both")
SUPERSEDING: Final = ("new", "both")

_ONE: Final = '[[rule.stage]]\nname = "release"\napprovers = ["group:owners"]\n'
_TWO: Final = (
    'on_request = "asked"\n[[rule.stage]]\nname = "qa"\napprovers = ["lin", "ada"]\non_pass = "tested"\n'
    + _ONE
    + "required = 2\n"
)


def _rule(kind: str, rest: str) -> str:
    return (
        f'[[rule]]\nrepository = "octo/*"\nenvironment = "{kind}-*"\nevent_types = ["deploy-*"]\n'
        f'reject_event_types = ["refused-*"]\nrequests = ["key", "offline"]\n{rest}'
    )


POLICY: Final = (
    example_people.WHO
    + _rule("one", _ONE)
    + _rule("two", _TWO)
    + _rule("new", "supersede = true\n" + _ONE)
    + _rule("both", "supersede = true\n" + _TWO)
)


PARSED: Final = parse.parse(POLICY)


def kind_of(environment: str) -> str:
    """Return the kind of an environment's rule."""
    return environment.partition("-")[0]
