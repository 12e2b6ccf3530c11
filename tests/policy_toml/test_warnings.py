from typing import Final

import pytest

from relay.approval import policy
from relay.policy_toml.parse import parse
from relay.policy_toml.warnings import warnings

PEOPLE: Final = """\
operators = ["ada"]
[people]
ada.github = "ada"
ada.github_id = 1
grace.github_id = 2
[groups]
owners = ["ada", "grace"]
"""
STRICT: Final = """\
[[rule]]
repository = "octo/*"
environment = "production"
event_types = ["deploy-prod"]
[[rule.stage]]
approvers = ["group:owners"]
required = 2
"""
LAX: Final = """\
[[rule]]
repository = "octo/*"
environment = "staging"
event_types = ["deploy-staging"]
[[rule.stage]]
approvers = ["ada"]
"""
PLAIN: Final = """\
[[rule]]
repository = "octo/site"
event_types = ["publish"]
plain = true
"""


@pytest.fixture(autouse=True)
def every_proof_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "TAKEN_PROOFS", frozenset({"oidc", "key", "offline"}))


def found(text: str) -> list[tuple[int, str]]:
    """Return the line and the message of each warning, without those that most rules here would get."""
    every = [(problem.line, problem.message) for problem in warnings(parse(text), text)]
    return [(line, message) for line, message in every if "has exactly" not in message and "owner_id" not in message]


def test_one_event_type_for_each_environment_leaves_nothing_to_doubt() -> None:
    assert [] == found(PEOPLE + STRICT + LAX + PLAIN)


def test_a_policy_without_rules_refuses_everything() -> None:
    assert [(0, "there is no rule, so every request is refused")] == found("")


MEETS: Final = "an event type of this rule also falls under the rule in line 8, which asks for other approvals"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["deploy-staging"]', '["test", "deploy-prod"]'),
        ('["deploy-staging"]', '["DEPLOY-*"]'),
        ('["deploy-staging"]', '["*-prod"]'),
        ('["deploy-staging"]', '["deploy-[a-p]rod"]'),
        ('"octo/*"\nenvironment = "staging"\nevent_types = ["deploy-staging"]', '"*/api"\nevent_types = ["*"]'),
        ('environment = "staging"\nevent_types = ["deploy-staging"]', 'event_types = ["deploy-prod"]'),
    ],
)
def test_an_event_type_under_rules_of_unequal_strictness_is_told(old: str, new: str) -> None:
    lax = LAX.replace(old, new)
    assert lax != LAX
    ((line, message),) = found(PEOPLE + STRICT + lax)
    assert MEETS == message
    assert (PEOPLE + STRICT + lax).splitlines()[line - 1].startswith("event_types")


@pytest.mark.parametrize(
    "change",
    [
        ("required = 2", "required = 1"),
        ('["group:owners"]', '["ada", "grace", "lou"]'),
        ("[[rule.stage]]", "self_approval = true\n[[rule.stage]]"),
        ("[[rule.stage]]", 'requests = ["offline"]\n[[rule.stage]]'),
        ("required = 2", "required = 2\nname = 'qa'\n[[rule.stage]]\nname = 'b'\napprovers = ['ada']"),
    ],
)
def test_rules_differ_in_strictness_by_approvers_number_stages_proofs_and_self_approval(
    change: tuple[str, str],
) -> None:
    people = PEOPLE.replace("[groups]", "lou = { github_id = 3 }\n[groups]\nlous = ['lou']")
    other = STRICT.replace('"production"', '"staging"')
    named = other.replace("group:owners", "grace', 'ada").replace('["', "['").replace('"]', "']")
    unused = [(8, 'nobody uses the group "lous"')]
    assert unused == found(people + STRICT + other)
    assert unused == found(people + STRICT + named)
    assert 2 == len(found(people + STRICT + other.replace(*change)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('environment = "production"', 'environment = "prod*"'),  # what the first matches, the second never gets
        ('environment = "production"', 'environment = "PRODUCTION"'),
    ],
)
def test_an_exception_above_a_wider_rule_of_the_same_environments_is_no_choice(first: str, second: str) -> None:
    lax = LAX.replace('environment = "staging"', first).replace("deploy-staging", "deploy-*")
    assert [] == found(PEOPLE + STRICT.replace(first, second) + lax)


def test_the_same_event_type_in_other_repositories_is_no_choice() -> None:
    lax = LAX.replace("octo/*", "acme/*").replace("deploy-staging", "deploy-prod")
    assert [] == found(PEOPLE + STRICT + lax)


@pytest.mark.parametrize(
    ("repository", "environment", "event_types"),
    [
        ("octo/*", "production", '["deploy-prod"]'),
        ("Octo/Api", "Production", '["Deploy-Prod"]'),
        ("octo/a?i*", "production", '["deploy-prod", "deploy-prod"]'),
    ],
)
def test_a_rule_below_one_that_matches_all_it_does_is_told(repository: str, environment: str, event_types: str) -> None:
    lax = (
        LAX.replace("octo/*", repository).replace("staging", environment, 1).replace('["deploy-staging"]', event_types)
    )
    assert [(15, "the rule can never match")] == found(PEOPLE + STRICT + lax)


def test_a_second_plain_rule_for_the_same_can_never_match_either() -> None:
    assert [(19, "the rule can never match")] == found(PEOPLE + STRICT + PLAIN + PLAIN)


@pytest.mark.parametrize("above", [True, False])
def test_a_plain_rule_whose_events_have_approvers_can_never_be_used(above: bool) -> None:
    guard = STRICT.replace("deploy-prod", "*")
    rules = (PLAIN, guard) if above else (guard, PLAIN)
    assert [(8 if above else 15, "the plain rule can never be used")] == found(PEOPLE + "".join(rules))


def test_a_plain_rule_of_which_a_part_has_approvers_is_no_doubt() -> None:
    assert [] == found(PEOPLE + STRICT + PLAIN.replace('["publish"]', '["deploy-*"]'))


@pytest.mark.parametrize(
    ("reject", "message"),
    [
        ("deploy-staging", "a reject event type may be a releasing one of the rule in line 16"),
        ("*-staging", "a reject event type may be a releasing one of the rule in line 16"),
        ("publish", "a reject event type may be a releasing one of the rule in line 22"),
    ],
)
def test_a_reject_event_that_releases_under_another_rule_is_told(reject: str, message: str) -> None:
    strict = STRICT.replace("[[rule.stage]]", f'reject_event_types = ["{reject}"]\n[[rule.stage]]')
    assert [(12, message)] == found(PEOPLE + strict + LAX + PLAIN)


def test_the_same_reject_event_in_other_repositories_is_no_doubt() -> None:
    strict = STRICT.replace("[[rule.stage]]", 'reject_event_types = ["deploy-staging"]\n[[rule.stage]]')
    assert [] == found(PEOPLE + strict + LAX.replace("octo/*", "acme/*"))


def test_an_approver_known_to_github_by_login_only_is_told_where_it_matters() -> None:
    people = PEOPLE.replace("ada.github_id = 1", 'ada.slack = "T1/U1"')
    message = '"ada" may not approve their own requests, and is known to GitHub by a login only'
    assert [(3, message)] == found(people + STRICT + LAX)
    freely = (STRICT + LAX).replace("[[rule.stage]]", "self_approval = true\n[[rule.stage]]")
    assert [] == found(people + freely)


def test_a_group_and_a_person_that_nobody_uses_are_told() -> None:
    people = PEOPLE.replace("[groups]", 'lou.github_id = 3\n[groups]\nothers = ["grace"]')
    expected = [(6, '"lou" is in no group, no stage and no command'), (8, 'nobody uses the group "others"')]
    assert expected == found(people + STRICT)


def test_an_operator_is_a_use_of_a_person_and_of_a_group() -> None:
    people = PEOPLE.replace('["ada"]', '["lou", "group:others"]', 1)
    people = people.replace("[groups]", 'lou.github_id = 3\n[groups]\nothers = ["grace"]')
    assert [] == found(people + STRICT)


def test_a_person_without_an_id_that_a_click_could_prove_is_told() -> None:
    people = PEOPLE.replace("ada.github_id = 1\n", "")
    freely = STRICT.replace("[[rule.stage]]", "self_approval = true\n[[rule.stage]]")
    assert [(3, '"ada" has no id by which a click could be known as theirs')] == found(people + freely)


@pytest.mark.parametrize(
    ("key", "after", "line"),
    [("on_request", 'event_types = ["deploy-prod"]', 12), ("on_pass", 'approvers = ["group:owners"]', 14)],
)
def test_what_goes_out_before_the_approval_and_releases_under_another_rule_is_told(
    key: str, after: str, line: int
) -> None:
    announcing = STRICT.replace(after, f'{after}\n{key} = "Deploy-Staging"')
    assert announcing != STRICT
    message = f'{key} "Deploy-Staging" is a releasing event type of the rule in line 16'
    assert [(line, message)] == found(PEOPLE + announcing + LAX)
    for harmless in (
        announcing + LAX.replace("octo/*", "acme/*"),
        announcing.replace("Deploy-Staging", "preview") + LAX,
        announcing.replace("Deploy-Staging", "publish") + LAX + PLAIN,
    ):
        assert [] == found(PEOPLE + harmless)
