"""Made-up jobs of a runner, and what they run."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from tests.dev.simulator.here import Here, exports
from tests.support.action_runner import Runner
from tests.support.own_process import ROOT

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


def action(runner: Runner, command: str, environ: dict[str, str], **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the step of an Action in a job."""
    job = {name: value for name, value in environ.items() if name not in {"PATH", "RUNNER_TEMP"}}
    return runner.run(command, inputs, **job)
