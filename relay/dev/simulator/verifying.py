"""The first step of the released workflow, `relay verify`: run for real on each approved dispatch.

https://docs.github.com/actions/reference/workflows-and-actions/variables
https://docs.github.com/webhooks/webhook-events-and-payloads#repository_dispatch
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from typing import Any, Final

from relay.dev.simulator.github import GitHub
from relay.dev.simulator.job_tokens import JobTokens

PATIENCE: Final = 30.0  # seconds that a run may take
MAX_OUTPUT: Final = 16 * 1024  # characters shown
_KEPT: Final = ("PATH", "HOME", "LANG", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV")
_COMMAND: Final = (sys.executable, "-m", "relay")
_FIRST_RUN: Final = 18_200_400_000
_SENDER: Final = {"login": "approval-relay[bot]", "id": 4711, "type": "Bot"}


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the step: its arguments after `relay`, and the folder with its event and outputs."""

    arguments: tuple[str, ...]
    environ: Mapping[str, str]
    folder: Path


class Verifying:
    """Verifies each dispatch of `github` against the relay at `relay_url`, one after the other, on its own thread.

    `command` runs `relay`.
    """

    def __init__(
        self,
        github: GitHub,
        relay_url: str,
        tokens: JobTokens,
        *,
        command: tuple[str, ...] = _COMMAND,
        patience: float = PATIENCE,
    ) -> None:
        self._github = github
        self._relay_url = relay_url
        self._tokens = tokens
        self._command = command
        self._patience = patience
        self._wanted = Event()
        self._lock = Lock()
        self._closed = False
        self._running: subprocess.Popen[bytes] | None = None
        self._thread: Thread | None = None

    def wake(self) -> None:
        """Look for a dispatch to verify."""
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = Thread(target=self._work, name="simulator-verify", daemon=True)
                self._thread.start()
        self._wanted.set()

    def close(self) -> None:
        """End the present run, and start no other."""
        with self._lock:
            self._closed = True
            if self._running is not None:
                self._running.kill()
        self._wanted.set()

    def join(self) -> None:
        """Wait for the thread, which ends after `close`."""
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._closed:
            self._wanted.wait()
            self._wanted.clear()
            while not self._closed and (received := self._github.unverified()):
                self._github.verified(received["number"], self._verify(received))

    def _verify(self, received: Mapping[str, Any]) -> dict[str, object]:
        with TemporaryDirectory(prefix="relay-verify-") as name:
            run = _run(received, self._relay_url, self._tokens, Path(name))
            code, output = self._end(run)
            shown = " ".join(["relay", *map(shlex.quote, run.arguments), '--event "$GITHUB_EVENT_PATH"'])
            return {"command": shown, "exit": code, "output": output, "outputs": read_outputs(run.folder / "output")}

    def _end(self, run: Run) -> tuple[int | None, str]:
        """Wait for a run. Return its exit code, or None if it had to be killed, and its output."""
        with self._lock:
            if self._closed:
                return None, ""
            self._running = process = subprocess.Popen(  # noqa: S603 - our own command; the event is in a file
                [*self._command, *run.arguments, "--event", str(run.folder / "event.json")],
                env=run.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        try:
            printed, _ = process.communicate(timeout=self._patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None, f"It did not end within {self._patience:.0f} seconds."
        finally:
            with self._lock:
                self._running = None
        return process.returncode, printed.decode(errors="replace")[:MAX_OUTPUT]


def read_outputs(path: Path) -> dict[str, str]:
    """Return the outputs of a step: NAME<<DELIMITER, the value's lines, DELIMITER."""
    outputs: dict[str, str] = {}
    lines = iter(path.read_text("utf-8", "replace").split("\n") if path.exists() else ())
    for line in lines:
        name, marked, delimiter = line.partition("<<")
        if marked:
            value: list[str] = []
            for each in lines:
                if each == delimiter:
                    break
                value.append(each)
            outputs[name] = "\n".join(value)
    return outputs


def _run(received: Mapping[str, Any], relay_url: str, tokens: JobTokens, folder: Path) -> Run:
    repository = str(received["repository"])
    owner, _, name = repository.partition("/")
    payload = received["body"]["client_payload"]
    event = {
        "action": received["body"]["event_type"],
        "branch": "main",
        "client_payload": payload,
        "repository": {"name": name, "full_name": repository, "owner": {"login": owner}, "default_branch": "main"},
        "sender": _SENDER,
    }
    (folder / "event.json").write_text(json.dumps(event), "utf-8")
    rejected = payload["approval"].get("decision") == "rejected"  # its workflow is another, and asks for that
    arguments = ("verify", "--once", "--relay", relay_url, *(("--decision", "rejected") if rejected else ()))
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": str(_SENDER["login"]),
        "GITHUB_EVENT_NAME": "repository_dispatch",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_REPOSITORY": repository,
        "GITHUB_REPOSITORY_OWNER": owner,
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }
    run_id = str(_FIRST_RUN + received["number"])
    job = {"event_name": "repository_dispatch", "workflow": "release", "actor": str(_SENDER["login"])}
    token = tokens.environment(repository, run_id=run_id, actor_id=str(_SENDER["id"]), **job)
    return Run(arguments, {**environ, **token, "GITHUB_RUN_ID": run_id}, folder)
