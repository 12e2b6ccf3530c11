import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "docs" / "examples"
FILES = [
    *sorted(EXAMPLES.rglob("*.yml")),
    *sorted((ROOT / ".github").rglob("*.yml")),
    ROOT / "action.yml",
    ROOT / "verify" / "action.yml",
]
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


def asked() -> dict[str, str]:
    """Return the inputs of the step that asks."""
    (step,) = read(EXAMPLES / "ask.yml")["jobs"]["ask"]["steps"]
    inputs: dict[str, str] = step["with"]
    return inputs


def test_the_released_workflow_is_for_the_event_that_is_asked_for() -> None:
    assert {"types": [asked()["event-type"]]} == read(EXAMPLES / "release.yml")["on"]["repository_dispatch"]


def test_the_released_workflow_is_for_the_environment_that_is_asked_for() -> None:
    jobs = read(EXAMPLES / "release.yml")["jobs"]
    (step,) = jobs["verify"]["steps"]
    assert asked()["environment"] == step["with"]["environment"] == jobs["deploy"]["environment"]


def test_the_examples_take_the_command_from_the_action_at_a_commit() -> None:
    for name, path in (("ask", "approval-relay"), ("release", "approval-relay/verify")):
        text = (EXAMPLES / f"{name}.yml").read_text("utf-8")
        assert re.search(rf"uses: OWNER/{path}@[0-9a-f]{{40}} # v", text)
        assert "pip" not in text


def test_the_inputs_of_the_examples_are_inputs_of_their_actions() -> None:
    (step,) = read(EXAMPLES / "release.yml")["jobs"]["verify"]["steps"]
    assert set() == set(asked()) - set(read(ROOT / "action.yml")["inputs"])
    assert set() == set(step["with"]) - set(read(ROOT / "verify" / "action.yml")["inputs"])


def test_no_key_is_needed_to_ask() -> None:
    (job,) = read(EXAMPLES / "ask.yml")["jobs"].values()
    assert {"id-token": "write"} == job["permissions"]
    assert "environment" not in job  # the token would prove it, and the request could be for no other
    assert "API_KEY" not in str(job)


def test_runs_of_one_approval_wait_for_each_other() -> None:
    concurrency = read(EXAMPLES / "release.yml")["concurrency"]
    # With the workflow's name: another workflow of the same event would share the group, and one of them be cancelled.
    assert "${{ github.workflow }}-${{ github.event.client_payload.approval.id }}" == concurrency["group"]
    assert "false" == concurrency["cancel-in-progress"]


def test_two_releases_of_one_environment_do_not_run_side_by_side() -> None:
    deploy = read(EXAMPLES / "release.yml")["jobs"]["deploy"]
    group = {"group": f"deploy-{deploy['environment']}", "cancel-in-progress": "false"}
    assert group == deploy["concurrency"]


@pytest.mark.parametrize(("sha", "payload", "expected"), [("", "{}", 1), ("abc", "", 1), ("", "", 1), ("abc", "{}", 0)])
def test_nothing_is_deployed_where_an_output_is_empty(sha: str, payload: str, expected: int, tmp_path: Path) -> None:
    *_, step = read(EXAMPLES / "release.yml")["jobs"]["deploy"]["steps"]
    (tmp_path / "deploy.sh").write_text("#!/bin/sh\necho deployed\n")
    (tmp_path / "deploy.sh").chmod(0o700)
    env = {"SHA": sha, "PAYLOAD": payload, "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(["bash", "-e", "-c", step["run"]], env=env, cwd=tmp_path, capture_output=True, check=False)
    assert (expected, b"" if expected else b"deployed\n") == (ran.returncode, ran.stdout)


@pytest.mark.parametrize("name", ["release.yml", "release-by-name.yml"])
@pytest.mark.parametrize(("attempt", "expected"), [("1", 0), ("2", 1)])
def test_nothing_is_deployed_by_a_job_that_is_started_again_without_verify(
    name: str, attempt: str, expected: int
) -> None:
    step, *_ = read(EXAMPLES / name)["jobs"]["deploy"]["steps"]
    env = {"GITHUB_RUN_ATTEMPT": attempt, "PATH": "/usr/bin:/bin"}
    assert expected == subprocess.run(["bash", "-e", "-c", step["run"]], env=env, check=False).returncode


def test_nothing_is_released_before_it_is_verified() -> None:
    jobs = read(EXAMPLES / "release.yml")["jobs"]
    assert ["verify", "deploy"] == list(jobs)
    assert "verify" == jobs["deploy"]["needs"]
    assert {"id-token": "write"} == jobs["verify"]["permissions"]
    assert "environment" not in jobs["verify"]
    (step,) = jobs["verify"]["steps"]
    assert "OWNER/approval-relay/verify" == step["uses"].partition("@")[0]
    assert "${{ vars.RELAY_URL }}" == step["with"]["relay"]
    assert "true" == step["with"]["once"]


def test_only_what_verify_outputs_is_released() -> None:
    jobs = read(EXAMPLES / "release.yml")["jobs"]
    assert all(value.startswith("${{ steps.approval.outputs.") for value in jobs["verify"]["outputs"].values())
    expressions = re.findall(r"\$\{\{ (.+?) \}\}", str(jobs["deploy"]))
    assert expressions
    assert all(re.fullmatch(r"needs\.verify\.outputs\.(sha|payload)", each) for each in expressions)


def test_the_event_is_used_for_nothing_but_the_group_and_the_title_of_runs() -> None:
    release = read(EXAMPLES / "release.yml")
    assert "release ${{ github.event.client_payload.approval.id }}" == release["run-name"]
    rest = {key: value for key, value in release.items() if key not in ("concurrency", "run-name")}
    assert "github.event" not in str(rest)


def test_the_project_is_tested_on_every_python_it_supports() -> None:
    job = read(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]["test"]
    assert ["3.11", "3.12", "3.13"] == job["strategy"]["matrix"]["python"]
    assert ["make check", "make test"] == [step["run"] for step in job["steps"] if "run" in step]
