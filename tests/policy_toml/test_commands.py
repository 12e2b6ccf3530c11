"""The commands of policy.toml: read with their defaults, and each fault at its place with its cure."""

import pytest

from relay.approval.commands import Command
from relay.chats.table import kinds
from relay.formats.grammar import read_format
from relay.model.request import ORIGIN
from relay.policy_toml.parse import parse
from tests.policy_toml.command_examples import BASE, COMMAND, SMALL, changed
from tests.policy_toml.example import problems


def test_a_command_is_read_with_all_its_keys() -> None:
    (made,) = parse(BASE + COMMAND, kinds()).commands
    formats = ("deploy {{app}} [to {{env=prod}}]", "ship {{app}} as {{env}}")
    assert (
        Command(
            name="deploy",
            formats=tuple(map(read_format, formats)),
            who=("group:devs",),
            repository="octo/{{app}}",
            event_type="deploy-{{app}}",
            environment="{{env}}",
            title="Deploy {{app}}",
            description="Release an app",
            channels=(ORIGIN, "releases"),
            extra=("version",),
            approve=True,
            values={"env": ("prod",)},
            fixed={"by": "chat"},
        )
        == made
    )


def test_without_the_optional_keys_the_defaults_hold() -> None:
    (made,) = parse(BASE + SMALL, kinds()).commands
    assert ("{{text}}", (ORIGIN,), (), False, {}, {}) == (
        made.title,
        made.channels,
        made.extra,
        made.approve,
        made.values,
        made.fixed,
    )


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ('name = "deploy"\n', "", "the command has no name", "write name"),
        ('name = "deploy"', '¦name = "Deploy"', '"Deploy" is no name of a command', "a-z"),
        ('name = "deploy"', f'¦name = "{"x" * 41}"', "is no name of a command", "40 characters"),
        ('description = "Release an app"', f'¦description = "{"x" * 201}"', "1 to 200 characters", "shorten"),
        ('description = "Release an app"', '¦description = "a\\nb"', "on one line", "shorten"),
        ('description = "Release an app"', '¦descripton = "a"', 'unknown key "descripton"', "description"),
        ('who = ["group:devs"]', '¦who = ["group:dev"]', 'no group "dev"', '"devs"'),
        ('who = ["group:devs"]', '¦who = ["adda"]', 'no person "adda"', '"ada"'),
        ('who = ["group:devs"]', "¦who = []", "who is an empty list", "at least one"),
        ('who = ["group:devs"]\n', "", "the command has no who", "write who"),
        ('repository = "octo/{{app}}"', '¦repository = "octo {{app}}"', "makes nothing valid", "OWNER/NAME"),
        ('repository = "octo/{{app}}"', '¦repository = "octo/{{ap}}"', 'repository has "ap"', 'did you mean "app"?'),
        ('repository = "octo/{{app}}"', '¦repository = "octo/{{version}}"', 'has "version", which not every', "known:"),
        ('repository = "octo/{{app}}"', '¦repository = "octo/{{app"', "stands without a name", "write {{name}}"),
        ('repository = "octo/{{app}}"', '¦repository = "octo/{{text}}"', 'repository has "text"', "known: app, by"),
        ('repository = "octo/{{app}}"\n', "", "the command has no repository", "write repository"),
        ('event_type = "deploy-{{app}}"\n', "", "the command has no event_type", "write event_type"),
        ('event_type = "deploy-{{app}}"', '¦event_type = " {{app}}"', "makes nothing valid", "a blank"),
        ('title = "Deploy {{app}}"', '¦title = ""', "title is empty", "default"),
        ('title = "Deploy {{app}}"', f'¦title = "{"x" * 1_001}"', "at most 1,000 characters", "shorten"),
        ('channels = ["origin", "releases"]', '¦channels = ["release"]', 'no channel "release"', '"releases"'),
        ('extra = ["version"]', '¦extra = ["app"]', '"app" has a value already', "take it away"),
        ('extra = ["version"]', 'extra = ["by"]', '"by" has a value already', ""),
        ('extra = ["version"]', '¦extra = ["v", "v"]', '"v" stands twice in extra', "once"),
        ('extra = ["version"]', '¦extra = ["Version"]', '"Version" is no name of a value', "a-z"),
        ("approve = true", "¦approve = 1", "approve is true or false", "without quotes"),
        ('env = ["prod"]', "¦env = []", "env is an empty list", "at least one"),
        ('env = ["prod"]', '¦env = ["staging"]', 'the default "prod" is not of the list of env', "add it"),
        ('env = ["prod"]', '¦env = ["prod", "PROD"]', "differ in capitals alone", "any capitals"),
        ('env = ["prod"]', '¦envs = ["prod"]', 'no format has "envs"', 'did you mean "env"?'),
        ('env = ["prod"]', f'¦env = ["prod", "{"x" * 201}"]', "1 to 200 characters", "shorten"),
        ('by = "chat"', '¦by = ""', "by is empty", ""),
        ('by = "chat"', '¦by = "a\\nb"', "on one line", "shorten"),
        ('by = "chat"', "¦by = 5", "by is a text", ""),
        ('by = "chat"', 'app = "chat"', '"app" has a value already', "take it away"),
        ('by = "chat"', 'approval = "chat"', "approval is the relay's own name", "rename"),
        ('by = "chat"', "\n".join(f'n{each} = "x"' for each in range(7)), "10 names; a command has at most 9", "fewer"),
        ('"ship {{app}} as {{env}}"', '"(ship) {{app}}"', '"(ship) {{app}}": a word', "no regular expression"),
        ('"ship {{app}} as {{env}}"', '"DEPLOY {{app}}  [TO {{env=prod}}]"', "stands twice", "the first one wins"),
        ('"ship {{app}} as {{env}}"', '"Help"', '"Help" lists the commands already', "another word"),
        ('"ship {{app}} as {{env}}"', '"ship {{app}}"', 'environment has "env", which not every format', ""),
        ('"ship {{app}} as {{env}}"', ", ".join(f'"s{each} {{{{app}}}} {{{{env}}}}"' for each in range(20)),
         "at most 20 formats", "second command"),
    ],
)  # fmt: skip
def test_one_bad_thing_is_one_problem_in_its_place(old: str, new: str, message: str, hint: str) -> None:
    text, line, column = changed(old, new)
    found_here = [problem for problem in problems(text) if message in problem.message]
    assert 1 == len(found_here), problems(text)
    assert hint in found_here[0].hint
    if "¦" in new:
        assert (line, column) == (found_here[0].line, found_here[0].column)


def test_a_command_without_formats_is_told_once() -> None:
    text = BASE + SMALL.replace('formats = ["stop {{app}}"]\n', "")
    assert ["the command has no formats"] == [problem.message for problem in problems(text)]


def test_a_second_command_of_the_same_name_or_format_is_an_error() -> None:
    again = [problem.message for problem in problems(BASE + SMALL + SMALL)]
    assert ['a second command "stop"', 'the format "stop {{app}}" stands twice'] == sorted(again)


def test_a_hundred_and_one_commands_are_too_many() -> None:
    many = "".join(SMALL.replace('"stop', f'"stop{each}').replace("stop {", f"stop{each} {{") for each in range(101))
    (problem,) = problems(BASE + many.replace('name = "stop', 'name = "stop-'))
    assert "at most 100 commands" in problem.message


def test_no_channel_can_be_called_origin() -> None:
    (problem,) = problems(BASE.replace("[channels.releases]", "[channels.origin]"))
    assert "origin is the conversation where a command was said" == problem.message
