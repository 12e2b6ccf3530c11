"""The environment that the page offers: one at which a rule of the policy lets jobs wait, or none."""

from pathlib import Path

import pytest

from relay.chats.table import kinds
from relay.dev.simulator.environments import first_gate
from relay.policy_toml.parse import parse
from tests.dev.simulator.here import here, state
from tests.support.own_process import ROOT

OURS = (ROOT / "relay/dev/simulator/policy.toml").read_text("utf-8")
CI_BOT = (ROOT / "docs/examples/ci-bot/policy.toml").read_text("utf-8")


def gate(environment: str, repository: str = "octo/*") -> str:
    named = f'repository = "{repository}"\nenvironment = "{environment}"\ntarget = "deployment_protection"\n'
    return f'[[rule]]\n{named}[[rule.stage]]\napprovers = ["ada", "grace"]\n'


@pytest.mark.parametrize(
    ("rules", "offered"),
    [
        ("", ("", "")),
        (gate("staging"), ("octo/app", "staging")),
        (gate("*") + gate("staging"), ("octo/app", "production")),
        (gate("staging", "*") + gate("live", "octo/shop"), ("octo/app", "staging")),
    ],
)
def test_patterns_of_the_first_rule_for_jobs_are_filled_in(rules: str, offered: tuple[str, str]) -> None:
    assert offered == first_gate(parse(OURS.partition("[[rule]]")[0] + rules, kinds()))


def test_a_policy_without_such_a_rule_offers_none(tmp_path: Path) -> None:
    with here(tmp_path, RELAY_POLICY=CI_BOT) as started, started.client() as page:
        assert "" == state(page)["environments"]["environment"]
        answer = page.post("/simulator/environments", json={})
        assert (400, True) == (answer.status_code, "no rule for jobs that wait" in answer.text)
        assert [] == state(page)["environments"]["jobs"]
