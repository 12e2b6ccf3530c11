"""The words of notices: templates with `{{field}}`, and the sentence of each event. Pure.

A chat draws the pieces: the words of a template as they are, and each value so that it stays text.
"""

import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from relay.approval.events import OF_THE_RELAY
from relay.approval.gates import DECIDED_ELSEWHERE
from relay.approval.runs import early_event
from relay.model.case import Case
from relay.model.events import CaseEvent, EventName, Notice

MAX_TEXT: Final = 1_000  # characters of a template
MAX_VALUE: Final = 1_000  # characters of a value in a chat
PAYLOAD: Final = "payload."
FIELDS: Final = MappingProxyType(
    {
        "id": "the id of the request",
        "title": "its title",
        "repository": "its repository, OWNER/NAME",
        "environment": "its environment",
        "event_type": "its event type",
        "ref": "its ref",
        "sha": "its commit",
        "requested_by": "the requester's login",
        "stage": "the stage of the event",
        "verdict": "`approve` or `reject`, of a review",
        "by": "the person, or the key, that made the event",
        "comment": "the comment of a review",
        "reason": "why GitHub has not taken it, the text of a report, or the title of the newer request",
        "run_url": "the run that reported, or the workflow run that asked",
        "review_url": "the review page",
    }
)
"""The fields of a template, each with its meaning. `payload.KEY` is another, for each key of the payload."""
ADDRESSES: Final = frozenset({"run_url", "review_url"})
SENTENCES: Final[Mapping[EventName, str]] = MappingProxyType(
    {
        "requested": "Approval is asked for: {{title}}[, by {{requested_by}}]",
        "reviewed": "{{by}}: {{verdict}}, in stage {{stage}}: {{title}}[. Comment: {{comment}}]",
        "passed": "Stage {{stage}} has passed: {{title}}",
        "approved": "Approved: {{title}}[, by {{by}}]",
        "rejected": "Rejected: {{title}}[, by {{by}}][. Comment: {{comment}}]",
        "cancelled": "Cancelled: {{title}}",
        "superseded": "Closed by a newer request: {{title}}[. The newer one: {{reason}}]",
        "expired": "Expired without a decision: {{title}}",
        "delivered": "GitHub has taken it: {{title}}",
        "undelivered": "GitHub has not taken it: {{title}}[. Reason: {{reason}}]",
        "run_started": "The run has started: {{title}}[. {{reason}}][ {{run_url}}]",
        "run_success": "The run has succeeded: {{title}}[. {{reason}}][ {{run_url}}]",
        "run_failure": "The run has failed: {{title}}[. Reason: {{reason}}][ {{run_url}}]",
        "failing": "The relay needs an operator: {{reason}}",
        "recovered": "The relay works again: {{reason}}",
    }
)
"""The sentence of each event. A part in brackets is left out if its field is empty."""
_ELSEWHERE: Final = "Decided on GitHub: {{title}}"  # of a run that waited: not cancelled by its requester
_STARTED_BY: Final = "started by"  # no field of templates: it has a blank
OTHERS: Final = " (and {} more of this cause since the last message: see the outbox)"
_FIELD: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_PARTS: Final = re.compile(r"\[([^\[\]]*)\]")


class Piece(NamedTuple):
    """A piece of a notice: the words of its template, or the value of a `field`."""

    text: str
    field: str = ""


def template_fault(text: str) -> tuple[str, str] | None:
    """Return the first field of a template that does not exist, or its loose braces, and the cure; None without one."""
    for name in _FIELD.findall(text):
        if name not in FIELDS and not (name.startswith(PAYLOAD) and name != PAYLOAD):
            return f"no field {json.dumps(name, ensure_ascii=False)}", f"known: {', '.join(FIELDS)}, payload.KEY"
    rest = _FIELD.sub("", text)
    if "{{" in rest or "}}" in rest:
        return "{{ or }} without a field", "a field is written as {{title}}"
    return None


def pieces_of(case: Case, notice: Notice, review_url: str) -> tuple[Piece, ...]:
    """Return the pieces of a notice: of its template, or of its event's sentence."""
    values = values_of(case, notice, review_url)
    sentence = SENTENCES[notice.event.name]
    if _is_elsewhere(notice.event):
        sentence = _ELSEWHERE
    early = early_event(case, notice.event.run) if notice.event.run else ""
    if early:  # no news of the release: the run of a preview, say
        values[_STARTED_BY], sentence = early, sentence.replace("The run", f"The run of {{{{{_STARTED_BY}}}}}", 1)
    template = notice.text or _PARTS.sub(lambda part: _filled(part[1], values), sentence)
    others = (Piece(OTHERS.format(notice.event.others)),) if notice.event.others else ()
    return (*_pieces(template, values), *others)


def values_of(case: Case, notice: Notice, review_url: str) -> dict[str, str]:
    """Return the value of every field. Fields that an event lacks are empty."""
    request, event, review = case.request, notice.event, notice.event.review
    if event.name in OF_THE_RELAY:  # about no request
        return dict.fromkeys(FIELDS, "") | {"reason": event.reason}
    payload = {
        f"{PAYLOAD}{key}": str(value)
        for key, value in request.client_payload.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    return payload | {
        "id": request.id,
        "title": request.title,
        "repository": request.repository,
        "environment": request.environment,
        "event_type": request.event_type,
        "ref": request.ref,
        "sha": request.sha,
        "requested_by": request.requested_by,
        "stage": event.stage,
        "verdict": review.verdict if review else "",
        "by": "GitHub" if _is_elsewhere(event) else event.by,
        "comment": review.comment if review else "",
        "reason": event.reason,
        "run_url": event.run.url if event.run else request.run_url,
        "review_url": review_url,
    }


def _is_elsewhere(event: CaseEvent) -> bool:
    return event.name == "cancelled" and event.by == DECIDED_ELSEWHERE


def _filled(part: str, values: Mapping[str, str]) -> str:
    """Return a part of a sentence, or nothing if one of its fields is empty."""
    return part if all(values[found] for found in _FIELD.findall(part)) else ""


def _pieces(template: str, values: Mapping[str, str]) -> Iterator[Piece]:
    at = 0
    for found in _FIELD.finditer(template):
        value = values.get(found[1], "")
        yield Piece(template[at : found.start()])
        yield Piece(value if len(value) <= MAX_VALUE else value[: MAX_VALUE - 1] + "…", found[1])
        at = found.end()
    yield Piece(template[at:])
