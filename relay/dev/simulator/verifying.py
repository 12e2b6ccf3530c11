"""The relay's own steps of the workflow that a dispatch starts, run for real: `relay verify`, then `relay report`."""

import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock, Thread
from types import MappingProxyType
from typing import Any, Final

from relay.dev.simulator.dispatch_bodies import approval_of
from relay.dev.simulator.github import GitHub
from relay.dev.simulator.github_webhooks import page_of
from relay.dev.simulator.job_tokens import JobTokens
from relay.dev.simulator.released_step import Step, read_outputs, step_of
from relay.dev.simulator.workflow_runs import SUCCESS, Action, WorkflowRuns

PATIENCE: Final = 30.0  # seconds that a run may take
MAX_OUTPUT: Final = 16 * 1024  # characters shown
_PROOFS: Final = MappingProxyType(  # what each workflow asks for; a preview deploys nothing that was approved
    {"rejected": ("--once", "--decision", "rejected"), "requested": ("--decision", "requested")}
)
_COMMAND: Final = (sys.executable, "-m", "relay")


class Verifying:
    """Verifies each dispatch of `github` against the relay at `relay_url`, one after the other, on its own thread.

    A run starts once `wait_for_answers` returns: GitHub starts one seconds later, when whoever pressed has the answer.
    `command` runs `relay`.
    """

    def __init__(
        self,
        github: GitHub,
        relay_url: str,
        tokens: JobTokens,
        runs: WorkflowRuns,
        wait_for_answers: Callable[[], None],
        *,
        command: tuple[str, ...] = _COMMAND,
        patience: float = PATIENCE,
    ) -> None:
        self._github = github
        self._relay_url = relay_url
        self._tokens = tokens
        self._runs = runs
        self._wait_for_answers = wait_for_answers
        self._command = command
        self._patience = patience
        self._wanted = Event()
        self._lock = Lock()
        self._closed = False
        self._told: dict[int, list[dict[str, object]]] = {}
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
                self._play(received)

    def _play(self, received: Mapping[str, Any]) -> None:
        """Play the run of a dispatch: it is queued, starts, verifies its approval, reports and ends as was chosen."""
        self._wait_for_answers()
        self._tell(received, "requested")
        self._tell(received, "in_progress")
        verdict = self._verify(received)
        self._github.verified(received["number"], verdict)
        proven = verdict["exit"] == 0
        end, text = (self._runs.end, self._runs.text) if proven else ("failure", "")
        if end and text:
            self._report(received, SUCCESS if end == SUCCESS else "failure", text)
        if end and not self._closed:
            self._tell(received, "completed", end)

    def _tell(self, received: Mapping[str, Any], action: Action, conclusion: str = "") -> None:
        """Send the webhook of one step of a run, and keep it with its dispatch for the page."""
        number, run_id = received["number"], received["run_id"]
        told = self._told.setdefault(int(number), [])
        told.append(self._runs.tell(received, action, conclusion))
        state = told[-1]["state"]
        run = {"id": run_id, "url": page_of(str(received["repository"]), run_id), "state": state, "told": [*told]}
        self._github.ran(number, run)

    def _report(self, received: Mapping[str, Any], state: str, text: str) -> None:
        """Report as the last step of a workflow does. A run whose report fails ends all the same."""
        arguments = ("report", "--relay", self._relay_url, "--state", state, f"--text={text}")
        with TemporaryDirectory(prefix="relay-report-") as name:
            self._end(step_of(received, arguments, self._tokens, Path(name)))

    def _verify(self, received: Mapping[str, Any]) -> dict[str, object]:
        arguments = ("verify", *_PROOFS.get(_decision(received), ("--once",)), "--relay", self._relay_url)
        with TemporaryDirectory(prefix="relay-verify-") as name:
            step = step_of(received, arguments, self._tokens, Path(name))
            code, output = self._end(step)
            shown = " ".join(["relay", *map(shlex.quote, step.arguments), '--event "$GITHUB_EVENT_PATH"'])
            return {"command": shown, "exit": code, "output": output, "outputs": read_outputs(step.folder / "output")}

    def _end(self, step: Step) -> tuple[int | None, str]:
        """Run a step to its end. Return its exit code, or None if it had to be killed, and its output."""
        with self._lock:
            if self._closed:
                return None, ""
            self._running = process = subprocess.Popen(  # noqa: S603 - our own command; the event is in a file
                [*self._command, *step.arguments, "--event", str(step.folder / "event.json")],
                env=step.environ,
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


def _decision(received: Mapping[str, Any]) -> str:
    return str((approval_of(received["body"]) or {}).get("decision"))
