"""Every script of the deploy workflow, with stand-ins for GitHub, Azure and the app."""

import json
from pathlib import Path

import pytest

from tests.infra.steps import ROOT, Ran, Runner, scripts, workflow

FETCH = "Fetch the released package and verify its builder"
DEPLOY = "Deploy, and again where the platform was not ready"
BELIEVE = "Believe the app, not the platform"
LOOK = "Look at it from outside"
TOKEN = "eyJ0eXAi.made.up"
RELAY = {"RELAY_URL": "https://relay.example", "VERSION": "1.2.3", "TRIES": "6"}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "function-app.zip").write_text("zip")
    return Runner(folder)


def test_every_script_is_tried_here() -> None:
    assert [FETCH, DEPLOY, BELIEVE, LOOK] == [*scripts("deploy.yml")]


def test_a_package_is_taken_only_from_the_release_workflow_at_its_tag(runner: Runner) -> None:
    ran = runner.run("deploy.yml", FETCH, VERSION="1.2.3", REPOSITORY="octo/relay", GH_TOKEN="t")
    assert 0 == ran.code
    fetched, verified = ran.called("gh")
    assert ["release", "download", "v1.2.3", "--repo", "octo/relay", "--pattern", "function-app.zip"] == fetched
    assert [
        "attestation",
        "verify",
        "function-app.zip",
        "--repo",
        "octo/relay",
        "--deny-self-hosted-runners",
    ] == verified[:6]
    assert [
        "--signer-workflow",
        "octo/relay/.github/workflows/release.yml",
        "--source-ref",
        "refs/tags/v1.2.3",
    ] == verified[6:]
    assert (ROOT / ".github" / "workflows" / "release.yml").exists()


@pytest.mark.parametrize("failing", ["release download", "attestation verify"])
def test_a_package_that_is_not_there_or_not_attested_ends_the_run(runner: Runner, failing: str) -> None:
    runner.answer("gh", failing, code=1)
    assert 1 == runner.run("deploy.yml", FETCH, VERSION="1.2.3", REPOSITORY="octo/relay", GH_TOKEN="t").code


@pytest.mark.parametrize("version", ["", "v1.2.3", "1.2", "1.2.3 --repo evil/relay", "../1.2.3", "1.2.3\n"])
def test_a_version_that_is_none_fetches_nothing(runner: Runner, version: str) -> None:
    ran = runner.run("deploy.yml", FETCH, VERSION=version, REPOSITORY="octo/relay", GH_TOKEN="t")
    assert (1, []) == (ran.code, ran.calls)


def deployed(runner: Runner) -> Ran:
    runner.answer("az", "functionapp show", said="func-relay.scm.azurewebsites.net\n")
    runner.answer("az", "get-access-token", said=f"{TOKEN}\n")
    return runner.run("deploy.yml", DEPLOY, APP="func-relay", GROUP="rg-production")


def test_the_package_is_deployed_as_it_lies(runner: Runner) -> None:
    ran = deployed(runner)
    (called,) = ran.called("curl")
    assert 0 == ran.code
    assert "https://func-relay.scm.azurewebsites.net/api/publish?RemoteBuild=false&Deployer=github" == called[-1]
    assert "@function-app.zip" in called


def test_the_token_is_masked_and_no_argument(runner: Runner) -> None:
    ran = deployed(runner)
    assert f"::add-mask::{TOKEN}" in ran.said
    assert f'header = "Authorization: Bearer {TOKEN}"\n' == ran.read
    assert TOKEN not in str(ran.calls)


def test_a_platform_that_is_not_ready_is_asked_again(runner: Runner) -> None:
    runner.answer("curl", code=22, times=2)
    ran = deployed(runner)
    assert (0, 3) == (ran.code, len(ran.called("curl")))


def test_a_platform_that_refuses_three_times_fails_the_run(runner: Runner) -> None:
    runner.answer("curl", code=22)
    ran = deployed(runner)
    assert (1, 3) == (ran.code, len(ran.called("curl")))
    assert "docs/azure.md has the cures" in ran.said


def test_without_an_app_nothing_is_sent(runner: Runner) -> None:
    runner.answer("az", "functionapp show", code=3)
    ran = runner.run("deploy.yml", DEPLOY, APP="func-relay", GROUP="rg-production")
    assert (3, []) == (ran.code, ran.called("curl"))


def test_the_app_is_believed_when_its_health_names_the_version(runner: Runner) -> None:
    runner.answer("curl", said=json.dumps({"status": "ok", "version": "1.2.3"}))
    ran = runner.run("deploy.yml", BELIEVE, **RELAY)
    assert (0, 1) == (ran.code, len(ran.calls))
    assert "https://relay.example/api/health" == ran.called("curl")[0][-1]


def test_the_app_is_asked_until_it_names_the_version(runner: Runner) -> None:
    runner.answer("curl", said=json.dumps({"status": "ok", "version": "1.2.2"}), times=2)
    runner.answer("curl", code=22, times=2)
    runner.answer("curl", said="no JSON", times=1)
    runner.answer("curl", said=json.dumps({"status": "degraded", "version": "1.2.3"}))
    ran = runner.run("deploy.yml", BELIEVE, **RELAY)
    assert (0, 6) == (ran.code, len(ran.called("curl")))


@pytest.mark.parametrize(
    ("health", "sentence"),
    [
        ({"version": "1.2.2"}, "runs 1.2.2, not 1.2.3"),
        ({"status": "ok"}, "not 1.2.3"),
        ({"version": None}, "not 1.2.3"),
    ],
)
def test_an_app_that_runs_another_version_fails_the_run(runner: Runner, health: object, sentence: str) -> None:
    runner.answer("curl", said=json.dumps(health))
    ran = runner.run("deploy.yml", BELIEVE, **RELAY)
    assert (1, 6) == (ran.code, len(ran.called("curl")))
    assert sentence in ran.said


def test_an_app_whose_health_fails_fails_the_run(runner: Runner) -> None:
    runner.answer("curl", code=22)
    ran = runner.run("deploy.yml", BELIEVE, **RELAY)
    assert 1 == ran.code
    assert "runs no version that its health tells, not 1.2.3" in ran.said


def test_the_app_has_ten_minutes_to_come_up() -> None:
    step = next(step for step in workflow("deploy.yml")["jobs"]["deploy"]["steps"] if step.get("name") == BELIEVE)
    assert "60" == step["env"]["TRIES"]
    assert "sleep 10" in step["run"]


def test_the_released_command_looks_at_it_from_outside_with_locked_packages(runner: Runner) -> None:
    python = runner.folder / "doctor" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "PYTHONPATH=$PYTHONPATH $*" >> asked.txt\n')
    python.chmod(0o755)
    ran = runner.run("deploy.yml", LOOK, **RELAY)
    assert 0 == ran.code, ran.said
    install, doctor = (runner.folder / "asked.txt").read_text().splitlines()
    assert "--require-hashes --requirement released/relay/cli/action/requirements.txt" in install
    assert "PYTHONPATH=released -m relay doctor --url https://relay.example --expect-version 1.2.3" == doctor


def test_the_command_is_that_of_the_release() -> None:
    (checkout,) = [
        step
        for step in workflow("deploy.yml")["jobs"]["deploy"]["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert "refs/tags/v${{ inputs.version }}" == checkout["with"]["ref"]
    assert "false" == checkout["with"]["persist-credentials"]


def test_only_the_environment_signs_in_and_no_credential_is_stored() -> None:
    job = workflow("deploy.yml")["jobs"]["deploy"]
    assert "production" == job["environment"]
    assert {"contents": "read", "attestations": "read", "id-token": "write"} == job["permissions"]
    assert "secrets." not in (ROOT / ".github" / "workflows" / "deploy.yml").read_text("utf-8")
    (sign_in,) = [step for step in job["steps"] if step.get("uses", "").startswith("azure/login@")]
    assert {"client-id", "tenant-id", "subscription-id"} == set(sign_in["with"])
    assert all(value.startswith("${{ vars.AZURE_") for value in sign_in["with"].values())


def test_the_package_is_verified_before_anybody_signs_in() -> None:
    steps = [step.get("name", step.get("uses", "")) for step in workflow("deploy.yml")["jobs"]["deploy"]["steps"]]
    assert [FETCH, DEPLOY, BELIEVE, LOOK] == [
        step for step in steps if not step.startswith(("azure/login@", "actions/checkout@"))
    ]
    assert 1 == next(number for number, step in enumerate(steps) if step.startswith("azure/login@"))
