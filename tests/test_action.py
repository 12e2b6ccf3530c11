"""The steps of the two Actions, run as a runner runs them."""

import subprocess
from pathlib import Path

import click
import pytest

from relay.cli.action import run as action
from relay.cli.send import send
from relay.cli.verify import verify
from tests.support.action_runner import Runner, by_command, check_out, printed, read


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    folder = tmp_path_factory.mktemp("job")
    return Runner(folder, check_out(folder / "checkout", "first"))


@by_command
def test_every_input_is_an_option_of_its_command(command: str) -> None:
    params = {"send": send, "verify": verify}[command].params
    known = {option for each in params if isinstance(each, click.Option) for option in each.opts}
    assert {f"--{name.replace('_', '-')}" for name in action.KNOWN[command]} <= known


@by_command
def test_every_input_is_taken_in_both_spellings(command: str) -> None:
    spelt = {name for known in action.KNOWN[command] for name in (known, known.replace("_", "-"))}
    aliases = {"client_payload", "client-payload"} if command == "send" else set()
    assert spelt | aliases == set(read(command)["inputs"])
    assert {action.NOT_GIVEN} == {each["default"] for each in read(command)["inputs"].values()}


def test_the_actions_have_the_outputs_of_their_commands() -> None:
    for command, names in {
        "send": ["request-id", "expires-at", "review-url", "decision", "status"],
        "verify": [
            *("id", "decision", "environment", "ref", "sha", "requested-by", "reviewers", "approved-by", "comment"),
            *("once", "payload"),
        ],
    }.items():
        outputs = read(command)["outputs"]
        assert names == list(outputs)
        expected = [f"${{{{ steps.{command}.outputs.{name} }}}}" for name in outputs]
        assert expected == [each["value"] for each in outputs.values()]


@by_command
def test_the_later_steps_of_the_job_find_the_command_and_no_other_python(
    runner: Runner, command: str, tmp_path: Path
) -> None:
    printed(runner.run(command, {}, GITHUB_PATH=str(tmp_path / "path")))
    (folder,) = (tmp_path / "path").read_text("utf-8").splitlines()
    assert {"relay", "relay.cmd"} == {each.name for each in Path(folder).iterdir()}
    environ = {"PATH": f"{folder}:/usr/bin:/bin", "PYTHONPATH": str(tmp_path), "PYTHONHOME": str(tmp_path)}
    ran = subprocess.run(["relay", "report", "a b"], env=environ, capture_output=True, text=True, check=False)
    assert ["first", "report", "a b"] == printed(ran)


def test_each_input_is_one_argument_and_secrets_go_by_the_environment(runner: Runner) -> None:
    title = '--it\'s "$(touch spoiled)"; `touch spoiled` \\'
    inputs = {"title": title, "webhook": "https://hook.example/s", "api-key": "k", "require_comment": "true"}
    ran = runner.run("send", inputs, RELAY_URL="https://relay.example")
    secrets = ["RELAY_WEBHOOK_URL=https://hook.example/s", "RELAY_URL=https://relay.example", "RELAY_API_KEY=k"]
    assert ["first", *secrets, "send", f"--title={title}", "--require-comment"] == printed(ran)
    assert not (runner.temp / "spoiled").exists()


@by_command
def test_only_variables_whose_input_is_given_are_set(runner: Runner, command: str) -> None:
    assert ["first", command] == printed(runner.run(command, {}))
    assert ["first", "RELAY_URL=u", command] == printed(runner.run(command, {}, RELAY_URL="u"))
    assert ["first", "RELAY_URL=v", command] == printed(runner.run(command, {"relay": "v"}, RELAY_URL="u"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"event-type": "deploy-api"}, ["--event-type=deploy-api"]),
        ({"event_type": "deploy-api"}, ["--event-type=deploy-api"]),
        ({"Event_Type": "deploy-api"}, ["--event-type=deploy-api"]),
        ({"client-payload": "{}", "expires-in": "1h"}, ["--payload={}", "--expires-in=1h"]),
        ({"client_payload": "{}"}, ["--payload={}"]),
        ({"api_key": "k"}, []),
    ],
)
def test_inputs_are_taken_with_dashes_and_with_underscores(
    runner: Runner, given: dict[str, str], expected: list[str]
) -> None:
    assert expected == printed(runner.run("send", given))[2 + ("api_key" in given) :]


@pytest.mark.parametrize(
    ("command", "given", "told"),
    [
        ("send", {"evnt_type": "deploy-api"}, "evnt_type: no such input; did you mean event_type?"),
        ("send", {"timeout-minutes": "5"}, "timeout-minutes: no such input"),
        ("verify", {"enviroment": "production"}, "enviroment: no such input; did you mean environment?"),
        ("send", {"event-type": "a", "event_type": "b"}, "is given twice, in two spellings"),
        ("send", {"payload": "{}", "client-payload": "{}"}, "is given twice, in two spellings"),
    ],
)
def test_an_unknown_input_or_one_given_twice_is_refused(
    runner: Runner, command: str, given: dict[str, str], told: str
) -> None:
    ran = runner.run(command, given)
    assert (2, "") == (ran.returncode, ran.stdout)
    assert "::error title=relay::" in ran.stderr
    assert told in ran.stderr


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"timeout": "5m"}, "timeout: is the longest time that the step waits; add wait: true, or leave timeout out"),
        (
            {"webhook": "https://x.example", "channel": "ops"},
            "webhook: the card goes to one place; leave it or channel",
        ),
        ({"webhook": "https://x.example", "smtp": "mail"}, "webhook: the card goes to one place; leave it or smtp out"),
        ({"webhook": "https://x.example", "policy-channels": "true"}, "leave it or policy_channels out"),
    ],
)
def test_inputs_that_contradict_each_other_are_refused(runner: Runner, given: dict[str, str], told: str) -> None:
    ran = runner.run("send", given)
    assert (2, "") == (ran.returncode, ran.stdout)
    assert ran.stderr.startswith("::error title=relay::")
    assert told in ran.stderr


def test_a_step_that_does_not_wait_needs_no_timeout_and_may_have_one(runner: Runner) -> None:
    waits = {"wait": "true", "timeout": "5m"}
    assert ["first", "send"] == printed(runner.run("send", waits | {"wait": "false"}))
    assert ["first", "send", "--wait", "--timeout=5m"] == printed(runner.run("send", waits))
    given = {"webhook": "https://x.example", "policy-channels": "false"}
    assert ["first", "RELAY_WEBHOOK_URL=https://x.example", "send"] == printed(runner.run("send", given))


@pytest.mark.parametrize("name", ["event_type", "environment", "approvers", "payload"])
def test_an_empty_input_reaches_the_command_which_refuses_it(runner: Runner, name: str) -> None:
    option = f"--{name.replace('_', '-')}="
    assert ["first", "send", option] == printed(runner.run("send", {name: ""}))


@pytest.mark.parametrize("name", ["channel", "mention"])
def test_an_empty_list_reaches_the_command_which_refuses_it(runner: Runner, name: str) -> None:
    assert ["first", "send", f"--{name}="] == printed(runner.run("send", {name: "\n"}))


def test_channels_and_mentions_are_one_a_line(runner: Runner) -> None:
    inputs = {"channel": "ops\nqa", "mention": "Ada=ada@contoso.com\n김하늘=haneul@contoso.com\n"}
    mentions = ["--mention=Ada=ada@contoso.com", "--mention=김하늘=haneul@contoso.com"]
    assert ["first", "send", "--channel=ops", "--channel=qa", *mentions] == printed(runner.run("send", inputs))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"title": "Deploy\n"}, ["--title=Deploy"]),
        ({"event_type": "deploy-api\n", "environment": "production\r\n"}, ["deploy-api", "production"]),
        ({"title": "Deploy\n\n"}, ["--title=Deploy"]),
    ],
)
def test_the_line_break_that_yaml_adds_is_taken_off(runner: Runner, given: dict[str, str], expected: list[str]) -> None:
    assert [each.rpartition("=")[2] for each in expected] == [
        each.rpartition("=")[2] for each in printed(runner.run("send", given))[2:]
    ]


@pytest.mark.parametrize("word", ["yes", "True", ""])
def test_a_flag_takes_true_and_false_and_no_other_word(runner: Runner, word: str) -> None:
    ran = runner.run("send", {"offline": word})
    assert 2 == ran.returncode
    empty = "" if word else "is empty, usually a variable that is not set here; "
    assert f"::error title=relay::offline: {empty}takes true or false" in ran.stderr
    assert ["first", "send"] == printed(runner.run("send", {"offline": "false"}))
