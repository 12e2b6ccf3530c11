"""The steps of the two Actions, run as a runner runs them."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from relay.cli.action import run as action
from relay.cli.send import send
from relay.cli.verify import verify

ROOT = Path(__file__).parent.parent
RUN = Path("relay/cli/action/run.py")
FILES = {"send": ROOT / "action.yml", "verify": ROOT / "verify" / "action.yml"}
PRINTS = (
    "import os, sys\n"
    'names = ("RELAY_WEBHOOK_URL", "RELAY_URL", "RELAY_API_KEY", "RELAY_TICKET_KEY")\n'
    'found = [f"{name}={os.environ[name]}" for name in names if name in os.environ]\n'
    'print("COMMIT", *found, *sys.argv[1:], sep="\\n")\n'
)
by_command = pytest.mark.parametrize("command", FILES)


def read(command: str) -> dict[str, Any]:
    found = yaml.load(FILES[command].read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts only
    assert isinstance(found, dict)
    return found


def steps(command: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(command)["runs"]["steps"]
    return found


def check_out(folder: Path, commit: str) -> Path:
    """Make a checkout of the Action whose command prints its commit, its variables and its arguments."""
    (folder / RUN).parent.mkdir(parents=True)
    shutil.copy(ROOT / RUN, folder / RUN)
    (folder / RUN).with_name("requirements.txt").write_text("")
    (folder / "relay" / "__init__.py").touch()
    (folder / "relay" / "__main__.py").write_text(PRINTS.replace("COMMIT", commit))
    return folder


@dataclass
class Runner:
    """A runner: its folder for a job, and the checkout of an Action."""

    temp: Path
    checkout: Path

    def run(
        self, command: str, inputs: Mapping[str, str], *, path: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the step of an Action with these inputs, as `with:` gives them."""
        (step,) = steps(command)
        defaults = {name: each["default"] for name, each in read(command)["inputs"].items()}
        assert {"RELAY_INPUTS": "${{ toJSON(inputs) }}"} == step["env"]
        below = self.checkout / "verify" if command == "verify" else self.checkout
        below.mkdir(exist_ok=True)
        env = {
            "RELAY_INPUTS": json.dumps(defaults | dict(inputs), ensure_ascii=False),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_ACTION_PATH": str(below),
            "PATH": path or f"{Path(sys.executable).parent}:/usr/bin:/bin",
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            env=env | environment,
            cwd=self.temp,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    folder = tmp_path_factory.mktemp("job")
    return Runner(folder, check_out(folder / "checkout", "first"))


def printed(ran: subprocess.CompletedProcess[str]) -> list[str]:
    assert 0 == ran.returncode, ran.stderr
    return ran.stdout.splitlines()


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
        "send": ["request-id", "expires-at", "review-url"],
        "verify": [
            *("id", "decision", "environment", "ref", "sha", "requested-by", "reviewers", "approved-by", "comment"),
            *("once", "payload"),
        ],
    }.items():
        outputs = read(command)["outputs"]
        assert names == list(outputs)
        expected = [f"${{{{ steps.{command}.outputs.{name} }}}}" for name in outputs]
        assert expected == [each["value"] for each in outputs.values()]


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
    assert "::error title=relay::offline: takes true or false" in ran.stderr
    assert ["first", "send"] == printed(runner.run("send", {"offline": "false"}))


def test_two_uses_at_different_commits_in_one_job_run_each_its_own(runner: Runner, tmp_path: Path) -> None:
    other = Runner(runner.temp, check_out(tmp_path / "checkout", "second"))
    assert "first" == printed(runner.run("send", {}))[0]
    assert "second" == printed(other.run("send", {}))[0]
    assert "first" == printed(runner.run("verify", {}))[0]


def test_an_environment_that_was_left_half_made_is_made_anew(tmp_path: Path) -> None:
    here = Runner(tmp_path, check_out(tmp_path / "checkout", "first"))
    printed(here.run("send", {}))
    (folder,) = tmp_path.glob("approval-relay-*")
    (folder / "ready").unlink()
    (folder / "bin" / "python").unlink()
    assert ["first", "send"] == printed(here.run("send", {}))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of modules with names that the command imports."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "relay").mkdir()
    for name in ("relay/__init__.py", "httpx.py", "click.py", "sitecustomize.py", "subprocess.py", "json.py"):
        (folder / name).write_text("raise SystemExit('the checkout of the user shadows the command')\n")
    return folder


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONUSERBASE", "cwd"])
def test_the_jobs_python_settings_do_not_reach_the_command(runner: Runner, hostile: Path, name: str) -> None:
    here = Runner(hostile, runner.checkout) if name == "cwd" else runner
    settings = {} if name == "cwd" else {name: str(hostile)}
    assert ["first", "send"] == printed(here.run("send", {}, **settings))


def test_the_jobs_pip_settings_do_not_reach_the_installation(tmp_path: Path) -> None:
    here = Runner(tmp_path, check_out(tmp_path / "checkout", "first"))
    names = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PIP_NO_BINARY", "PIP_CONSTRAINT")
    assert ["first", "send"] == printed(here.run("send", {}, **dict.fromkeys(names, "1")))


def test_an_environment_keeps_all_but_the_settings_of_python_and_pip() -> None:
    given = {"PATH": "/bin", "PythonPath": "/x", "PIP_USER": "1", "RELAY_URL": "u", "VIRTUAL_ENV": "/v"}
    assert {"PATH": "/bin", "RELAY_URL": "u"} == action.without_python(given | {action.INPUTS: "{}"})


@pytest.mark.parametrize(
    ("made", "expected"), [("Scripts/python.exe", "Scripts/python.exe"), ("bin/python", "bin/python")]
)
def test_the_python_of_an_environment_is_found_on_windows_too(made: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / made).parent.mkdir()
    (tmp_path / made).touch()
    assert tmp_path / expected == action.python_of(tmp_path)


@pytest.mark.parametrize("names", [[], ["python3"], ["python3", "python"]])
def test_a_runner_without_a_python_of_3_11_says_so(runner: Runner, tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o700)
    (tmp_path / "bash").symlink_to("/bin/bash")
    ran = runner.run("send", {}, path=str(tmp_path))
    assert 2 == ran.returncode
    assert (
        "::error title=relay::This runner has no python3, or one older than 3.11. Add actions/setup-python"
        in ran.stderr
    )


def test_a_runner_with_python_under_its_other_name_alone_is_enough(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to(sys.executable)
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 9009\n")  # as the shortcut to a shop does on Windows
    (tmp_path / "python3").chmod(0o700)
    (tmp_path / "bash").symlink_to("/bin/bash")
    assert ["first", "send"] == printed(runner.run("send", {}, path=str(tmp_path)))


@pytest.mark.parametrize(
    ("broken", "told"),
    [("venv", "cannot make a virtual environment. On Debian and Ubuntu install python3-venv"), ("pip", "could not be")],
)
def test_a_failed_installation_is_an_error_with_its_cure(
    broken: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fake(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        failed = f"-m {broken}" in " ".join(command)
        return subprocess.CompletedProcess(command, int(failed), "", "ensurepip is not available.\n")

    monkeypatch.setattr(subprocess, "run", fake)
    with pytest.raises(SystemExit) as ended:
        action.install({"RUNNER_TEMP": str(tmp_path)})
    assert 1 == ended.value.code
    written = capsys.readouterr().err
    assert "ensurepip is not available." in written
    assert re.search(rf"::error title=relay::.*{re.escape(told)}", written)


def test_nothing_is_installed_by_its_name_from_an_index() -> None:
    text = (ROOT / RUN).with_name("requirements.txt").read_text("utf-8")
    assert "approval-relay" not in text
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "--require-hashes" in (ROOT / RUN).read_text("utf-8")
    for file in [*FILES.values(), *sorted((ROOT / "docs").rglob("*.yml")), ROOT / "README.md"]:
        assert "approval-relay==" not in file.read_text("utf-8"), file
        assert "pip install" not in file.read_text("utf-8"), file


@pytest.mark.full
@by_command
def test_the_real_command_is_installed_and_runs(command: str, tmp_path: Path) -> None:
    here = Runner(tmp_path, ROOT)
    ways = {name: value for name, value in os.environ.items() if name in action._WAYS}
    given = {"offline": "true", "title": "x", "webhook": "http://127.0.0.1:9"} if command == "send" else {}
    ran = here.run(command, given, GITHUB_ACTIONS="true", **ways)
    assert 2 == ran.returncode, ran.stderr
    told = "--event-type: is missing" if command == "send" else "--relay"
    assert f"::error title=relay::{told}" in ran.stderr or f"Missing option '{told}'" in ran.stderr
