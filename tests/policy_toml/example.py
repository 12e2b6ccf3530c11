"""A policy with everything in it, for tests to read or to spoil in one place."""

from typing import Final

import pytest

from relay.chats.table import kinds
from relay.policy_toml.parse import PolicyError, Problem, parse

TENANT: Final = "7D1E9B0A-3c55-4f6e-9a51-0f2b6c8d4e10"
OBJECT: Final = "5b2c7f18-90ab-4cde-8f01-23456789ABCD"
EXAMPLE: Final = f"""\
operators = ["ada"]

[people.ada]
name = "Ada Lovelace"
entra = "{TENANT}/{OBJECT}"
slack = "T012ABC/U034DEF"
github = "ada"
github_id = 583231

[people.grace]
name = "Grace Hopper"
github = "grace"
github_id = 2

[people.lin]
slack = "T012ABC/U0LIN"
github_id = 3

[people.mary]
github = "Mary-J"

[groups]
qa = ["lin", "mary"]
owners = ["ada", "grace"]

[[rule]]
repository = "octo/*"
environment = "production"
event_types = ["deploy-*"]
reject_event_types = ["undo"]
requests = ["oidc", "offline"]
expires_in = "45m"
self_approval = false

[[rule.stage]]
name = "qa"
approvers = ["group:qa"]

[[rule.stage]]
name = "release"
approvers = ["group:owners"]
required = 2

[[rule]]
repository = "octo/site"
event_types = ["publish"]
plain = true

[[rule]]
repository = "octo/docs"
event_types = ["docs"]
self_approval = true
[[rule.stage]]
approvers = ["anyone", "ada"]
"""
QA: Final = 'name = "qa"\n'
PLAIN: Final = "plain = true\n"
OWNERS: Final = 'approvers = ["group:owners"]'


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as caught:
        parse(text, kinds())
    assert "\n".join(map(str, caught.value.problems)) == str(caught.value)
    return caught.value.problems


def found(text: str) -> tuple[Problem, ...]:
    """Return the problems of a text that may be a policy."""
    try:
        parse(text, kinds())
    except PolicyError as error:
        return error.problems
    return ()


def changed(old: str, new: str) -> tuple[str, int, int]:
    """Put `new` for `old`, which stands once; also return the line and column of the mark ¦ in the result."""
    assert 1 == EXAMPLE.count(old)
    marked = EXAMPLE.replace(old, new)
    before, _, after = marked.partition("¦")
    return before + after, before.count("\n") + 1, len(before) - before.rfind("\n")


def is_one_problem(old: str, new: str, message: str, hint: str) -> None:
    """Check that `new` in the place of `old` is one problem, at the mark ¦ if there is one."""
    text, line, column = changed(old, new)
    (problem,) = problems(text)
    assert message in problem.message
    assert hint in problem.hint
    if "¦" in new:
        assert (line, column) == (problem.line, problem.column)
