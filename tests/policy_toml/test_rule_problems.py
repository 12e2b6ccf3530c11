"""Problems of the rules and stages of a policy: each at its position, with its cure."""

import pytest

from tests.policy_toml.example import OWNERS, PLAIN, QA, is_one_problem


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        # the channels and the words of rules and stages
        ("required = 2", 'required = 2\n¦channels = ["none"]', 'no channel "none"', "[channels.NAME]"),
        ("self_approval = false", '¦channels = ["none"]', 'no channel "none"', "[channels.NAME]"),
        ("required = 2", 'required = 2\n¦approve_label = ""', "approve_label is empty", "leave the key out"),
        ("required = 2", f'required = 2\n¦reject_label = "{"x" * 41}"', "1 to 40 characters", "shorten"),
        ("required = 2", f'required = 2\n¦confirm = "{"x" * 301}"', "1 to 300 characters", "shorten"),
        ("required = 2", 'required = 2\n¦confirm = "a\\nb"', "on one line", "shorten"),
        # rules
        ('repository = "octo/site"\n', "", "the rule has no repository", "OWNER/NAME"),
        ('repository = "octo/site"', '¦repository = "site"', 'no repository is called "site"', "OWNER/*"),
        ('repository = "octo/site"', '¦repository = ""', "repository is empty", ""),
        ('event_types = ["publish"]\n', "", "the rule has no event_types", "event_types ="),
        ('event_types = ["publish"]', "¦event_types = []", "event_types is an empty list", "at least one"),
        ('event_types = ["publish"]', f'¦event_types = ["{"x" * 101}"]', "too long", "100 characters"),
        ('["undo"]', f'["{"x" * 101}"]', "too long", "100 characters"),
        ('["undo"]', '["deploy-undo"]', '"deploy-undo" could be the releasing "deploy-*"', "another name"),
        ('["undo"]', '["*"]', '"*" could be the releasing "deploy-*"', "another name"),
        ('["undo"]', '["DEPLOY-*"]', '"DEPLOY-*" could be the releasing', "another name"),
        ('["oidc", "offline"]', '["plain"]', 'no proof "plain"', "known: oidc, key, offline"),
        ('["oidc", "offline"]', '["oicd"]', 'no proof "oicd"', 'did you mean "oidc"?'),
        ('["oidc", "offline"]', "[]", "requests is an empty list", "at least one"),
        ('expires_in = "45m"', '¦expires_in = "45"', "expires_in is a whole number and its unit", ""),
        ('expires_in = "45m"', '¦expires_in = "31d"', "expires_in takes from 1 second to 30 days", ""),
        ('expires_in = "45m"', '¦expires_in = "0s"', "expires_in takes from 1 second to 30 days", ""),
        ('expires_in = "45m"', "¦expires_in = 45", "expires_in is a text, not a whole number", ""),
        ('expires_in = "45m"', '¦expires_in = ""', "expires_in is empty", ""),
        (PLAIN, "¦plain = 1\n[[rule.stage]]\napprovers = ['ada']\n", "plain is true or false", ""),
        (PLAIN, f'{PLAIN}¦environment = "x"\n', 'a rule with plain = true has no "environment"', "nobody approves"),
        (PLAIN, f"{PLAIN}[[rule.¦stage]]\n", 'a rule with plain = true has no "stage"', "nobody approves"),
        (PLAIN, f"{PLAIN}¦self_approval = false\n", 'plain = true has no "self_approval"', "nobody approves"),
        (PLAIN, f"{PLAIN}¦whatever = 1\n", 'plain = true has no "whatever"', "nobody approves"),
        (PLAIN, "", "no stage", "[[rule.stage]]"),
        ('operators = ["ada"]', '¦plain_repository = "octo"', "plain_repository is not OWNER/NAME", "no globs"),
        ('operators = ["ada"]', '¦plain_repository = "octo/*"', "plain_repository is not OWNER/NAME", "no globs"),
        # stages
        (QA, "", "a stage without name", "several"),
        (QA, '¦name = ""\n', "name is empty", ""),
        (QA, f'¦name = "{"x" * 41}"\n', "name is too long", "40"),
        ('name = "release"', '¦name = "qa"', 'a second stage "qa" in one rule', "rename"),
        (f"{OWNERS}\nrequired = 2", "", "the stage has no approvers", "group:NAME"),
        (f"{OWNERS}\nrequired = 2", "¦approvers = []", "approvers is an empty list", "at least one"),
        (OWNERS, '¦approvers = ["lin", "mary", "zoe"]', 'no person "zoe"', "[people.KEY]"),
        (OWNERS, '¦approvers = ["ada", "Mary"]', 'no person "Mary"', 'did you mean "mary"?'),
        (OWNERS, '¦approvers = ["ada", "owners"]', 'no person "owners"', 'write "group:owners"'),
        (OWNERS, '¦approvers = ["ada", "lin", "group:owner"]', 'no group "owner"', 'did you mean "owners"?'),
        ("required = 2", "¦required = 0", "required goes from 1 to 50", ""),
        ("required = 2", "¦required = 51", "required goes from 1 to 50", ""),
        ("required = 2", "¦required = 3", "required is 3, more than the number of approvers, 2", "counts once"),
        (OWNERS, 'approvers = ["ada", "ada"]', "required is 2, more than the number of approvers, 1", "counts once"),
        (OWNERS, '¦approvers = ["ada", "anyone"]', "anyone may approve, and self_approval is false", "= true"),
        ('github = "Mary-J"', 'name = "M"', '"mary" may approve, has no GitHub account', "[people.mary]"),
    ],
)
def test_one_bad_thing_is_one_problem_in_its_place(old: str, new: str, message: str, hint: str) -> None:
    is_one_problem(old, new, message, hint)
