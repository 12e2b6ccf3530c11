"""The target of a rule: read, refused with a hint, and doubted."""

import pytest

from relay.policy_toml.parse import PolicyError, parse
from relay.policy_toml.warnings import warnings

RULE = """\
[people.ada]
github_id = 1
entra = "7D1E9B0A-3c55-4f6e-9a51-0f2b6c8d4e10/5b2c7f18-90ab-4cde-8f01-23456789ABCD"
[[rule]]
repository = "octo/*"
event_types = ["deploy"]
self_approval = true
{keys}
[[rule.stage]]
approvers = ["ada"]
"""
STARTS = 'target = "workflow_dispatch"\nworkflow = "release.yml"\n'
OPEN = "8:1: a request chooses the ref at which the workflow starts, and any branch could hold a changed one"


def rule(keys: str) -> str:
    return RULE.format(keys=keys)


def test_a_rule_sends_an_event_unless_it_names_a_workflow() -> None:
    found = [parse(rule(keys)).rules[0] for keys in ("", 'target = "repository_dispatch"', STARTS)]
    expected = [("repository_dispatch", ""), ("repository_dispatch", ""), ("workflow_dispatch", "release.yml")]
    assert expected == [(each.target, each.workflow) for each in found]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('target = "workflow-dispatch"', '8:1: target "workflow-dispatch" is not known (did you mean "workflow_d'),
        ("target = true", "8:1: target is a text, not true or false"),
        ('target = "workflow_dispatch"', '8:1: the rule does not say which workflow it starts (add workflow = "r'),
        ('workflow = "release.yml"', '8:1: a rule with target "repository_dispatch" starts no workflow by its name'),
        ('target = "workflow_dispatch"\nworkflow = ""', "9:1: workflow is empty"),
        ('target = "workflow_dispatch"\nworkflow = "release"', '9:1: no workflow\'s file is called "release" (write'),
        ('target = "workflow_dispatch"\nworkflow = ".github/workflows/release.yml"', "without its folder"),
        ('target = "workflow_dispatch"\nworkflow = "../x.yml"', "no workflow's file is called"),
        ('target = "workflow_dispatch"\nworkflow = 7', "9:1: workflow is a text, not a whole number"),
    ],
)
def test_a_target_that_cannot_work_is_an_error_with_a_hint(keys: str, said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        parse(rule(keys))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('requests = ["key"]', [OPEN]),
        ('requests = ["key"]\nrefs = ["refs/heads/main"]', []),
        ('requests = ["oidc", "key"]\nowner_id = 7\nrefs = ["refs/heads/main"]', ["owner_id judges tokens only"]),
        ('requests = ["oidc"]\nowner_id = 7\nrefs = ["refs/heads/main"]', []),
        ('requests = ["key"]\naskers = ["octo/ci"]\nrefs = ["refs/heads/main"]', ["askers judges tokens, and the"]),
    ],
)
def test_without_refs_any_branch_could_be_started(keys: str, said: list[str]) -> None:
    text = rule(STARTS + keys)
    found = [str(each) for each in warnings(parse(text), text)]
    assert len(said) == len(found)
    assert all(one in other for one, other in zip(said, found, strict=True))
