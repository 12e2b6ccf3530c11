"""Warnings of a policy about its commands."""

import pytest

from relay.chats.table import kinds
from relay.policy_toml.parse import parse
from relay.policy_toml.warnings import warnings
from tests.policy_toml.command_examples import BASE, COMMAND, SMALL


def found(text: str) -> list[tuple[int, str, str]]:
    every = warnings(parse(text, kinds()), text)
    return [(problem.line, problem.message, problem.hint) for problem in every if "owner_id" not in problem.message]


def test_a_good_policy_with_commands_leaves_nothing_to_doubt() -> None:
    assert [] == found(BASE + COMMAND + SMALL)


def test_people_and_groups_that_only_ask_are_used() -> None:
    people = BASE.replace("[groups]", '[people.lin]\nslack = "T1/U3"\n[groups]')
    text = people + SMALL.replace('"anyone"', '"lin", "group:devs"')
    assert [] == found(text)


@pytest.mark.parametrize("old", ['requests = ["command"]', 'repository = "octo/*"', 'event_types = ["deploy-*"]'])
def test_a_command_that_no_rule_takes_is_told(old: str) -> None:
    new = {'requests = ["command"]': 'requests = ["key"]'}.get(old, old.replace("octo", "other"))
    text = (BASE + COMMAND).replace(old, new.replace("deploy-", "publish-"), 1)
    ((line, message, hint),) = [each for each in found(text) if "no rule takes" in each[1]]
    assert (text[: text.index("[[command]]")].count("\n") + 1) == line
    assert 'no rule takes what the command "deploy" asks for' == message
    assert 'requests = ["command"]' in hint


@pytest.mark.parametrize("text", [BASE, BASE + COMMAND.replace("octo/", "other/")])
def test_a_rule_of_commands_alone_that_no_command_asks_is_told(text: str) -> None:
    told = [each for each in found(text) if "nobody can ask" in each[1]]
    assert [text[: text.index("requests =")].count("\n") + 1] == [line for line, _, _ in told]
    assert [] == [
        each for each in found(text.replace('["command"]', '["command", "key"]')) if "nobody can ask" in each[1]
    ]


def test_a_command_whose_rule_starts_a_workflow_at_a_ref_is_told() -> None:
    text = BASE.replace(
        'requests = ["command"]', 'requests = ["command"]\ntarget = "workflow_dispatch"\nworkflow = "x.yml"'
    )
    ((line, message, hint),) = [each for each in found(text + COMMAND) if "always refused" in each[1]]
    assert (text.count("\n") + 1) == line - (COMMAND[: COMMAND.index("[[command]]")].count("\n"))
    assert 'the command "deploy" is always refused: its rule starts a workflow at a ref' == message
    assert 'target = "workflow_dispatch"' in hint


STRICT = """
[people.ada]
entra = "11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222"
slack = "T1/U1"
github_id = 1
[people.bob]
slack = "T1/U2"
github_id = 2
[[rule]]
repository = "octo/*"
event_types = ["deploy-*"]
requests = ["command"]
[[rule.stage]]
approvers = ["ada", "bob"]
[[command]]
name = "deploy"
formats = ["deploy {{app}}"]
who = ["anyone"]
repository = "octo/{{app}}"
event_type = "deploy-{{app}}"
"""


def test_an_approver_who_would_not_be_known_as_the_one_who_asked_is_told() -> None:
    ((line, message, hint),) = found(STRICT)
    assert STRICT[: STRICT.index("who =")].count("\n") + 1 == line
    assert 'anyone may ask by "deploy", and may approve it as "bob" if they are that person' == message
    assert "the policy lacks their entra id" in hint


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('who = ["anyone"]', 'who = ["ada", "bob"]'),
        ('requests = ["command"]', 'requests = ["command"]\nself_approval = true'),
        ('entra = "11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222"\n', ""),
        (
            'slack = "T1/U2"',
            'slack = "T1/U2"\nentra = "11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222223"',
        ),
    ],
    ids=["named", "self-approval", "one platform", "both ids"],
)
def test_nobody_is_told_of_where_every_requester_is_known(old: str, new: str) -> None:
    assert [] == found(STRICT.replace(old, new))


CROWD = """
[people.ada]
slack = "T1/U1"
[channels.releases]
kind = "teams"
place = "19:ops@thread.tacv2"
[[rule]]
repository = "octo/*"
event_types = ["deploy-*"]
requests = ["key"]
self_approval = true
[[rule.stage]]
approvers = ["anyone", "ada"]
required = 2
"""


def test_a_stage_in_which_one_person_of_two_platforms_counts_as_two_is_told() -> None:
    ((line, message, hint),) = found(CROWD)
    assert CROWD[: CROWD.index("approvers =")].count("\n") + 1 == line
    assert 'one person may give two of the 2 approvals of stage "approval"' == message
    assert "an account in Slack and one in Entra count as two" in hint


@pytest.mark.parametrize(("old", "new"), [("required = 2", "required = 1"), ('slack = "T1/U1"', "github_id = 1")])
def test_one_approval_or_one_platform_is_no_matter(old: str, new: str) -> None:
    assert [] == found(CROWD.replace(old, new))


def test_an_approve_that_never_counts_is_told() -> None:
    people = BASE.replace("self_approval = true\n", "").replace("github_id = 1", 'github = "a"\ngithub_id = 1')
    told = [message for _, message, _ in found(people + COMMAND)]
    assert ["approve never counts: no rule that takes the command has self_approval"] == told


@pytest.mark.parametrize(
    ("earlier", "later", "hidden"),
    [
        ("stop {{x}}", "stop {{app}}", True),
        ("stop {{x}} {{y=1}}", "stop {{app}}", True),
        ("stop {{x...}}", "stop {{app}} now", True),
        ("stop {{x...}}", "stop {{app}} [for {{why...}}]", True),
        ("stop {{x}} now", "stop {{app}}", False),
        ("stop {{x}}", "stop {{app}} [now]", False),
        ("stop {{x}}", "stop {{app...}}", False),
        ("stop {{env}}", "stop {{app}}", False),
        ("stop {{x}}", "stop {{env}}", True),
        ("stop {{x}}", "stop {{app=all}}", False),
        ("stop {{x=1}}", "stop {{app=all}}", True),
        ("halt {{x}}", "stop {{app}}", False),
    ],
)
def test_a_format_that_an_earlier_one_hides_is_told(earlier: str, later: str, hidden: bool) -> None:
    values = '[command.values]\nenv = ["prod", "staging area"]\n' if "{{env" in earlier + later else ""
    text = BASE + SMALL.replace('"stop {{app}}"', f'"{earlier}", "{later}"') + values
    expected = [f'the format "{later}" is never reached: earlier ones take all that it matches'] if hidden else []
    assert expected == [message for _, message, _ in found(text) if "nobody uses" not in message]


@pytest.mark.parametrize(
    ("first", "second", "hidden"),
    [
        ('"anyone"', '"ada"', True),
        ('"group:both"', '"group:devs"', True),
        ('"group:devs"', '"group:both"', False),
        ('"ada"', '"anyone"', False),
    ],
)
def test_only_a_command_of_the_same_people_hides_another(first: str, second: str, hidden: bool) -> None:
    other = SMALL.replace('"stop"', '"halt"').replace("{{app}}", "{{x}}").replace('"anyone"', second)
    text = BASE + SMALL.replace('"anyone"', first) + other
    assert hidden == any("is never reached" in message for _, message, _ in found(text))
