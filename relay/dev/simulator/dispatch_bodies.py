"""Bodies of dispatches, judged as GitHub judges them in both versions of its API, and the approvals in them.

https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event
https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from relay.dev.simulator.answers import Answer, json_answer, read_json
from relay.dev.simulator.github_modes import github_error
from relay.dev.simulator.github_webhooks import page_of
from relay.github.dispatch import ALWAYS_DETAILED, DETAILS
from relay.signed.fields import OURS

VERSIONS: Final = ("2022-11-28", ALWAYS_DETAILED)
_MAX_CHARACTERS: Final = 65_535
_MAX_KEYS: Final = 10
_MAX_INPUTS: Final = 25
_MAX_EVENT_TYPE: Final = 100
_INVALID: Final = "Invalid request.\n\n"


def judge(body: bytes, repository: str, workflow: str, run_id: str, version: str) -> Answer:
    """Return GitHub's answer to a dispatch of an event, or of `workflow` if it is named, which starts the run."""
    try:
        asked = read_json(body)
    except ValueError:
        return github_error(400, "Problems parsing JSON")
    if not isinstance(asked, dict):
        return github_error(400, "Body should be a JSON object")
    characters = len(body.decode(errors="replace"))
    trouble = _start_trouble(asked, characters, version) if workflow else _event_trouble(asked, characters)
    if trouble:
        return github_error(422, trouble)
    if not workflow or (version < ALWAYS_DETAILED and asked.get(DETAILS) is not True):
        return Answer(204)
    api = f"https://api.github.com/repos/{repository}/actions/runs/{run_id}"
    return json_answer(200, {"workflow_run_id": int(run_id), "run_url": api, "html_url": page_of(repository, run_id)})


def approval_of(body: object) -> Mapping[str, Any] | None:
    """Return the approval that a dispatch carries in its payload, or as text in its inputs, or None."""
    fields = body if isinstance(body, dict) else {}
    payload, inputs = fields.get("client_payload"), fields.get("inputs")
    found = payload.get(OURS) if isinstance(payload, dict) else None
    if isinstance(inputs, dict):
        try:
            found = json.loads(str(inputs.get(OURS)))
        except ValueError:
            return None
    return found if isinstance(found, dict) else None


def _start_trouble(asked: Mapping[str, object], characters: int, version: str) -> str:
    """Return the fault of a call that starts a workflow. Which inputs its file takes is not known here."""
    ref, inputs = asked.get("ref"), asked.get("inputs", {})
    if version >= ALWAYS_DETAILED and DETAILS in asked:
        return f'{_INVALID}"{DETAILS}" is not a permitted key.'
    if not isinstance(ref, str) or not ref:
        return f"{_INVALID}ref must be a string."
    if not isinstance(inputs, dict) or not all(isinstance(each, str) for each in inputs.values()):
        return f"{_INVALID}inputs must be an object of strings."
    if len(inputs) > _MAX_INPUTS:
        return f"No more than {_MAX_INPUTS} properties are allowed; {len(inputs)} were supplied."
    return "inputs are too large." if characters >= _MAX_CHARACTERS else ""


def _event_trouble(asked: Mapping[str, object], characters: int) -> str:
    event_type, payload = asked.get("event_type"), asked.get("client_payload", {})
    if not isinstance(event_type, str) or not 1 <= len(event_type) <= _MAX_EVENT_TYPE:
        return f"{_INVALID}event_type must be a string of 1 to 100 characters."
    if not isinstance(payload, dict):
        return f"{_INVALID}client_payload must be an object."
    if len(payload) > _MAX_KEYS:
        return f"No more than {_MAX_KEYS} properties are allowed; {len(payload)} were supplied."
    return "client_payload is too large." if characters >= _MAX_CHARACTERS else ""
