"""A step of a released workflow that runs `relay`: its event and its variables as a runner gives them.

https://docs.github.com/actions/reference/workflows-and-actions/variables
https://docs.github.com/webhooks/webhook-events-and-payloads#repository_dispatch
https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_dispatch
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from relay.dev.simulator.dispatch_bodies import approval_of
from relay.dev.simulator.github_webhooks import repository_fields
from relay.dev.simulator.job_tokens import JobTokens

_KEPT: Final = ("PATH", "HOME", "LANG", "SYSTEMROOT", "PYTHONPATH", "VIRTUAL_ENV")
_SENDER: Final = {"login": "approval-relay[bot]", "id": 4711, "type": "Bot"}
_MAIN: Final = "refs/heads/main"


@dataclass(frozen=True, slots=True)
class Step:
    """A step to run: its arguments after `relay`, its variables, and the folder with its event and outputs."""

    arguments: tuple[str, ...]
    environ: Mapping[str, str]
    folder: Path


def step_of(received: Mapping[str, Any], arguments: tuple[str, ...], tokens: JobTokens, folder: Path) -> Step:
    """Return a step in the run of a dispatch: of an event, or of a workflow that was started by its name."""
    repository, workflow = str(received["repository"]), str(received["workflow"])
    approval = approval_of(received["body"]) or {}
    # A repository_dispatch runs on the default branch, a started workflow at the ref that was asked for.
    ref = str(approval.get("ref") or _MAIN) if workflow else _MAIN
    path = f".github/workflows/{workflow or 'release.yml'}"
    event_name = "workflow_dispatch" if workflow else "repository_dispatch"
    (folder / "event.json").write_text(json.dumps(_event(received["body"], repository, path, ref)), "utf-8")
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": str(_SENDER["login"]),
        "GITHUB_EVENT_NAME": event_name,
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_REF": ref,
        "GITHUB_REPOSITORY": repository,
        "GITHUB_REPOSITORY_OWNER": repository.partition("/")[0],
        "GITHUB_RUN_ID": str(received["run_id"]),
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_WORKFLOW_REF": f"{repository}/{path}@{ref}",
    }
    job = {"event_name": event_name, "workflow": "release", "actor": str(_SENDER["login"]), "ref": ref}
    ids = {"run_id": str(received["run_id"]), "actor_id": str(_SENDER["id"])}
    token = tokens.environment(repository, job_workflow_ref=f"{repository}/{path}@{ref}", **job, **ids)
    return Step(arguments, {**environ, **token}, folder)


def _event(body: Mapping[str, Any], repository: str, path: str, ref: str) -> dict[str, object]:
    common = {"repository": {**repository_fields(repository), "default_branch": "main"}, "sender": _SENDER}
    if "inputs" in body:
        return {"inputs": body["inputs"], "ref": ref, "workflow": path, **common}
    return {"action": body["event_type"], "branch": "main", "client_payload": body["client_payload"], **common}


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
