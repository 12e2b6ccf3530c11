"""Problems of a policy: each at its position, with its cure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.policy_toml.parse import Problem
from tests.policy_toml.example import (
    EXAMPLE,
    OBJECT,
    OWNERS,
    PLAIN,
    QA,
    TENANT,
    changed,
    found,
    is_one_problem,
    problems,
)


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        # keys
        ('operators = ["ada"]', '¦operator = ["ada"]', 'unknown key "operator"', 'did you mean "operators"?'),
        ('operators = ["ada"]', '¦"" = 1', 'unknown key ""', "known: operators, people, groups, rule"),
        ('slack = "T012ABC/U034DEF"', '¦slakc = "T012ABC/U034DEF"', 'unknown key "slakc"', '"slack"'),
        ("required = 2", "¦requires = 2", 'unknown key "requires"', '"required"'),
        ('environment = "production"', '¦enviroment = "production"', "unknown key", '"environment"'),
        ("self_approval = false", "¦require_comment = true", 'unknown key "require_comment"', "--require-comment"),
        ("self_approval = false", '¦requesters = ["ada"]', 'unknown key "requesters"', "the scope of an API key"),
        ("self_approval = false", '¦stage_order = ["qa"]', 'unknown key "stage_order"', "in which they are written"),
        ("required = 2", "¦require_comment = true", 'unknown key "require_comment"', "--require-comment"),
        ("required = 2", '¦required = "all"', "whole number, not a text", "for all of a group, how many they are"),
        ("self_approval = false", '¦supersede = "true"', "true or false, not a text", "without quotes"),
        ("self_approval = false", '¦on_request = ""', "on_request is empty", "leave the key out"),
        ("self_approval = false", f'¦on_request = "{"x" * 101}"', "too long", "100 characters"),
        ("self_approval = false", '¦on_request = "deploy-api"', 'on_request "deploy-api" is an event', "another name"),
        ("self_approval = false", '¦on_request = "UNDO"', 'on_request "UNDO" is an event', "another name"),
        (OWNERS, f'¦on_pass = "Deploy-x"\n{OWNERS}', 'on_pass "Deploy-x" is an event', "another name"),
        (PLAIN, f"{PLAIN}¦supersede = true\n", 'plain = true has no "supersede"', "nobody approves"),
        # channels
        (
            "[groups]",
            '[channels.ops]\n¦kind = "slakc"\nplace = "19:x"\n[groups]',
            'kind "slakc" is not known',
            '"slack"',
        ),
        ("[groups]", '[channels.¦ops]\nplace = "19:x"\n[groups]', "kind is missing", "known: teams"),
        ("[groups]", '[channels.¦ops]\nkind = "teams"\n[groups]', "place is the id of a conversation", "19:"),
        ("[groups]", '[channels.ops]\nkind = "teams"\n¦place = "my team"\n[groups]', "place is the id of a", "19:"),
        ("[groups]", f'[channels.ops]\nkind = "teams"\n¦place = "{"x" * 301}"\n[groups]', "place is the id of", "19:"),
        (
            "[groups]",
            '[channels.ops]\nkind = "teams"\nplace = "19:x"\n¦card = "messagcard"\n[groups]',
            'card "messagcard" is not known',
            'did you mean "messagecard"?',
        ),
        (
            "[groups]",
            '[channels.ops]\nkind = "teams"\nplace = "19:x"\n¦webhook = "x"\n[groups]',
            'unknown key "webhook"',
            "known: kind, place, card",
        ),
        ("[groups]", '[channels.¦" ops"]\nkind = "teams"\nplace = "19:x"\n[groups]', "a channel's name", "rename"),
        # types
        ("github_id = 583231", "¦github_id = true", "whole number, not true or false", "without quotes"),
        ("github_id = 583231", '¦github_id = "583231"', "whole number, not a text", "without quotes"),
        ("github_id = 583231", "¦github_id = 1.0", "whole number, not a number with", "without quotes"),
        ("required = 2", "¦required = 2026-01-31", "whole number, not a date", "without quotes"),
        ("required = 2", "¦required = [2]", "whole number, not a list", "without quotes"),
        ("self_approval = false", '¦self_approval = "false"', "true or false, not a text", "without quotes"),
        ("self_approval = true", "¦self_approval = 1", "true or false, not a whole number", "without quotes"),
        ('name = "Grace Hopper"', "¦name = 5", "name is a text, not a whole number", 'name = "..."'),
        ('name = "Grace Hopper"', '¦name = " "', "name is empty", ""),
        ('environment = "production"', '¦environment = ["a"]', "environment is a text, not a list", ""),
        ('environment = "production"', '¦environment = ""', "environment is empty", ""),
        ('event_types = ["docs"]', '¦event_types = "docs"', "list of texts, not a text", 'event_types = ["..."]'),
        ('event_types = ["docs"]', '¦event_types = ["docs", 3]', "one entry is a whole number", ""),
        ('event_types = ["docs"]', '¦event_types = ["docs", " "]', "one entry is an empty text", ""),
        ('event_types = ["docs"]', "¦event_types = [\n 'docs', {a = 1}]", "one entry is a table", ""),
        ("[people.mary]", "[people]\n¦lou = 5\n[people.mary]", "lou is a table, not a whole number", "[people.lou]"),
        ("[[rule.stage]]\nappr", "[rule.¦stage]\nappr", "stage is a list of tables", "[[rule.stage]]"),
        ("[[rule.stage]]\nappr", "¦stage = [1]\nrequests =['key']#", "stage is a list of tables", "[[rule.stage]]"),
        # people
        (
            "[people.mary]",
            "[people.¦anyone]\ngithub = 'x'\n[people.mary]",
            "anyone is every proven person",
            "another key",
        ),
        ("[people.mary]", "[people.¦'a b']\n[people.mary]", "letters, digits, - _ and . only", "rename"),
        ("[people.mary]", "[people.¦'group:a']\n[people.mary]", "letters, digits, - _ and . only", "rename"),
        (f"{TENANT}/{OBJECT}", f'{TENANT}"#', "entra is not TENANT/OBJECT", "8-4-4-4-12"),
        (f"{TENANT}/{OBJECT}", f"{TENANT}/{OBJECT}0", "entra is not TENANT/OBJECT", "8-4-4-4-12"),
        ('slack = "T012ABC/U034DEF"', '¦slack = "U034DEF"', "slack is not TEAM/USER", "T012ABC/U034DEF"),
        ('slack = "T012ABC/U034DEF"', '¦slack = "T012ABC/"', "slack is not TEAM/USER", "T012ABC/U034DEF"),
        ('slack = "T012ABC/U034DEF"', '¦slack = "T1/@ada"', "slack is not TEAM/USER", "T012ABC/U034DEF"),
        ('github = "ada"', '¦github = "@ada"', "github is not a login", "without @"),
        ('github = "ada"', '¦github = "ada@example.com"', "github is not a login", "without @"),
        ("github_id = 583231", "¦github_id = 0", "github_id goes from 1 to", ""),
        ("github_id = 583231", "¦github_id = -1", "github_id goes from 1 to", ""),
        ('github = "Mary-J"', '¦github = "ADA"', 'github "ADA" is taken', '"ada" and "mary"'),
        ('github = "Mary-J"', "¦github_id = 3", 'github_id "3" is taken', '"lin" and "mary"'),
        ('slack = "T012ABC/U0LIN"', '¦slack = "T012ABC/U034DEF"', "is taken", '"ada" and "lin"'),
        ("github_id = 3", f'github_id = 3\n¦entra = "{TENANT}/{OBJECT}"', "is taken", '"ada" and "lin"'),
        ('slack = "T012ABC/U0LIN"', '¦slack = ["T012ABC/U0LIN", "T012ABC/U034DEF"]', "is taken", '"ada" and "lin"'),
        ('slack = "T012ABC/U0LIN"', '¦slack = "t012abc/u0lin"', "slack is not TEAM/USER", "in capitals"),
        ('slack = "T012ABC/U0LIN"', '¦slack = ["T012ABC/U0LIN", "@lin"]', "slack is not TEAM/USER", "in capitals"),
        ('slack = "T012ABC/U0LIN"', '¦slack = ["T012ABC/U0LIN", "T012ABC/U0LIN"]', "one id twice", "name it once"),
        ('slack = "T012ABC/U0LIN"', "¦slack = []", "slack is an empty list", "at least one"),
        ('slack = "T012ABC/U0LIN"', "¦slack = 5", "slack is a text", "slack ="),
        # groups and operators
        ('qa = ["lin", "mary"]', '¦qa = ["lin", "maria"]', 'no person "maria"', 'did you mean "mary"?'),
        ('qa = ["lin", "mary"]', '¦qa = ["lin", "group:owners"]', "a group holds people", "name each person"),
        ('qa = ["lin", "mary"]', '¦qa = ["anyone"]', 'a group holds people, not "anyone"', "name each person"),
        ('qa = ["lin", "mary"]', 'qa = ["lin", "mary"]\n¦none = []', "none is an empty list", "at least one"),
        ('qa = ["lin", "mary"]', 'qa = ["lin", "mary"]\n¦"q a" = ["lin"]', "a group's name", "rename"),
        ('operators = ["ada"]', '¦operators = ["zoe"]', 'no person "zoe"', "[people.KEY]"),
        ('operators = ["ada"]', '¦operators = ["group:q"]', 'no group "q"', 'did you mean "qa"?'),
        ('operators = ["ada"]', '¦operators = ["anyone"]', "operators cannot be anyone", "name people or groups"),
    ],
)
def test_one_bad_thing_is_one_problem_in_its_place(old: str, new: str, message: str, hint: str) -> None:
    is_one_problem(old, new, message, hint)


@pytest.mark.parametrize(
    ("rest", "message", "hint"),
    [
        ('¦place = "#releases"', "place is the id of a conversation", "C0123456789"),
        ('¦place = "c0123"', "place is the id of a conversation", "C0123456789"),
        ('¦place = "U0123456789"', "place is the id of a conversation", "C0123456789"),
        ("¦place = 5", "place is a text, not a whole number", "place ="),
        ('¦place = " "', "place is empty", "write it"),
        ("¦people = []", "people is an empty list", "at least one"),
        ('place = "C1"\n¦people = ["ada"]', "a place or people, not both", "take one of them away"),
        ('¦people = ["grace"]', '"grace" has no slack id', "[people.grace]"),
        ('¦people = ["anyone"]', 'no person "anyone"', "[people.KEY]"),
        ('¦people = ["group:qo"]', 'no group "qo"', "[groups]"),
        ('place = "C1"\n¦card = "adaptive"', 'unknown key "card"', "known:"),
    ],
)
def test_one_bad_thing_of_a_channel_in_slack_is_one_problem(rest: str, message: str, hint: str) -> None:
    is_one_problem("[groups]", f'[channels.ops]\nkind = "slack"\n{rest}\n\n[groups]', message, hint)


def test_a_channel_in_slack_has_a_place_or_people() -> None:
    (problem,) = problems(f'{EXAMPLE}[channels.ops]\nkind = "slack"\n')
    assert "place is the id of a conversation in Slack" == problem.message


@pytest.mark.parametrize(
    ("old", "new", "near"),
    [
        ('repository = "octo/site"\n', "", "[[¦rule]]\nevent_types = ["),
        (QA, "", '[[rule.¦stage]]\napprovers = ["group:qa"]'),
        (PLAIN, "", '[[¦rule]]\nrepository = "octo/site"'),
        (OWNERS, 'approvers = ["ada"]', '["ada"]\n¦required = 2'),
        (f"{TENANT}/{OBJECT}", f"{TENANT}/", "¦entra ="),
        ('["undo"]', '["deploy-undo"]', "¦reject_event_types ="),
        ('github = "Mary-J"', 'name = "M"', '¦approvers = ["group:qa"]'),
    ],
)
def test_what_is_missing_or_follows_from_elsewhere_has_the_place_to_mend(old: str, new: str, near: str) -> None:
    text, _, _ = changed(old, new)
    before, _, after = near.partition("¦")
    assert 1 == text.count(before + after)
    at = text.index(before + after) + len(before)
    (problem,) = problems(text)
    assert (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)) == (problem.line, problem.column)


def test_every_problem_is_told_at_once_in_the_order_of_the_text() -> None:
    text, _, _ = changed('name = "Grace Hopper"', "name = 5")
    text = text.replace("required = 2", "required = 0").replace('"octo/site"', '"site"').replace('["ada"]', '["eve"]')
    places = [(problem.line, problem.message) for problem in problems(text)]
    assert [
        (1, 'no person "eve"'),
        (11, "name is a text, not a whole number"),
        (42, "required goes from 1 to 50"),
        (45, 'no repository is called "site"'),
    ] == places


def test_a_problem_prints_its_place_its_message_and_its_cure() -> None:
    assert "12:3: wrong (mend it)" == str(Problem(12, 3, "wrong", "mend it"))
    assert "0:0: wrong" == str(Problem(0, 0, "wrong"))


def test_an_endless_name_is_shown_in_part() -> None:
    (problem,) = problems("x" * 1_000 + " = 1")
    assert f'unknown key "{"x" * 60}..."' == problem.message


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"),
    [
        ("a = 1\nname = Ada\n", 2, 8, "not TOML: Invalid value", "texts need quotes"),
        ("a = 1\r\nname = Ada\r\n", 2, 8, "not TOML: Invalid value", "texts need quotes"),
        ("operators", 1, 10, "not TOML: ", "texts need quotes"),
        ("a = 1\nb = [1,\n", 3, 1, "not TOML: ", "texts need quotes"),
        ("[people.ada]\n[people.ada]\n", 2, 12, "not TOML: Cannot", "stands once"),
        ("[groups]\nqa = []\nqa = []\n", 3, 8, "not TOML: Cannot", "stands once"),
        ("\ufeffoperators = []", 1, 1, "byte order mark", "without BOM"),
        ("a = 1\nb = '\udc80'", 2, 6, "a character that UTF-8 cannot hold", "UTF-8"),
        ("a = " + "[" * 20_000, 0, 0, "nested too deeply", "two levels"),
        ("a = " + "9" * 5_000, 0, 0, "not TOML: ", "toml.io"),
    ],
)
def test_what_is_no_toml_is_one_problem_with_its_place(
    text: str, line: int, column: int, message: str, hint: str
) -> None:
    (problem,) = problems(text)
    assert (line, column) == (problem.line, problem.column)
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize("key", ["people", "groups", "rule", "operators", "plain_repository"])
@pytest.mark.parametrize("value", ["5", "true", "'x'", "[1]", "['x', 2]", "1979-05-27", "{ a = 1 }", "{}", "[[]]"])
def test_a_wrong_kind_of_value_at_the_top_is_never_another_error(key: str, value: str) -> None:
    assert {(1, 1)} >= {(problem.line, problem.column) for problem in found(f"{key} = {value}")}


@given(at=st.integers(0, len(EXAMPLE)), size=st.integers(0, 12), instead=st.text(max_size=4))
@settings(deadline=None, max_examples=300)
def test_a_spoiled_example_is_a_policy_or_a_list_of_problems(at: int, size: int, instead: str) -> None:
    text = EXAMPLE[:at] + instead + EXAMPLE[at + size :]
    lines = text.count("\n") + 1
    assert all(0 <= problem.line <= lines and problem.message for problem in found(text))
