"""Runs a step of a workflow as a runner does, with stand-ins for the programs that reach outside."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
WORKFLOWS: Final = ROOT / ".github" / "workflows"
# Writes down its arguments and its input, then answers by the first rule with words that are all among its arguments.
STAND_IN: Final = f"""#!{sys.executable} -IS
import json, pathlib, sys
here = pathlib.Path(__file__).parent
name = pathlib.Path(__file__).name
read = "" if sys.stdin.isatty() or name in {{"az", "gh", "make"}} else sys.stdin.read()
with (here / "calls.jsonl").open("a") as log:
    log.write(json.dumps([name, *sys.argv[1:]]) + "\\n")
with (here / "read.txt").open("a") as log:
    log.write(read)
rules = json.loads((here / "rules.json").read_text())
for number, (program, words, said, code, times) in enumerate(rules):
    if program == name and times and all(word in " ".join(sys.argv[1:]) for word in words):
        rules[number][4] -= 1
        (here / "rules.json").write_text(json.dumps(rules))
        sys.stdout.write(said)
        sys.exit(code)
"""


def workflow(name: str) -> dict[str, Any]:
    found = yaml.load((WORKFLOWS / name).read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - it makes texts only
    assert isinstance(found, dict)
    return found


def scripts(name: str) -> dict[str, str]:
    """Return every script of a workflow by the name of its step."""
    steps = [step for job in workflow(name)["jobs"].values() for step in job["steps"] if "run" in step]
    return {step["name"]: step["run"] for step in steps}


@dataclass
class Ran:
    """A step that was run: its exit code, its words, and each call of a stand-in with its arguments."""

    code: int
    said: str
    calls: list[list[str]]
    read: str
    output: dict[str, str]

    def called(self, program: str) -> list[list[str]]:
        return [call[1:] for call in self.calls if call[0] == program]


@dataclass
class Runner:
    """A folder in which steps run, one after the other."""

    folder: Path
    rules: list[tuple[str, list[str], str, int, int]] = field(default_factory=list)

    def answer(self, program: str, *words: str, said: str = "", code: int = 0, times: int = 99) -> None:
        """Let a stand-in answer so, where its arguments hold these words; of several rules the first holds."""
        self.rules.append((program, list(words), said, code, times))

    def run(self, file: str, step: str, **environment: str) -> Ran:
        """Run a step, with `bash` as GitHub runs it."""
        programs = self.folder.parent / "programs"
        programs.mkdir(exist_ok=True)
        for name in ("az", "curl", "docker", "gh", "make", "sleep"):
            (programs / name).write_text("#!/bin/sh\n" if name == "sleep" else STAND_IN)
            (programs / name).chmod(0o700)
        (programs / "rules.json").write_text(json.dumps(self.rules))
        for name in ("calls.jsonl", "read.txt", "output"):
            (programs / name).write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", scripts(file)[step]],
            cwd=self.folder,
            env={"PATH": f"{programs}:{os.environ['PATH']}", "GITHUB_OUTPUT": str(programs / "output")} | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        calls = [json.loads(line) for line in (programs / "calls.jsonl").read_text().splitlines()]
        output = dict(line.split("=", 1) for line in (programs / "output").read_text().splitlines())
        return Ran(done.returncode, done.stdout + done.stderr, calls, (programs / "read.txt").read_text(), output)
