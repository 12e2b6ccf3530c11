"""A runner for the workflows of the CI bot: every step, in a shell or by its Action, with the contexts of GitHub."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from relay.dev.simulator.job_tokens import JobTokens
from tests.support.action_runner import Runner, check_out
from tests.support.own_process import ROOT

EXAMPLE: Final = ROOT / "docs" / "examples" / "ci-bot"
SHA: Final = "5f0c1d9e8b7a6543210fedcba9876543210fedcb"
_EXPRESSION: Final = re.compile(r"\$\{\{ (.+?) \}\}")
_TERM: Final = re.compile(r"(\S+) == '(\w+)'")
_ACTIONS: Final = {"OWNER/approval-relay": "send", "OWNER/approval-relay/verify": "verify"}


@dataclass
class Job:
    """The one job of a workflow as it runs: its folder, and the contexts that expressions read."""

    folder: Path
    contexts: dict[str, Any]
    failed: bool = False
    said: list[str] = field(default_factory=list)  # what each step printed

    def value(self, text: str) -> str:
        """Return a text with its expressions evaluated."""
        return _EXPRESSION.sub(lambda found: str(self._look(found[1])), text)

    def holds(self, condition: str) -> bool:
        """Tell whether the condition of a step holds; without one a step runs while nothing has failed."""
        found = _EXPRESSION.fullmatch(condition)
        if not found:
            return not self.failed
        return all(self._term(each) for each in found[1].split(" && "))

    def _term(self, term: str) -> bool:
        if term == "!success()":
            return self.failed
        compared = _TERM.fullmatch(term)
        assert compared, term
        return bool(self._look(compared[1]) == compared[2])

    def _look(self, path: str) -> Any:
        found: Any = self.contexts
        for name in path.split("."):
            found = found.get(name, "") if isinstance(found, Mapping) else ""
        return found


def runner(folder: Path) -> Runner:
    """Return a runner that has checked out the Actions. Their command is the one of this folder."""
    checkout = check_out(folder / "checkout", "here")
    (checkout / "relay" / "__main__.py").write_text(
        f"import os, sys\nos.environ['PYTHONPATH'] = {str(ROOT)!r}\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, '-m', 'relay', *sys.argv[1:]])\n"
    )
    return Runner(folder, checkout)


@dataclass
class Machine:
    """Runs workflows against the relay at `origin`. `cluster` is the folder of its kubectl."""

    folder: Path
    origin: str
    tokens: JobTokens
    runner: Runner
    runs: int = 0
    breaks: bool = False  # no checkout succeeds

    def __post_init__(self) -> None:
        """Make the programs of the machine."""
        self.cluster = self.folder / "cluster"
        self.cluster.mkdir()
        self.programs = self.folder / "programs"
        self.programs.mkdir()
        started = f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -P -m tests.ci_bot.kubectl "{self.cluster}" "$@"'
        self._program("kubectl", started)
        self._program("docker", f'printf "%s\\n" "$@" >> "{self.folder}/docker"')

    def run(self, name: str, event: Mapping[str, Any], environ: Mapping[str, str] = {}) -> Job:
        """Run a workflow to its end. `environ` changes the workflow's own variables."""
        self.runs += 1
        workflow = yaml.load((EXAMPLE / name).read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts only
        (job,) = workflow["jobs"].values()
        folder = self.folder / f"run-{self.runs}"
        folder.mkdir()
        (folder / "event.json").write_text(json.dumps(event), "utf-8")
        github = {"sha": SHA, "event": event, "workflow": workflow["name"]}
        here = Job(folder, {"vars": {"RELAY_URL": self.origin}, "github": github, "steps": {}, "env": {}})
        for given in (workflow.get("env", {}), environ, job.get("env", {})):
            here.contexts["env"] |= {key: here.value(value) for key, value in given.items()}
        variables = self._variables(here, workflow["name"], event, may_ask="id-token" in job["permissions"])
        for step in job["steps"]:
            if here.holds(step.get("if", "")):
                self._step(here, step, variables)
        return here

    def _step(self, job: Job, step: Mapping[str, Any], variables: dict[str, str]) -> None:
        output = job.folder / "output"
        output.write_text("")
        own = variables | {name: job.value(each) for name, each in step.get("env", {}).items()}
        action = step.get("uses", "").partition("@")[0]
        if action == "actions/checkout" and self.breaks:
            job.failed = True
            return
        if action == "actions/checkout":
            shutil.copy(EXAMPLE / "deployment.yaml", job.folder / "deployment.yaml")
            return
        if action:
            inputs = {name: job.value(each) for name, each in step["with"].items()}
            hidden = {name: each for name, each in own.items() if name not in {"PATH", "RUNNER_TEMP"}}
            ran = self.runner.run(_ACTIONS[action], inputs, **hidden)
        else:
            path = job.folder / "path"
            added = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
            own["PATH"] = ":".join([*reversed(added), str(self.programs), own["PATH"]])
            ran = subprocess.run(
                ["bash", "-e", "-c", step["run"]],
                env=own,
                cwd=job.folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
        job.said.append(ran.stdout + ran.stderr)
        job.failed = job.failed or ran.returncode != 0
        if "id" in step:
            outcome = "failure" if ran.returncode else "success"
            job.contexts["steps"][step["id"]] = {"outcome": outcome, "outputs": dict(_outputs(output))}

    def _variables(self, job: Job, workflow: str, event: Mapping[str, Any], *, may_ask: bool) -> dict[str, str]:
        run_id = str(7000 + self.runs)
        started_by = "repository_dispatch" if "client_payload" in event else "push"
        claims = {"run_id": run_id, "workflow": workflow, "event_name": started_by, "sha": SHA}
        return {
            **{name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ},
            **job.contexts["env"],
            **(self.tokens.environment("octo/shop", **claims, repository_owner_id="9919") if may_ask else {}),
            "PATH": os.environ["PATH"],
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "octocat",
            "GITHUB_ACTOR_ID": "583231",
            "GITHUB_EVENT_NAME": started_by,
            "GITHUB_EVENT_PATH": str(job.folder / "event.json"),
            "GITHUB_OUTPUT": str(job.folder / "output"),
            "GITHUB_PATH": str(job.folder / "path"),
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_REPOSITORY": "octo/shop",
            "GITHUB_RUN_ID": run_id,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": SHA,
        }

    def _program(self, name: str, script: str) -> None:
        (self.programs / name).write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        (self.programs / name).chmod(0o700)


def _outputs(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each output of a step: NAME<<DELIMITER, the value's lines, DELIMITER."""
    lines = iter(path.read_text("utf-8").split("\n"))
    for line in lines:
        name, marked, delimiter = line.partition("<<")
        if marked:
            yield name, "\n".join(iter(lambda: next(lines), delimiter))
