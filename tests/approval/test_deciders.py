"""Whether anybody could decide: people of the policy, and the identities that a relay proves."""

import pytest

from relay.approval.deciders import Ways, blocked_rules, blocked_stage
from relay.approval.policy import Person, Policy, Rule, Stage

TENANT = "7d1e9b0a-3c55-4f6e-9a51-0f2b6c8d4e10"
PEOPLE = {
    "ada": Person("ada", "Ada", entra=f"{TENANT}/a", github_id=1),
    "lin": Person("lin", "Lin", entra=f"{TENANT}/b"),
    "octo": Person("octo", "Octo", github_id=2, slack=("T1/U1",)),
}
ENTRA = Ways({"entra"}, {TENANT})
GITHUB = Ways({"github"}, ())
NONE = Ways((), {TENANT})


def rule(*approvers: str, required: int = 1) -> Rule:
    return Rule("octo/*", ("deploy",), stages=(Stage("release", approvers, required),))


def policy(*rules: Rule) -> Policy:
    return Policy(rules=rules, people=PEOPLE, groups={"owners": ("ada", "octo")})


@pytest.mark.parametrize(
    ("approvers", "required", "ways", "narrowed", "expected"),
    [
        (("ada",), 1, ENTRA, (), True),
        (("ada",), 1, NONE, (), False),
        (("ada",), 1, Ways({"entra"}, ()), (), False),
        (("ada",), 1, GITHUB, (), True),
        (("lin",), 1, GITHUB, (), False),
        (("octo",), 1, Ways({"slack"}, (), {"T1"}), (), True),
        (("octo",), 1, Ways({"slack"}, (), {"T2"}), (), False),
        (("group:owners",), 2, ENTRA, (), False),
        (("group:owners",), 2, Ways({"entra", "github"}, {TENANT}), (), True),
        (("anyone",), 5, ENTRA, (), True),
        (("anyone",), 1, GITHUB, (), False),
        (("anyone", "octo"), 1, GITHUB, (), True),
        (("anyone",), 1, NONE, (), False),
        (("anyone",), 1, ENTRA, ("octo",), False),
        (("anyone",), 1, ENTRA, ("lin", "octo"), True),
        (("ada", "lin"), 1, GITHUB, ("lin",), False),
        (("ada", "lin"), 1, GITHUB, ("anyone",), True),
    ],
)
def test_a_stage_needs_enough_people_that_can_be_proven(
    approvers: tuple[str, ...], required: int, ways: Ways, narrowed: tuple[str, ...], expected: bool
) -> None:
    found = rule(*approvers, required=required)
    assert expected == (blocked_stage(policy(found), found, ways, narrowed) is None)


def test_each_rule_that_nobody_could_satisfy_is_named_but_no_plain_one() -> None:
    shut, opened, plain = rule("lin"), rule("ada"), Rule("octo/*", ("publish",), plain=True)
    assert [(shut, shut.stages[0])] == list(blocked_rules(policy(shut, opened, plain), GITHUB))
    assert [] == list(blocked_rules(policy(opened), ENTRA))
