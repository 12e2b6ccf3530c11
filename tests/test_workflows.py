import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from relay.cli.send import send

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "docs" / "examples"
ACTIONS = [ROOT / "action.yml", ROOT / "verify" / "action.yml"]
FILES = [*sorted(EXAMPLES.glob("*.yml")), *sorted((ROOT / ".github").rglob("*.yml")), *ACTIONS]
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")

every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


def read(file: Path) -> dict[str, Any]:
    found = yaml.load(file.read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - our own files; it makes texts only
    assert isinstance(found, dict)
    return found


def scripts(value: object) -> Iterator[str]:
    """Every script of a workflow or action."""
    if isinstance(value, list):
        for item in value:
            yield from scripts(item)
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "run" and isinstance(item, str):
                yield item
            else:
                yield from scripts(item)


@every_file
def test_no_script_holds_an_expression(file: Path) -> None:
    found = [*scripts(read(file))]
    assert file.read_text("utf-8").count("run: ") == len(found)
    assert not any("${{" in script for script in found)


@every_file
def test_every_action_is_pinned_by_its_commit_with_its_version(file: Path) -> None:
    for line in file.read_text("utf-8").splitlines():
        assert "uses:" not in line or PINNED.search(line), line


@every_file
def test_no_checkout_leaves_its_credentials(file: Path) -> None:
    text = file.read_text("utf-8")
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


@pytest.mark.parametrize("file", [file for file in FILES if "jobs:" in file.read_text("utf-8")], ids=lambda f: f.name)
def test_no_workflow_has_permissions_but_those_a_job_asks_for(file: Path) -> None:
    assert {} == read(file)["permissions"]


def test_the_released_workflow_is_for_the_event_that_is_asked_for() -> None:
    asked = re.findall(r"--event-type (\S+)", (EXAMPLES / "ask.yml").read_text("utf-8"))
    assert {"types": asked} == read(EXAMPLES / "release.yml")["on"]["repository_dispatch"]


def test_the_released_workflow_is_for_the_environment_that_is_asked_for() -> None:
    asked = re.findall(r"--environment (\S+)", (EXAMPLES / "ask.yml").read_text("utf-8"))
    released = re.findall(r"relay verify --environment (\S+)", (EXAMPLES / "release.yml").read_text("utf-8"))
    assert [*asked] == released
    assert asked == [read(EXAMPLES / "release.yml")["jobs"]["deploy"]["environment"]]


def test_runs_of_one_approval_wait_for_each_other() -> None:
    concurrency = read(EXAMPLES / "release.yml")["concurrency"]
    assert "${{ github.event.client_payload.approval.id }}" in concurrency["group"]
    assert "false" == concurrency["cancel-in-progress"]


def test_nothing_is_released_before_it_is_verified() -> None:
    jobs = read(EXAMPLES / "release.yml")["jobs"]
    assert ["verify", "deploy"] == list(jobs)
    assert "verify" == jobs["deploy"]["needs"]
    assert "permissions" not in jobs["verify"]
    assert "environment" not in jobs["verify"]
    *_, last = jobs["verify"]["steps"]
    assert last["run"].startswith("relay verify ")
    assert ["RELAY_URL"] == list(last["env"])


def test_only_what_verify_outputs_is_released() -> None:
    jobs = read(EXAMPLES / "release.yml")["jobs"]
    assert all(value.startswith("${{ steps.approval.outputs.") for value in jobs["verify"]["outputs"].values())
    expressions = re.findall(r"\$\{\{ (.+?) \}\}", str(jobs["deploy"]))
    assert expressions
    assert all(re.fullmatch(r"needs\.verify\.outputs\.(sha|payload)", each) for each in expressions)


def test_the_event_is_used_for_nothing_but_the_group_of_runs() -> None:
    release = read(EXAMPLES / "release.yml")
    without_group = {key: value for key, value in release.items() if key != "concurrency"}
    assert "github.event" not in str(without_group)


def option_of(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def test_every_input_of_the_action_is_an_option_of_send() -> None:
    known = {option for parameter in send.params if isinstance(parameter, click.Option) for option in parameter.opts}
    assert set(map(option_of, read(ROOT / "action.yml")["inputs"])) <= known


def test_the_action_hands_every_input_to_its_script_by_the_environment() -> None:
    action = read(ROOT / "action.yml")
    (step,) = action["runs"]["steps"]
    handed: Mapping[str, str] = step["env"]
    assert {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]} == set(handed.values())
    assert all(f"${name}" in step["run"] or f"${{{name}" in step["run"] for name in handed)


def run_action(folder: Path, inputs: Mapping[str, str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the action's script with a command that prints its arguments and secrets, one a line."""
    relay = folder / "approval-relay" / "bin" / "relay"
    relay.parent.mkdir(parents=True)
    relay.write_text('#!/bin/sh\nprintf "%s\\n" "$RELAY_WEBHOOK_URL" "$RELAY_URL" "$RELAY_API_KEY" "$@"\n')
    relay.chmod(0o700)
    action = read(ROOT / "action.yml")
    (step,) = action["runs"]["steps"]
    given = {name: inputs.get(name, each["default"]) for name, each in action["inputs"].items()}
    handed = {name: given[re.sub(r"\$\{\{ inputs\.(.+) \}\}", r"\1", each)] for name, each in step["env"].items()}
    environment |= handed | {"RUNNER_TEMP": str(folder), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        ["bash", "-c", step["run"]],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_the_action_hands_each_input_on_as_one_argument_and_secrets_by_the_environment(tmp_path: Path) -> None:
    title = '--it\'s "$(touch spoiled)"; `touch spoiled` \\'
    inputs = {"title": title, "webhook": "https://hook.example/s", "api-key": "k", "require_comment": "true"}
    ran = run_action(tmp_path, inputs, RELAY_URL="https://relay.example")
    expected = ["https://hook.example/s", "https://relay.example", "k", "send", f"--title={title}", "--require-comment"]
    assert expected == ran.stdout.splitlines()
    assert not (tmp_path / "spoiled").exists()


def test_the_action_hands_on_channels_and_whom_to_mention_one_a_line(tmp_path: Path) -> None:
    inputs = {"channel": "ops\nqa", "mention": "Ada=ada@contoso.com\n김하늘=haneul@contoso.com\n"}
    ran = run_action(tmp_path, inputs)
    mentions = ["--mention=Ada=ada@contoso.com", "--mention=김하늘=haneul@contoso.com"]
    assert ["send", "--channel=ops", "--channel=qa", *mentions] == ran.stdout.splitlines()[3:]


def test_the_action_without_inputs_leaves_the_complaint_to_send(tmp_path: Path) -> None:
    assert ["", "", "", "send"] == run_action(tmp_path, {}).stdout.splitlines()


def test_the_action_takes_true_and_false_and_no_other_word_for_a_flag(tmp_path: Path) -> None:
    ran = run_action(tmp_path, {"offline": "yes"})
    assert 2 == ran.returncode
    assert "takes true or false" in ran.stderr


def test_the_action_has_the_outputs_of_send() -> None:
    outputs = read(ROOT / "action.yml")["outputs"]
    assert ["request-id", "expires-at", "review-url"] == list(outputs)
    assert [f"${{{{ steps.send.outputs.{name} }}}}" for name in outputs] == [each["value"] for each in outputs.values()]


def test_the_project_is_tested_on_every_python_it_supports() -> None:
    job = read(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["test"]
    assert ["3.11", "3.12", "3.13"] == job["strategy"]["matrix"]["python"]
    assert ["make check", "make test"] == [step["run"] for step in job["steps"] if "run" in step]
