"""Webhooks of runs, and what the relay says to them."""

from typing import Any, Final

from tests.support import road
from tests.support.github_webhooks import workflow_run

TAKEN: Final = (202, "taken")
IGNORED: Final = (202, "ignored")
REPEATED: Final = (202, "repeated")


def answered(reply: Any) -> tuple[int, str]:
    found = road.said(reply)
    return reply.status, found.get("status") or found["error"]


def shown(here: road.Road, case_id: str) -> Any:
    return road.said(here.show(case_id)).get("run")


def told(here: road.Road, action: str, case_id: str, **changes: Any) -> tuple[int, str]:
    at = changes.pop("created", here.now())
    return answered(here.webhook(workflow_run(action, case_id, at, **changes)))
