"""The events of the log: the closed list, each with its fields, and the events of a commit. Pure."""

import json
import logging
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.events import CaseEventName

Event = Literal[
    CaseEventName,
    "refused",
    "dead",
    "card_delivered",
    "card_refused",
    "card_dead",
    "notified",
    "replayed",
    "dropped",
    "press",
    "http",
    "sign_in",
    "round",
    "settings",
    "doctor",
]
Fields = Mapping[str, str | int]
RUN_EVENTS: Final[tuple[Event, ...]] = ("run_started", "run_success", "run_failure")
_CASE: Final = ("request", "repository", "environment")
FIELDS: Final[Mapping[Event, tuple[str, ...]]] = MappingProxyType(
    {
        "requested": (*_CASE, "outcome", "person"),
        "reviewed": (*_CASE, "outcome", "stage", "person"),
        "passed": (*_CASE, "stage"),
        "approved": (*_CASE, "stage", "person"),
        "rejected": (*_CASE, "stage", "person"),
        "cancelled": (*_CASE, "person"),
        "superseded": (*_CASE, "outcome"),
        "expired": _CASE,
        "delivered": (*_CASE, "attempts", "cure"),
        "undelivered": (*_CASE, "outcome", "channel", "attempts", "reason"),
        **dict.fromkeys(RUN_EVENTS, (*_CASE, "outcome", "channel")),
        "refused": (*_CASE, "attempts", "reason", "cure"),
        "dead": (*_CASE, "attempts", "reason", "cure"),
        "card_delivered": (*_CASE, "channel", "attempts", "cure"),
        "card_refused": (*_CASE, "channel", "attempts", "reason", "cure"),
        "card_dead": (*_CASE, "channel", "attempts", "reason", "cure"),
        "notified": (*_CASE, "outcome", "channel", "attempts", "reason", "cure"),
        "replayed": (*_CASE, "channel", "person"),
        "dropped": (*_CASE, "channel", "person"),
        "press": (*_CASE, "outcome", "ms", "channel", "check", "reason", "person"),
        "http": ("outcome", "channel", "check", "reason", "method", "path", "status", "ms"),
        "sign_in": ("outcome", "channel", "check", "person"),
        "round": ("request", "outcome", "tried", "reason"),
        "settings": ("outcome", "reason"),
        "doctor": ("outcome", "person"),
    }
)
"""The fields of each event beside `event` and `trace`. A field that does not apply is left out."""
TRACE: Final = "trace"

_STATUS_EVENTS: Final[Mapping[str, Event]] = MappingProxyType(
    {
        "approved": "approved",
        "rejected": "rejected",
        "cancelled": "cancelled",
        "superseded": "superseded",
        "expired": "expired",
    }
)
_FAILED: Final[Mapping[str, tuple[Event, Event]]] = MappingProxyType(
    {"refused": ("refused", "card_refused"), "dead": ("dead", "card_dead")}
)


FOREIGN: Final = "GitHub says: "  # begins a cure with words that are none of the relay's
IN_THE_OUTBOX: Final = "GitHub gave a reason: `relay outbox show` has it"


class Entry(NamedTuple):
    """One line of the log, as JSON. Its fields hold ids, names of the policy and the relay's own sentences alone."""

    event: Event
    level: int = logging.INFO
    fields: Fields = MappingProxyType({})

    def __str__(self) -> str:
        return json.dumps({"event": self.event, **self.fields}, ensure_ascii=False)

    def for_people(self) -> str:
        """Return the line for a terminal: the event, then names and values."""
        return " ".join([self.event, *(f"{name}={_readable(value)}" for name, value in self.fields.items())])


def entry(event: Event, fields: Fields, level: int = logging.INFO) -> Entry:
    """Return an entry without its empty fields."""
    return Entry(event, level, {name: value for name, value in fields.items() if value != ""})


def of_case(case: Case) -> dict[str, str]:
    """Return the fields that name a case."""
    return {"request": case.request.id, "repository": case.request.repository, "environment": case.request.environment}


def changes(before: Case, after: Case, by: str = "") -> Iterator[Entry]:
    """Yield an entry for each change that a commit of `after` over `before` makes.

    `by` is the person, or the key, who made a change that no review shows.
    """
    named = of_case(after)
    if not before.version:
        yield entry("requested", {**named, "outcome": after.proof, "person": by})
    reviews = [review for review in after.reviews if review not in before.reviews]
    for review in reviews:
        yield entry("reviewed", {**named, "outcome": review.verdict, "stage": review.stage, "person": review.by.id})
        if after.status == "pending" and after.stage != review.stage:
            yield entry("passed", {**named, "stage": review.stage})
    ended = _STATUS_EVENTS.get(after.status) if after.status != before.status else None
    match ended:
        case "approved" | "rejected":
            yield entry(ended, {**named, "stage": after.stage, "person": reviews[-1].by.id if reviews else by})
        case "cancelled":
            yield entry(ended, {**named, "person": by})
        case "superseded":
            yield entry(ended, {**named, "outcome": after.superseded_by.id if after.superseded_by else ""})
        case "expired":
            yield entry(ended, named)
    yield from _run_changes(before, after, named)
    for old, new in zip(before.debts, after.debts, strict=False):
        if old is not new and old != new:
            yield from _debt_changes(old, new, named)


def _run_changes(before: Case, after: Case, named: Mapping[str, str]) -> Iterator[Entry]:
    state = {"outcome": after.run.status, "channel": after.run.by} if after.run else {}
    for event in run_events(before, after):
        yield entry(event, {**named, **state})


def run_events(before: Case, after: Case) -> list[Event]:
    """Return the events of runs that a commit makes true, in their order."""
    fresh = {each.rpartition(".")[2] for each in after.run_events[len(before.run_events) :]}
    return [event for event in RUN_EVENTS if event in fresh]


def _cure(cure: str) -> str:
    """Return a cure without the words of GitHub, which may quote the request."""
    return IN_THE_OUTBOX if cure.startswith(FOREIGN) else cure


def _debt_changes(old: Debt, new: Debt, named: Mapping[str, str]) -> Iterator[Entry]:
    card = new.kind == "card"
    named = {**named, "trace": new.trace}
    place = dict(named) if new.kind == "dispatch" else {**named, "channel": new.event_type}
    if new.status == old.status == "owed":
        # A lease that ends with another fault, or with one more attempt, was a try that brought nothing.
        tried = old.lease and not new.lease and (new.attempts > old.attempts or new.last_error != old.last_error)
        if tried and new.last_error:
            reason, attempts = new.last_error, new.attempts
            yield entry(
                "undelivered", {**place, "outcome": "retry", "reason": reason, "attempts": attempts}, logging.WARNING
            )
    elif new.kind == "notice":
        yield from _notice_changes(old, new, place)
    elif new.status == "delivered" != old.status:
        event: Event = "card_delivered" if card else "delivered"
        yield entry(event, {**place, "attempts": new.attempts, "cure": _cure(new.cure)})
    elif new.status == "cancelled" != old.status:
        yield entry("undelivered", {**place, "outcome": "cancelled", "reason": new.last_error})
    elif new.status in _FAILED and new.status != old.status and new.row:  # a dropped debt has no row
        failed = _FAILED[new.status][card]
        fields: Fields = {"attempts": new.attempts, "reason": new.last_error, "cure": _cure(new.cure)}
        yield entry(failed, {**place, **fields}, logging.ERROR)


def _notice_changes(old: Debt, new: Debt, place: Mapping[str, str]) -> Iterator[Entry]:
    """Yield the entry of a notice that was told, refused or given up. One that a newer notice replaced has no entry."""
    if new.status == old.status or new.status in ("owed", "cancelled") or not new.row:
        return
    level = logging.INFO if new.status == "delivered" else logging.ERROR
    fields: Fields = {
        "outcome": new.status,
        "attempts": new.attempts,
        "reason": new.last_error,
        "cure": _cure(new.cure),
    }
    yield entry("notified", {**place, **fields}, level)


def _readable(value: str | int) -> str:
    text = str(value)
    plain = text.isprintable() and not set(text) & set(' "\\')
    return text if plain else json.dumps(text, ensure_ascii=False)
