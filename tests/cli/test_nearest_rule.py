"""`relay policy explain` names the rule that is nearest to a request which no rule matches."""

import pytest

from relay.chats.table import kinds
from relay.cli.nearest_rule import nearest_rule
from relay.policy_toml.parse import parse

POLICY = """
[[rule]]
repository = "octo/flow"
event_types = ["deploy-*"]
plain = true

[[rule]]
repository = "octo/api"
environment = "production"
event_types = ["deploy-*", "restart"]
self_approval = true
[[rule.stage]]
approvers = ["anyone"]

[[rule]]
repository = "octo/web"
environment = "production"
event_types = ["deploy-*"]
self_approval = true
[[rule.stage]]
approvers = ["anyone"]
"""


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        (
            ("octo/web", "prodution", "deploy-web"),
            "rule 3 of the file: it takes the environment production, and the request has prodution.",
        ),
        (
            ("octo/wbe", "production", "deploy-web"),
            "rule 3 of the file: it takes the repository octo/web, and the request has octo/wbe.",
        ),
        (
            ("octo/API", "", "deply-api"),
            (
                "rule 2 of the file: it takes the environment production, and the request has none; "
                "it takes the event type deploy-* or restart, and the request has deply-api."
            ),
        ),
    ],
)
def test_the_nearest_rule_differs_in_the_fewest_facts_and_then_in_the_fewest_letters(
    asked: tuple[str, str, str], near: str
) -> None:
    repository, environment, event_type = asked
    policy = parse(POLICY, kinds())
    told = nearest_rule(policy, repository=repository, environment=environment, event_type=event_type)
    assert f"The nearest is {near}" == told


def test_a_policy_whose_rules_are_for_no_requests_has_no_nearest() -> None:
    policy = parse(POLICY.partition("\n\n")[0], kinds())
    assert "" == nearest_rule(policy, repository="octo/flow", environment="", event_type="deploy-x")
