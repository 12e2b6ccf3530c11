"""Workflows without a secret, run as a runner would: the command and the Action ask with the tokens of made-up jobs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from relay.dev.simulator.job_tokens import PATH, JobTokens
from tests.dev.simulator.here import Here, exports, press, state
from tests.dev.simulator.running import ROOT
from tests.test_action import Runner, check_out

REPOSITORY = "octo/shop"
ASK = {"event_type": "deploy-production", "environment": "production", "title": "배포 승인"}
RUN_URL = f"https://github.com/{REPOSITORY}/actions/runs/18200345671"


def job(simulator: Here, folder: Path, **claims: str) -> dict[str, str]:
    """Return the environment of a job with the permission id-token: write."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        **simulator.simulator.job_tokens.environment(REPOSITORY, **claims),
        "PYTHONPATH": str(ROOT),
        "RELAY_URL": simulator.origin,
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": claims.get("run_id", "18200345671"),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_ACTOR": "octocat",
        "GITHUB_ACTOR_ID": "583231",
        "GITHUB_OUTPUT": f"{folder}/output",
        "RUNNER_TEMP": str(folder),
    }


def run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "relay", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)


def outputs(folder: Path) -> dict[str, str]:
    lines = (folder / "output").read_text("utf-8").splitlines()
    return dict(zip((line.partition("<<")[0] for line in lines[::3]), lines[1::3], strict=True))


def shown(simulator: Here, environ: dict[str, str], request_id: str) -> Any:
    ran = run(environ, "status", request_id, "--json")
    assert 0 == ran.returncode, ran.stderr
    return json.loads(ran.stdout)


def command_of(form: dict[str, str]) -> list[str]:
    return [part for name, value in form.items() for part in (f"--{name.replace('_', '-')}", value)]


def webhook(page: httpx.Client) -> str:
    return exports(page)["RELAY_WEBHOOK_URL"]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """Return a runner that has checked out the Actions. Their command is the one of this folder."""
    folder = tmp_path_factory.mktemp("runner")
    checkout = check_out(folder / "checkout", "here")
    (checkout / "relay" / "__main__.py").write_text(
        f"import os, sys\nos.environ['PYTHONPATH'] = {str(ROOT)!r}\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, '-m', 'relay', *sys.argv[1:]])\n"
    )
    return Runner(folder, checkout)


def action(runner: Runner, command: str, environ: dict[str, str], **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the step of an Action in a job."""
    job = {name: value for name, value in environ.items() if name not in {"PATH", "RUNNER_TEMP"}}
    return runner.run(command, inputs, **job)


def test_the_issuer_gives_tokens_to_the_runner_of_this_run_alone(simulator: Here, tmp_path: Path) -> None:
    environ = job(simulator, tmp_path, event_name="schedule")
    url = environ["ACTIONS_ID_TOKEN_REQUEST_URL"] + "&audience=https%3A%2F%2Frelay.example"
    bearer = {"Authorization": f"Bearer {environ['ACTIONS_ID_TOKEN_REQUEST_TOKEN']}"}
    token = httpx.get(url, headers=bearer, trust_env=False).json()["value"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert ("schedule", "https://relay.example", REPOSITORY) == (
        claims["event_name"],
        claims["aud"],
        claims["repository"],
    )
    assert f"{simulator.origin}{PATH}" == claims["iss"]
    for headers in ({}, {"Authorization": "Bearer x"}):
        assert 401 == httpx.get(url, headers=headers, trust_env=False).status_code
    assert 404 == httpx.post(url, headers=bearer, trust_env=False).status_code
    no_repository = url.replace("repository=octo%2Fshop", "repository=")
    assert 400 == httpx.get(no_repository, headers=bearer, trust_env=False).status_code


def test_no_two_runs_have_one_key() -> None:
    one, other = (JobTokens("http://127.0.0.1:1").environment(REPOSITORY) for _ in range(2))
    assert one["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] != other["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]


def test_the_command_asks_without_a_secret_and_the_released_run_wins_once(
    simulator: Here, page: httpx.Client, tmp_path: Path
) -> None:
    environ = job(simulator, tmp_path) | {"RELAY_WEBHOOK_URL": webhook(page)}
    ran = run(environ, "send", *command_of(ASK))
    assert 0 == ran.returncode, ran.stderr
    request_id = outputs(tmp_path)["request-id"]
    found = shown(simulator, environ, request_id)
    assert ["repository", "ref", "sha", "run", "requester"] == found["proven"]
    card = next(each for each in state(page)["cards"] if each["request"]["id"] == request_id)
    press(page, card["id"], "ada")
    dispatch = next(
        each for each in state(page)["dispatches"] if each["body"]["client_payload"]["approval"]["id"] == request_id
    )
    approval = dispatch["body"]["client_payload"]["approval"]
    assert {"login": "octocat", "id": 583231, "proven": True} == approval["requested_by"]
    assert found["proven"] == approval["proven"]


def released(simulator: Here, page: httpx.Client, folder: Path) -> Path:
    """Return the event of an approval, before any run of it has redeemed it."""
    folder.mkdir()
    environ = job(simulator, folder) | {"RELAY_WEBHOOK_URL": webhook(page)}
    page.post("/simulator/switch", json={"mode": "healthy"})
    simulator.simulator._verifying.close()  # the page's own run would win
    assert 0 == run(environ, "send", *command_of(ASK)).returncode
    request_id = outputs(folder)["request-id"]
    card = next(each for each in state(page)["cards"] if each["request"]["id"] == request_id)
    press(page, card["id"], "ada")
    body = next(
        each["body"]
        for each in state(page)["dispatches"]
        if each["body"]["client_payload"]["approval"]["id"] == request_id
    )
    event = {"action": body["event_type"], "client_payload": body["client_payload"]}
    (folder / "event.json").write_text(json.dumps(event), "utf-8")
    return folder / "event.json"


def test_the_actions_ask_and_verify_and_a_second_run_releases_nothing(
    simulator: Here, page: httpx.Client, runner: Runner, tmp_path: Path
) -> None:
    environ = job(simulator, tmp_path)
    asked = action(runner, "send", environ, webhook=webhook(page), **ASK)
    assert 0 == asked.returncode, asked.stderr
    assert "pending" == shown(simulator, environ, outputs(tmp_path)["request-id"])["status"]
    event = released(simulator, page, tmp_path / "released")
    ends = {}
    for run_id in ("77", "77", "78"):
        folder = tmp_path / f"run-{run_id}"
        folder.mkdir(exist_ok=True)
        claims = {"event_name": "repository_dispatch", "run_id": run_id, "workflow": "release"}
        run_environ = job(simulator, folder, **claims) | {"GITHUB_EVENT_PATH": str(event)}
        ended = action(runner, "verify", run_environ, environment="production", once="true")
        ends[run_id] = (ended.returncode, "Run 77 has redeemed this approval already" in ended.stderr)
    assert {"77": (0, False), "78": (3, True)} == ends
    assert ("true", "approved") == tuple(outputs(tmp_path / "run-77")[name] for name in ("once", "decision"))


def test_a_job_without_the_permission_is_told_what_to_paste(
    simulator: Here, page: httpx.Client, runner: Runner, tmp_path: Path
) -> None:
    environ = {name: value for name, value in job(simulator, tmp_path).items() if not name.startswith("ACTIONS_")}
    ran = action(runner, "send", environ, webhook=webhook(page), **ASK)
    assert 2 == ran.returncode
    assert "id-token: write" in ran.stderr


@pytest.mark.parametrize("event", ["pull_request", "issue_comment"])
def test_a_pull_request_may_not_ask(simulator: Here, page: httpx.Client, tmp_path: Path, event: str) -> None:
    environ = job(simulator, tmp_path, event_name=event) | {"RELAY_WEBHOOK_URL": webhook(page)}
    ran = run(environ, "send", *command_of(ASK))
    assert 1 == ran.returncode
    assert f"A workflow started by {event} may not ask here" in ran.stderr
