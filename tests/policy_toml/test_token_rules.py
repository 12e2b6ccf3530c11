"""The keys of a rule that judge workflows' tokens: read, refused with a hint, and doubted."""

import pytest

from relay.approval.policy import TokenRule
from relay.identity.github_oidc import OWN_EVENTS
from relay.policy_toml.parse import PolicyError, parse
from relay.policy_toml.token_rules import EVENTS
from relay.policy_toml.warnings import warnings

RULE = """\
[people.ada]
github_id = 1
[[rule]]
repository = "octo/*"
event_types = ["deploy"]
{keys}
[[rule.stage]]
approvers = ["ada"]
"""


def rule(keys: str) -> str:
    return RULE.format(keys=keys)


def problem(keys: str) -> str:
    with pytest.raises(PolicyError) as raised:
        parse(rule(keys))
    return str(raised.value)


def doubts(keys: str) -> list[str]:
    """Return the warnings, but for the number of approvers."""
    text = rule(keys)
    return [str(each) for each in warnings(parse(text), text) if "has exactly" not in each.message]


def test_every_key_is_read() -> None:
    keys = """\
events = ["push", "pull_request"]
refs = ["refs/heads/main", "refs/tags/v*"]
workflows = ["octo/api/.github/workflows/release.yml@refs/heads/main"]
owner_id = 9919
askers = ["octo/ci"]
"""
    assert (
        TokenRule(
            events=("push", "pull_request"),
            refs=("refs/heads/main", "refs/tags/v*"),
            workflows=("octo/api/.github/workflows/release.yml@refs/heads/main",),
            owner_id="9919",
            askers=("octo/ci",),
        )
        == parse(rule(keys)).rules[0].tokens
    )


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ('events = ["Push"]', 'no event is called "Push" (did you mean "push"?)'),
        ("events = []", "events is an empty list"),
        ("events = true", "events is a list of texts"),
        ('refs = ["main"]', 'refs can never match "main" (write a full ref, such as "refs/heads/main"'),
        ('workflows = ["release.yml"]', 'workflows can never match "release.yml"'),
        ('refs = ["refs/head/main"]', 'refs can never match "refs/head/main" (write a full ref'),
        (
            'workflows = ["octo/api/.github/workflows/a.yml"]',
            'can never match "octo/api/.github/workflows/a.yml" (write "OWNER/NAME/.github/workflows/FILE@',
        ),
        ('workflows = ["octo/api/.github/workflows/a.yml@main"]', "workflows can never match"),
        ('workflows = [".github/workflows/a.yml@refs/heads/main"]', "workflows can never match"),
        ('owner_id = "9919"', "owner_id is a whole number, not a text"),
        ("owner_id = 0", "owner_id goes from 1 to"),
        ('askers = ["ci"]', 'askers can never match "ci"'),
        ('askers = ["https://github.com/octo/ci"]', "askers can never match"),
        ('askers = ["octo.example/ci"]', "(an owner's name begins with a letter or a digit, and has no dot)"),
        ('event = ["push"]', 'unknown key "event"'),
    ],
)
def test_a_key_that_can_never_hold_is_an_error_with_a_hint(keys: str, said: str) -> None:
    assert said in problem(keys)


@pytest.mark.parametrize(
    "keys",
    [
        'refs = ["*"]',
        'refs = ["*/main", "refs/pull/*/merge"]',
        'workflows = ["octo/*"]',
        'workflows = ["octo/api/.github/workflows/*"]',
        f'workflows = ["octo/shared/.github/workflows/a.yml@{"5f0c1d9e" * 5}"]',
        'askers = ["*", "octo/*"]',
    ],
)
def test_a_key_that_may_hold_is_taken(keys: str) -> None:
    assert parse(rule(keys)).rules[0].tokens != TokenRule()


def test_every_event_that_may_ask_is_known() -> None:
    assert OWN_EVENTS < EVENTS


def test_a_plain_rule_has_none_of_them() -> None:
    with pytest.raises(PolicyError, match='a rule with plain = true has no "refs"'):
        parse('[[rule]]\nrepository = "octo/a"\nevent_types = ["x"]\nplain = true\nrefs = ["refs/heads/main"]\n')


OWNER = "owner_id = 9919\n"
NO_OWNER = "3:3: the rule takes oidc without owner_id: a name that was given up can be taken by another owner"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", [NO_OWNER]),
        (OWNER, ["6:1: owner_id judges tokens only, and the rule takes key besides"]),
        (OWNER + 'requests = ["oidc"]', []),
        ('requests = ["key"]', []),
        ('requests = ["key"]\n' + OWNER, ["7:1: owner_id judges tokens, and the rule takes none"]),
        ('requests = ["key"]\naskers = ["octo/ci"]', ["7:1: askers judges tokens, and the rule takes none"]),
        (
            OWNER + 'requests = ["oidc", "offline"]\nevents = ["push"]',
            ["8:1: events judges tokens only, and the rule takes offline besides"],
        ),
        (
            OWNER + 'requests = ["oidc"]\nevents = ["push", "pussh"]',
            ['8:1: GitHub starts no workflow by "pussh", so no token ever names it (did you mean "push"?)'],
        ),
        (
            OWNER + 'requests = ["oidc"]\nevents = ["workflow_call"]',
            ['8:1: GitHub starts no workflow by "workflow_call", so no token ever names it'],
        ),
        (
            OWNER + 'requests = ["oidc"]\nworkflows = ["octo/api/.github/workflows/a.yml@*"]',
            ['8:1: the ref of "octo/api/.github/workflows/a.yml@*" is a glob'],
        ),
        (
            OWNER + 'requests = ["oidc"]\nworkflows = ["octo/api/.github/workflows/*"]',
            ['8:1: the ref of "octo/api/.github/workflows/*" is a glob'],
        ),
        (OWNER + 'requests = ["oidc"]\nworkflows = ["octo/*/.github/workflows/a.yml@refs/heads/main"]', []),
        (
            OWNER + 'requests = ["oidc"]\nrefs = ["refs/heads/main"]\nworkflows = ["o/a/.github/workflows/a.yml@*"]',
            [],
        ),
    ],
)
def test_policy_check_warns_of_keys_that_protect_less_than_they_seem(keys: str, said: list[str]) -> None:
    found = doubts(keys)
    assert len(said) == len(found)
    for expected, each in zip(said, found, strict=True):
        assert each.startswith(expected)
