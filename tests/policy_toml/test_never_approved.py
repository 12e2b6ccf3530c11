"""Policies under which nobody can approve or ask: each is told with its line and column."""

import pytest

from relay.approval import policy
from relay.policy_toml.parse import parse
from relay.policy_toml.warnings import impossible, proposals, warnings
from tests.policy_toml.example import found

PEOPLE = """\
[people]
ada = { entra = "7d1e9b0a-3c55-4f6e-9a51-0f2b6c8d4e10/5b2c7f18-90ab-4cde-8f01-23456789abcd", github_id = 1 }
bob = { github_id = 2 }
cid = { slack = "T1/U1", github_id = 3 }
"""
RULE = """\
[[rule]]
repository = "octo/api"
environment = "qa"
event_types = ["deploy"]
reject_event_types = ["undo"]
requests = ["key"]
[[rule.stage]]
approvers = ["ada", "bob", "cid"]
"""


@pytest.fixture(autouse=True)
def no_route_takes_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "TAKEN_PROOFS", frozenset({"key", "offline"}))


def rule(old: str, new: str) -> str:
    assert 1 == RULE.count(old)
    return PEOPLE + RULE.replace(old, new)


def with_logins_alone(text: str) -> str:
    """Return a policy where bob and cid are known by their logins at GitHub alone."""
    for ids, login in (("github_id = 2", "bob"), ('slack = "T1/U1", github_id = 3', "cid")):
        assert 1 == text.count(ids)
        text = text.replace(ids, f'github = "{login}"')
    return text


def doubts(text: str) -> list[str]:
    return [str(problem) for problem in warnings(parse(text), text)]


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ('"qa"', '"!staging"', "7:1", 'no environment matches "!staging" (a glob has no "!" in front'),
        ('["deploy"]', '["deploy", "!deploy-x"]', "8:1", 'no event type matches "!deploy-x" (a glob has no "!"'),
        ('"octo/api"', '"!octo/api"', "6:1", 'no repository matches "!octo/api" (a glob has no "!" in front'),
        ('"octo/api"', '"^octo/.*$"', "6:1", "(a repository's name has letters, digits, ., _ and - only"),
        ('"octo/api"', '"https://github.com/octo/api"', "6:1", "(a repository's name has letters, digits"),
        ('"octo/api"', '"github.com/octo/api"', "6:1", "(a repository is OWNER/NAME, with one slash)"),
        ('"octo/api"', '"github.com/octo"', "6:1", "(an owner's name begins with a letter or a digit, and has no dot)"),
        ('"octo/api"', '"_octo/api"', "6:1", "(an owner's name begins with a letter or a digit, and has no dot)"),
        ('"octo/api"', '"octo/{api,web}"', "6:1", "(a repository's name has letters, digits"),
        ('"octo/api"', '"octo/api.git"', "6:1", "(a repository's name does not end with .git)"),
    ],
)
def test_a_glob_that_matches_no_name_is_an_error(old: str, new: str, where: str, message: str) -> None:
    (problem,) = [str(each) for each in found(rule(old, new))]
    assert problem.startswith(f"{where}: ")
    assert message in problem


@pytest.mark.parametrize(
    "good", ["octo/*", "*", "octo_acme/api-[ab]", "*/api", "octo/?pi.js", "octo/[!a]*", "octo/[ab]", "[op]cto/api"]
)
def test_a_glob_of_repositories_is_taken(good: str) -> None:
    assert () == found(rule("octo/api", good))


@pytest.mark.parametrize(
    ("old", "new", "where", "message"),
    [
        ('"qa"', '"production|prod"', "7:1", '"|" is no wildcard and stands for itself'),
        ('"qa"', '"prod[uction"', "7:1", '"[" is never closed, so it stands for itself'),
        ('"qa"', '"prod.*"', "7:1", '".*" is no wildcard'),
        ('"qa"', '" qa"', "7:1", "names have no blank at their ends"),
        ('["deploy"]', '["deploy,"]', "8:1", '"," is no wildcard'),
        ('["deploy"]', '["on: deploy"]', "8:1", '": " is no wildcard'),
        ('["deploy"]', '["deploy", "^release$"]', "8:1", '"^" is no wildcard'),
        ('["undo"]', '["{undo,no}"]', "9:1", '"{" is no wildcard'),
        ('requests = ["key"]', 'on_request = "preview-*"', "10:1", "is sent as it is written"),
    ],
)
def test_a_glob_that_probably_matches_nothing_is_doubted(old: str, new: str, where: str, message: str) -> None:
    assert [where] == [doubt.partition(": ")[0] for doubt in doubts(rule(old, new)) if message in doubt]


@pytest.mark.parametrize("requests", [["oidc"], ["oidc", "oidc"]])
def test_a_rule_that_takes_only_proofs_of_no_route_is_doubted(requests: list[str]) -> None:
    text = rule('["key"]', str(requests).replace("'", '"'))
    (doubt,) = [each for each in doubts(text) if "no route" in each]
    assert doubt.startswith("10:1: no route of this version takes oidc")
    assert [] == [each for each in doubts(rule('["key"]', '["oidc", "key"]')) if "no route" in each]


def test_people_whom_nothing_proves_are_doubted_and_a_stage_of_them_is_an_error() -> None:
    never = "has no id by which a click could be known as theirs (add entra, slack or github_id; "
    text = with_logins_alone(PEOPLE + RULE)
    told = [each.partition("a login")[0] for each in doubts(text) if "could be known" in each]
    assert [f'3:1: "bob" {never}', f'4:1: "cid" {never}'] == told
    assert () == impossible(parse(text), text)
    for approvers, required in ((["bob"], 1), (["cid", "bob"], 1), (["ada", "bob", "cid"], 2)):
        alone = rule('["ada", "bob", "cid"]', f"{approvers}\nrequired = {required}".replace("'", '"'))
        assert () == impossible(parse(alone), alone)  # each of them has an id, be it GitHub's alone
        alone = with_logins_alone(alone)
        (problem,) = impossible(parse(alone), alone)
        can = int("ada" in approvers)
        assert (12, 1) == (problem.line, problem.column)
        assert f"needs {required} of these approvers, and {can} can ever press" == problem.message


@pytest.mark.parametrize(
    ("approvers", "required", "doubted"),
    [(["ada"], 1, True), (["ada", "bob"], 2, True), (["ada", "bob", "cid"], 3, True), (["ada", "bob"], 1, False)],
)
def test_a_stage_with_exactly_as_many_approvers_as_it_needs_is_doubted(
    approvers: list[str], required: int, doubted: bool
) -> None:
    text = rule('["ada", "bob", "cid"]', f"{approvers}\nrequired = {required}".replace("'", '"'))
    told = [each for each in doubts(text) if "has exactly" in each]
    assert [f"12:1: stage {chr(34)}approval{chr(34)} has exactly {required} who can approve"] * doubted == [
        each.partition(", and")[0] for each in told
    ]
    assert [] == [
        each for each in doubts(text.replace("requests", "self_approval = true\nrequests")) if "exactly" in each
    ]


@pytest.mark.parametrize(
    ("old", "new", "proposed"),
    [
        ('"qa"', '"production"', True),
        ('"qa"', '"Prod-eu"', True),
        ('"cid"]', '"cid"]\nrequired = 2', True),
        ('"qa"', '"production"\nconfirm_cards = false', False),
        ('"qa"', '"staging"', False),
    ],
)
def test_confirm_cards_is_proposed_where_much_depends_on_a_press(old: str, new: str, proposed: bool) -> None:
    text = rule(old, new)
    assert [5] * proposed == [each.line for each in proposals(parse(text), text)]
    assert [] == [each for each in doubts(text) if "confirm_cards" in each]


@pytest.mark.parametrize(
    ("releasing", "rejecting"),
    [
        ('["deploy-*"]', '["*-no"]'),
        ('["*-prod"]', '["no-*"]'),
        ('["d?"]', '["?x"]'),
        ('["deploy-*", "go"]', '["stop", "*-[n]o"]'),
        ('["a*c"]', '["*b*"]'),
    ],
)
def test_the_parser_refuses_lists_of_event_types_that_could_meet(releasing: str, rejecting: str) -> None:
    text = PEOPLE + RULE.replace('["deploy"]', releasing).replace('["undo"]', rejecting)
    assert [(9, "a rejection must never release; use another name")] == [(each.line, each.hint) for each in found(text)]


# Hints


@pytest.mark.parametrize(
    ("old", "new", "hint"),
    [
        ('requests = ["key"]', 'approvers = ["ada"]', "it belongs under [[rule.stage]]"),
        ('requests = ["key"]', "required = 2", "it belongs under [[rule.stage]]"),
        ('"cid"]', '"cid"]\nself_approval = true', "it belongs under [[rule]], above its stages"),
        ('"qa"', "\u201cqa\u201d", "curly quotes are no quotes here: write straight ones, \" or '"),
        ('["key"]', "\u2018key\u2019", "curly quotes are no quotes here: write straight ones, \" or '"),
    ],
)
def test_a_hint_names_the_place_and_the_quotes(old: str, new: str, hint: str) -> None:
    assert hint in [each.hint for each in found(rule(old, new))]
