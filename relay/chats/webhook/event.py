"""The body of a webhook: an event as a CloudEvent, at most 20 KiB. Pure.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

import json
from typing import Final

from relay.approval.events import OF_THE_RELAY
from relay.chats.contract.outgoing import OutgoingNotice
from relay.model.case import Case
from relay.model.events import CaseEvent
from relay.model.values import Json, iso

MAX_BODY: Final = 20 * 1024  # bytes
CUT: Final = (1_000, 300, 80)  # characters of a text, the fewer the less room there is
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def event_id(outgoing: OutgoingNotice) -> str:
    """Return the id of an event, the same for every attempt."""
    return f"{outgoing.case.request.id}_{outgoing.notice.event.number}"


def body_of(outgoing: OutgoingNotice, public_url: str) -> bytes:
    """Return the body of an event. Texts that people and workflows wrote are cut where it would be too large."""
    bodies = [_ENCODER.encode(_event(outgoing, public_url, most)).encode("utf-8", "replace") for most in CUT]
    return next((body for body in bodies if len(body) <= MAX_BODY), bodies[-1])


def _event(outgoing: OutgoingNotice, public_url: str, most: int) -> Json:
    case, event = outgoing.case, outgoing.notice.event
    request = case.request
    return {
        "specversion": "1.0",
        "id": event_id(outgoing),
        "source": public_url,
        "type": f"relay.{event.name}",
        "subject": request.repository or request.id,  # no subject is empty: news about the relay itself
        "time": iso(event.at),
        "datacontenttype": "application/json",
        "data": {"reason": _cut(event.reason, most)}
        if event.name in OF_THE_RELAY
        else {
            "request": _request(case),
            "status": event.status,
            "stage": event.stage,
            "review_url": f"{public_url}/api/review/{request.id}",
            **_review(event, most),
            **_dispatch(event, most),
            **_run(event, most),
        },
    }


def _request(case: Case) -> Json:
    request = case.request
    return {
        "id": request.id,
        "repository": request.repository,
        "environment": request.environment,
        "event_type": request.event_type,
        "title": request.title,
        "ref": request.ref,
        "sha": request.sha,
        "run_url": request.run_url,
        "requested_by": request.requested_by,
    }


def _review(event: CaseEvent, most: int) -> Json:
    review = event.review
    if review is None:
        return {}
    by = {"id": review.by.id, "name": review.by.name}
    fields = {"verdict": review.verdict, "by": by, "stage": review.stage, "at": iso(review.at)}
    return {"review": {**fields, "comment": _cut(review.comment, most)}}


def _dispatch(event: CaseEvent, most: int) -> Json:
    if not event.dispatch:
        return {}
    error = _cut(event.reason, most) or None
    fields = {"status": event.dispatch, "attempts": event.attempts, "last_error": error}
    sent: Json = fields | {"run_url": event.run_url or None}
    return {"dispatch": sent, **({"others": event.others} if event.others else {})}


def _run(event: CaseEvent, most: int) -> Json:
    run = event.run
    if run is None:
        return {}
    fields = {"status": run.status, "text": _cut(run.text, most), "url": run.url, "at": iso(run.at), "by": run.by}
    return {"run": fields}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
