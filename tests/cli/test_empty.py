"""An empty value: a variable that is not set where it is written."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest

from relay.cli.command import MAY_BE_EMPTY, Command
from relay.cli.main import main
from tests.cli.releasing import event
from tests.cli.running import API_KEY, ASK, OFFLINE, RELAY, run

WEBHOOK = "https://hook.example/s"
POLICY = '[[rule]]\nrepository = "octo/api"\n'
SECRET = "secrets are empty in runs of forks and Dependabot"


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(command)
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from commands(found, (*path, name))


COMMANDS = dict(commands(main))
OPTIONS = [
    (path, option)
    for path, command in COMMANDS.items()
    for option in command.params
    if isinstance(option, click.Option) and not option.is_flag and option.name not in MAY_BE_EMPTY
]
by_option = pytest.mark.parametrize(("path", "option"), OPTIONS, ids=lambda each: str(getattr(each, "name", each)))


def test_every_command_takes_no_empty_value() -> None:
    assert [] == [path for path, command in COMMANDS.items() if not isinstance(command, Command)]


@by_option
@pytest.mark.parametrize("empty", ["", " ", "\n"])
def test_an_empty_value_of_any_option_is_a_mistake(path: tuple[str, ...], option: click.Option, empty: str) -> None:
    values = [empty] * option.nargs
    given = [option.opts[0], *values] if option.nargs > 1 else [f"{option.opts[0]}={empty}"]
    result = run(*path, *given)
    assert (2, "") == (result.exit_code, result.stdout)
    assert f"{option.opts[0]}: is empty; " in result.stderr


@pytest.mark.parametrize(
    ("path", "option"),
    [each for each in OPTIONS if each[1].envvar],
    ids=lambda each: str(getattr(each, "envvar", each)),
)
def test_an_empty_variable_of_any_option_is_a_mistake(path: tuple[str, ...], option: click.Option) -> None:
    result = run(*path, env={str(option.envvar): ""})
    assert (2, "") == (result.exit_code, result.stdout)
    assert f"{option.opts[0]}: {option.envvar} is set and empty: " in result.stderr


@pytest.mark.parametrize("path", [("status",), ("cancel",), ("lint",), ("policy", "check"), ("policy", "test")])
def test_an_empty_argument_is_a_mistake(path: tuple[str, ...]) -> None:
    result = run(*path, "")
    assert 2 == result.exit_code
    assert ": is empty; usually a variable that is not set here" in result.stderr


@pytest.mark.parametrize("command", ["check", "explain"])
def test_an_empty_variable_of_the_policy_checks_no_other_file(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.toml").write_text(POLICY)
    monkeypatch.chdir(tmp_path)
    asked = ("--repository", "octo/api", "--event-type", "x") if command == "explain" else ()
    result = run("policy", command, *asked, env={"RELAY_POLICY": ""})
    assert 2 == result.exit_code
    assert "RELAY_POLICY is set and empty" in result.stderr


@pytest.mark.parametrize("option", ["--text", "--summary"])
def test_texts_that_may_say_nothing_may_be_empty(option: str) -> None:
    assert 0 == run("card", *ASK, option, "", env=OFFLINE).exit_code


def test_the_value_of_a_field_or_a_fact_may_be_empty() -> None:
    assert 0 == run("card", *ASK, "--field", "note=", "--fact", "Note=", "--fact", "More= ", env=OFFLINE).exit_code


@pytest.mark.parametrize("environment", ["", " ", "\t"])
def test_verify_takes_an_empty_environment_for_a_mistake_and_never_for_any(environment: str, tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(event()), "utf-8")
    env = {"RELAY_URL": RELAY, "GITHUB_REPOSITORY": "octo/api", "GITHUB_EVENT_PATH": f"{tmp_path}/event.json"}
    result = run("verify", "--environment", environment, env=env)
    assert (2, "") == (result.exit_code, result.stdout)
    expected = (
        "--environment: is empty; usually a variable that is not set here. Leave the option out to take any environment"
    )
    assert expected in result.stderr


@pytest.mark.parametrize("names", ["", ",", " , \n"])
def test_approvers_that_name_nobody_are_a_mistake(names: str) -> None:
    result = run("card", *ASK, "--approvers", names, env=OFFLINE)
    assert 2 == result.exit_code
    assert "--approvers: " in result.stderr


def test_the_relays_address_that_is_empty_is_told_at_once() -> None:
    result = run("verify", "--relay", "", env={"GITHUB_REPOSITORY": "octo/api"})
    assert 2 == result.exit_code
    assert "--relay: is empty" in result.stderr


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"RELAY_URL": RELAY, "RELAY_API_KEY": ""}, f"--api-key: RELAY_API_KEY is set and empty: {SECRET}"),
        ({"RELAY_WEBHOOK_URL": ""}, f"--webhook: RELAY_WEBHOOK_URL is set and empty: {SECRET}"),
        ({"RELAY_URL": ""}, "--relay: RELAY_URL is set and empty: usually it is a secret and read as vars.RELAY_URL"),
    ],
)
def test_an_empty_variable_is_told_with_its_usual_cause(env: Mapping[str, str], told: str) -> None:
    result = run("send", *ASK, env={"RELAY_WEBHOOK_URL": WEBHOOK, "RELAY_API_KEY": API_KEY, **env})
    assert 2 == result.exit_code
    assert told in result.stderr


GATES = [
    ("--environment", "production"),
    ("--payload", '{"a":1}'),
    ("--field", "a=1"),
    ("--approver", "ada"),
    ("--approvers", "ada"),
    ("--expires-in", "1h"),
    ("--reject-event-type", "rejected"),
    ("--require-comment",),
    ("--approve-label", "Ship it"),
    ("--reject-label", "No"),
    ("--confirm", "Look twice"),
]


@pytest.mark.parametrize("given", [*GATES, ("--offline",), ("--api-key", API_KEY)], ids=lambda each: str(each[0]))
def test_a_card_with_options_of_a_decision_and_no_event_type_is_no_green_notification(given: tuple[str, ...]) -> None:
    result = run("send", "--title", "x", *given, env={"RELAY_WEBHOOK_URL": WEBHOOK, **OFFLINE})
    assert (2, "") == (result.exit_code, result.stdout)
    assert "--event-type: is missing: without it the card is a notification that asks nobody" in result.stderr


@pytest.mark.parametrize("given", [*GATES, ("--register",)], ids=lambda each: str(each[0]))
def test_a_printed_card_is_no_notification_by_mistake_either(given: tuple[str, ...]) -> None:
    assert 2 == run("card", "--title", "x", *given, env=OFFLINE).exit_code


@pytest.mark.parametrize("event_type", ["", " "])
def test_an_empty_event_type_makes_no_notification(event_type: str) -> None:
    result = run("send", "--event-type", event_type, "--title", "x", env={"RELAY_WEBHOOK_URL": WEBHOOK})
    assert 2 == result.exit_code
    expected = "--event-type: is empty; usually a variable that is not set here. Leave it out for a notification"
    assert expected in result.stderr
