"""The reader of requests, for the HTTP form, the command's options and the tickets of offline workflows."""

import re
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from typing import Final

from relay.errors import malformed, unknown_field
from relay.model.request import ApprovalRequest
from relay.signed import canonical_json
from relay.signed.fields import READERS, read_duration

MAX_LIFETIME: Final = 30 * 86_400
MAX_ACTIONS: Final = 2  # a MessageCard shows four: ours are Approve and Reject
MAX_SECTIONS: Final = 7  # a MessageCard shows ten: ours are the payload, the progress, facts and links

OF_A_DECISION: Final = (
    *("environment", "client_payload", "approvers", "expires_in", "reject_event_type", "require_comment"),
    *("approve_label", "reject_label", "confirm"),
)
MAY_BE_EMPTY: Final = frozenset({"text", "summary"})  # words that people read, and that decide nothing
_FIELD: Final = re.compile(r"[a-z_]{1,40}")
_DEFAULTS: Final = {
    each.name: each.default_factory() if each.default_factory is not MISSING else each.default
    for each in fields(ApprovalRequest)
}


def read_form(
    form: Mapping[str, object],
    *,
    issued_at: int,
    nonce: str,
    lifetime: int,
    required: Collection[str] = ("repository", "title"),
    requester: str = "",
) -> ApprovalRequest:
    """Read a new request. `lifetime` in seconds is used if the form has no `expires_in`.

    `requester` is a proven person's id, for one without a GitHub account.

    Null counts as absent. Raises Refusal malformed, naming the field, if a field is missing, empty, unknown or out of
    bounds.
    """
    if "nonce" in form:
        raise malformed("nonce", "no such field")
    for name in required:
        if form.get(name) in (None, ""):
            raise malformed(name, "is required")
    if form.get("event_type") == "":  # a forgotten event type must not become a notification
        raise malformed("event_type", "is empty; leave it out for a notification, which asks nobody")
    wire = {name: value for name, value in form.items() if not _is_absent(name, value)}
    if "expires_in" in wire:
        lifetime = read_duration("expires_in", wire.pop("expires_in"))
    return read_wire(wire | {"nonce": nonce}, issued_at=issued_at, expires_at=issued_at + lifetime, requester=requester)


def undecided_field(form: Mapping[str, object]) -> str:
    """Return the first field that only a decision needs, in a form without an event type; else an empty text.

    Such a card would look like a gate, and ask for nothing.
    """
    return "" if form.get("event_type") else next((name for name in OF_A_DECISION if form.get(name)), "")


def read_wire(wire: Mapping[str, object], *, issued_at: int, expires_at: int, requester: str = "") -> ApprovalRequest:
    """Read a request as a ticket carries it, and compute its id. Raises Refusal malformed, naming the field."""
    for name in wire:
        if name not in READERS:
            raise unknown_field(name)
    for name in ("title", "nonce"):
        if name not in wire:
            raise malformed(name, "is required")
    if "event_type" in wire and "repository" not in wire:
        raise malformed("repository", "is required")
    if not 0 < expires_at - issued_at <= MAX_LIFETIME:
        raise malformed("expires_in", "takes from 1 second to 30 days")
    values = {"repository": ""} | {name: READERS[name](name, value) for name, value in wire.items()}
    if requester:
        values["requested_by"] = requester
    identifier = canonical_json.digest(_without_defaults(values))  # the ticket carries the two times beside the id
    request = ApprovalRequest(id=identifier, issued_at=issued_at, expires_at=expires_at, **values)
    _check_together(request)
    return request


def _is_absent(name: str, value: object) -> bool:
    # A variable that was not set where the form was written must not mean any environment, or no comment.
    if value == "" and name not in MAY_BE_EMPTY:
        raise malformed(name, "is empty; usually a variable that was not set. Leave the field out if none is meant")
    return value is None or value == ""


def to_wire(request: ApprovalRequest) -> dict[str, object]:
    """Return the fields that a ticket carries: no id, no times, and no field at its default."""
    return _without_defaults({name: getattr(request, name) for name in READERS})


def _without_defaults(values: Mapping[str, object]) -> dict[str, object]:
    wire = {name: value for name, value in values.items() if value != _DEFAULTS.get(name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in wire.items()}


def _check_together(request: ApprovalRequest) -> None:
    if request.reject_event_type and request.reject_event_type.casefold() == request.event_type.casefold():
        raise malformed("reject_event_type", "must differ from event_type, or a rejection would release")
    if request.reject_event_type and not request.event_type:
        raise malformed("reject_event_type", "needs an event_type: a notification is not rejected")
    if request.event_type and len(request.actions) > MAX_ACTIONS:
        raise malformed("actions", f"takes at most {MAX_ACTIONS}: a card has at most four, and two are ours")
    if request.event_type and len(request.sections) > MAX_SECTIONS:
        raise malformed("sections", f"takes at most {MAX_SECTIONS}: a card has at most 10 sections, and three are ours")
