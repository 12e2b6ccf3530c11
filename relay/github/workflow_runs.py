"""The event `workflow_run`: a run and its state. A payload of another form has none.

https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_run
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from relay.model.runs import RunStatus
from relay.model.values import Json
from relay.signed.fields import is_web_address

EVENT: Final = "workflow_run"
ACTIONS: Final = frozenset({"requested", "in_progress", "completed"})
COMPLETED: Final = "completed"
_STATUSES: Final = MappingProxyType[str, RunStatus](
    {
        **dict.fromkeys(("requested", "queued", "waiting", "pending"), "queued"),
        "in_progress": "running",
    }
)
_CONCLUSIONS: Final = MappingProxyType[str, RunStatus](
    {
        "success": "success",
        **dict.fromkeys(("cancelled", "skipped", "neutral"), "cancelled"),
        **dict.fromkeys(("failure", "timed_out", "startup_failure", "action_required", "stale"), "failure"),
    }
)
_PLAIN: Final = frozenset({"success", "failure"})  # their words say all
_MAX_ID: Final = 10**20


class SeenRun(NamedTuple):
    """A run of a repository. `started_by` is the event that started it, `created_at` Unix seconds, or 0 if unknown."""

    repository: str
    repository_id: str
    id: str
    attempt: int
    started_by: str
    title: str
    created_at: float
    status: RunStatus
    text: str
    url: str


def read_run(payload: Json, github_url: str) -> SeenRun | None:
    """Return the run of an event, or None. Its address is taken only below `github_url`."""
    run, repository = payload.get("workflow_run"), payload.get("repository")
    if (
        _text(payload.get("action")) not in ACTIONS
        or not isinstance(run, Mapping)
        or not isinstance(repository, Mapping)
    ):
        return None
    state = _state(run)
    number, owner_id = _number(run.get("id")), _number(repository.get("id"))
    name, attempt = _text(repository.get("full_name")), _number(run.get("run_attempt", 1))
    if not (state and number and owner_id and name and attempt):
        return None
    url = _text(run.get("html_url"))
    ours = url.isascii() and url.startswith(f"{github_url}/") and is_web_address(url)
    return SeenRun(
        repository=name,
        repository_id=str(owner_id),
        id=str(number),
        attempt=attempt,
        started_by=_text(run.get("event")),
        title=_text(run.get("display_title")),
        created_at=_time(_text(run.get("created_at"))),
        status=state[0],
        text=state[1],
        url=url if ours else f"{github_url}/{name}/actions/runs/{number}",
    )


def _state(run: Mapping[str, object]) -> tuple[RunStatus, str] | None:
    """Return the status of a run, and the conclusion where the status does not say it."""
    if run.get("status") == COMPLETED:
        conclusion = _text(run.get("conclusion"))
        ended = _CONCLUSIONS.get(conclusion)
        return (ended, "" if conclusion in _PLAIN else conclusion.replace("_", " ")) if ended else None
    status = _STATUSES.get(_text(run.get("status")))
    return (status, "") if status else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    return value if type(value) is int and 0 < value < _MAX_ID else 0  # type() since a bool is an int too


def _time(text: str) -> float:
    with suppress(ValueError, OverflowError):
        at = datetime.fromisoformat(text)
        return at.timestamp() if at.tzinfo else 0.0
    return 0.0
