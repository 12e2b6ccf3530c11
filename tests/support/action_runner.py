"""A runner of GitHub that runs the steps of the two Actions."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RUN = Path("relay/cli/action/run.py")
FILES = {"send": ROOT / "action.yml", "verify": ROOT / "verify" / "action.yml"}
PRINTS = (
    "import os, sys\n"
    'names = ("RELAY_WEBHOOK_URL", "RELAY_URL", "RELAY_API_KEY", "RELAY_TICKET_KEY")\n'
    'found = [f"{name}={os.environ[name]}" for name in names if name in os.environ]\n'
    'print("COMMIT", *found, *sys.argv[1:], sep="\\n")\n'
)
BASH = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")  # as the runner calls it
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

    def start(
        self,
        command: str,
        inputs: Mapping[str, str],
        *,
        path: str = "",
        interpreter: Sequence[str] = BASH,
        **environment: str,
    ) -> subprocess.Popen[str]:
        """Start the step of an Action with these inputs, as `with:` gives them."""
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
        return subprocess.Popen(
            [*interpreter, "-c", step["run"]],
            env=env | environment,
            cwd=self.temp,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        command: str,
        inputs: Mapping[str, str],
        *,
        path: str = "",
        interpreter: Sequence[str] = BASH,
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run such a step to its end."""
        with self.start(command, inputs, path=path, interpreter=interpreter, **environment) as step:
            try:
                stdout, stderr = step.communicate(timeout=120)
            finally:
                step.kill()
        return subprocess.CompletedProcess(step.args, step.returncode, stdout, stderr)


def printed(ran: subprocess.CompletedProcess[str]) -> list[str]:
    assert 0 == ran.returncode, ran.stderr
    return ran.stdout.splitlines()
