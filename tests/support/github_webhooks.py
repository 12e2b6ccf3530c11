"""Webhooks as GitHub sends them: the documented shapes, signed. Tests begin with these and spoil one thing."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from relay.github.webhook import sign
from relay.model.values import iso

FIXTURES: Final = Path(__file__).parents[1] / "fixtures" / "github_webhooks"
SECRET: Final = "a secret of sixteen characters or more"
ACTIONS: Final = ("requested", "in_progress", "completed")
REPOSITORY_ID: Final = 218309774
RUN_ID: Final = 17260433642
URL: Final = f"https://github.com/octo/api/actions/runs/{RUN_ID}"
_EVENTS: Final[dict[str, dict[str, Any]]] = {
    name: json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))
    for name in ("ping", "deployment_protection_rule-requested", *(f"workflow_run-{action}" for action in ACTIONS))
}


def ping() -> dict[str, Any]:
    return deepcopy(_EVENTS["ping"])


def waiting() -> dict[str, Any]:
    """Return the event of a job that waits at an environment."""
    return deepcopy(_EVENTS["deployment_protection_rule-requested"])


def workflow_run(action: str, case_id: str, at: float, **changes: Any) -> dict[str, Any]:
    """Return the event of a run whose title ends with the id of a case; `changes` are of its `workflow_run`."""
    made = deepcopy(_EVENTS[f"workflow_run-{action}"])
    titled = {"display_title": f"release {case_id}", "created_at": iso(at)}
    made["workflow_run"] |= titled | changes
    return made


def headers(body: bytes, *, event: str = "workflow_run", delivery: str = "", secret: str = SECRET) -> dict[str, str]:
    """Return the headers of a delivery, with their names in lower case."""
    return {
        "content-type": "application/json",
        "user-agent": "GitHub-Hookshot/1a2b3c4",
        "x-github-delivery": delivery or f"72d3162e-cc78-11e3-81ab-{datetime.now(UTC).timestamp():012.0f}",
        "x-github-event": event,
        "x-github-hook-id": "70112",
        "x-hub-signature-256": sign(secret, body),
    }
