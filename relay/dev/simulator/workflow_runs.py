"""The runs that dispatches start, played with the webhooks that GitHub sends of them, signed as GitHub signs.

https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_run
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

from relay.dev.simulator.answers import NotTaken
from relay.dev.simulator.dispatch_bodies import approval_of
from relay.dev.simulator.github_webhooks import GitHubWebhooks, page_of, repository_fields
from relay.github.workflow_runs import EVENT
from relay.model.values import iso

SUCCESS: Final = "success"
ENDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(  # label and note for the page
    {
        SUCCESS: ("Succeed", "A released run is queued, starts, proves its approval, and succeeds."),
        "failure": ("Fail", "A released run proves its approval and then fails: its deployment did not work."),
        "cancelled": (
            "Are cancelled",
            "A person cancels each released run at GitHub, after it has proven its approval.",
        ),
        "": ("Go on", "A released run starts and does not end, as long as this stands here."),
    }
)
MAX_REPORT: Final = 500  # characters
_STATUS: Final = MappingProxyType({"requested": "queued", "in_progress": "in_progress", "completed": "completed"})
_BOT: Final = MappingProxyType({"login": "approval-relay[bot]", "id": 4711, "type": "Bot"})
_WORKFLOW: Final = 88121
Action = Literal["requested", "in_progress", "completed"]


class WorkflowRuns:
    """Tells the relay by `webhooks` how each run goes. `on_change` is called after each choice."""

    def __init__(self, webhooks: GitHubWebhooks, on_change: Callable[[], None]) -> None:
        self._webhooks = webhooks
        self._on_change = on_change
        self._end = SUCCESS
        self._text = ""

    @property
    def end(self) -> str:
        """Return the end of the next runs, a key of `ENDS`."""
        return self._end

    @property
    def text(self) -> str:
        """Return the words that the next runs report, or an empty text if they report nothing."""
        return self._text

    def choose(self, end: object, text: object) -> None:
        """Change the end and the report of the next runs. Raises NotTaken for an unknown end or a wrong text."""
        if not isinstance(end, str) or end not in ENDS:
            raise NotTaken(400, "end must be one of: " + ", ".join(each or '""' for each in ENDS), "end")
        if not isinstance(text, str) or len(text) > MAX_REPORT:
            raise NotTaken(400, f"text must be a string of at most {MAX_REPORT} characters", "text")
        self._end, self._text = end, text.strip()
        self._on_change()

    def tell(self, received: Mapping[str, Any], action: Action, conclusion: str = "") -> dict[str, object]:
        """Send the webhook of one step of a dispatch's run. Return the step, and what the relay answered."""
        answer = self._webhooks.send(EVENT, _event(received, action, conclusion))
        return {"action": action, "state": conclusion or _STATUS[action], "answer": answer}


def _event(received: Mapping[str, Any], action: Action, conclusion: str) -> dict[str, object]:
    """Return the event. A run that was started by its workflow's name is known by its id, and its title names none."""
    repository, at, run_id = str(received["repository"]), iso(received["at"]), str(received["run_id"])
    workflow, approval = received["workflow"], approval_of(received["body"]) or {}
    api = f"https://api.github.com/repos/{repository}"
    run = {
        "id": int(run_id),
        "name": "release",
        "head_branch": "main",
        "path": f".github/workflows/{workflow or 'release.yml'}",
        "display_title": "release" if workflow else f"release {approval.get('id')}",
        "run_number": received["number"],
        "run_attempt": 1,
        "event": "workflow_dispatch" if workflow else "repository_dispatch",
        "status": _STATUS[action],
        "conclusion": conclusion or None,
        "workflow_id": _WORKFLOW,
        "url": f"{api}/actions/runs/{run_id}",
        "html_url": page_of(repository, run_id),
        "pull_requests": [],
        "created_at": at,
        "run_started_at": at,
        "updated_at": at,
        "actor": dict(_BOT),
        "triggering_actor": dict(_BOT),
    }
    return {
        "action": action,
        "workflow_run": run,
        "workflow": {"id": _WORKFLOW, "name": "release", "path": run["path"], "state": "active"},
        "repository": repository_fields(repository),
        "sender": dict(_BOT),
    }
