"""The events of a case: a commit compares the case before and after, and each change that it makes is told once. Pure.

Their keys stay in the case. So an event is told at most once, whatever happens to reviews and policy afterwards.
"""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Final, get_args

from relay.approval.approvers import progress, stage_of
from relay.approval.policy import Policy, rule_of
from relay.model.case import Case
from relay.model.events import CaseEvent, EventName, RelayEventName
from relay.model.people import Review

EVENTS: Final[tuple[EventName, ...]] = get_args(EventName)
"""Every event, in the order of telling within one commit. The last two are of the relay itself."""
OF_THE_RELAY: Final[frozenset[EventName]] = frozenset(get_args(RelayEventName))
GROUPS: Final = MappingProxyType({"run_complete": ("run_success", "run_failure")})
"""Short names, each of several events."""
_ENDS: Final[MappingProxyType[str, EventName]] = MappingProxyType(
    {
        "approved": "approved",
        "rejected": "rejected",
        "cancelled": "cancelled",
        "superseded": "superseded",
        "expired": "expired",
    }
)


def events_of(before: Case, after: Case, policy: Policy, now: float) -> tuple[tuple[str, CaseEvent], ...]:
    """Return the events that a commit of `after` over `before` makes true, each with its key.

    A notification has no events, since it asks for nothing. A case of an older version keeps its past untold.
    """
    if not after.request.event_type:
        return ()
    earlier = frozenset(before.events)
    found = [(key, event) for key, event in _changes(before, after, policy, int(now)) if key not in earlier]
    stage = stage_of(policy, after)
    return tuple(
        (key, replace(event, number=len(before.events) + place, status=after.status, stage=event.stage or stage))
        for place, (key, event) in enumerate(found, 1)
    )


def _changes(before: Case, after: Case, policy: Policy, now: int) -> Iterator[tuple[str, CaseEvent]]:
    request, stage = after.request, after.stage
    if not before.version and after.proof != "plain":  # nobody is asked about a plain dispatch
        yield "requested", CaseEvent("requested", 0, now, stage=stage, by=request.requested_by)
    reviews = [review for review in after.reviews if review not in before.reviews]
    counted = sum(key.startswith("reviewed:") for key in before.events)
    for number, review in enumerate(reviews, counted):
        yield f"reviewed:{number}", _about(review, "reviewed")
    if before.status == "pending" and (reviews or after.status == "approved"):
        for name in _passed(before, after, policy):
            yield f"passed:{name}", replace(_about(reviews[-1] if reviews else None, "passed", now), stage=name)
    if before.status != after.status:
        yield from _ended(after, reviews)
    yield from _sent(before, after, now)
    yield from _ran(before, after)


def _about(review: Review | None, name: EventName, at: int = 0) -> CaseEvent:
    """Return an event that a review makes."""
    if review is None:
        return CaseEvent(name, 0, at)
    return CaseEvent(name, 0, review.at, stage=review.stage, by=review.by.name, review=review)


def _passed(before: Case, after: Case, policy: Policy) -> tuple[str, ...]:
    """Return the stages that have passed, except the last one, which is the approval itself."""
    rule = rule_of(policy, after.request)
    if rule is None or after.status not in ("pending", "approved"):
        return ()
    names = tuple(stage.name for stage in rule.stages)
    if after.status == "pending":
        names = (*progress(policy, rule, after.request, after.reviews).passed, "")
    # A case of an older version has no keys of the stages that passed before.
    old = before.version and not before.events
    known = progress(policy, rule, before.request, before.reviews).passed if old else ()
    return tuple(name for name in names[:-1] if name not in known)


def _ended(after: Case, reviews: list[Review]) -> Iterator[tuple[str, CaseEvent]]:
    name = _ENDS[after.status]
    event = CaseEvent(name, 0, after.decided_at, stage=after.stage)
    if name in ("approved", "rejected"):
        event = replace(_about(reviews[-1] if reviews else None, name), at=after.decided_at, stage=after.stage)
    elif name == "cancelled":
        event = replace(event, by=after.ended_by)
    elif after.superseded_by:
        event = replace(event, reason=after.superseded_by.title)
    yield name, event


def _sent(before: Case, after: Case, now: int) -> Iterator[tuple[str, CaseEvent]]:
    """Yield the events of the dispatch that decides. One that the operator dropped was given up, and not refused."""
    if after.status not in ("approved", "rejected"):  # the verdict of another end releases nothing
        return
    old = {index: debt.status for index, debt in enumerate(before.debts)}
    for index, debt in enumerate(after.debts):
        if debt.kind != "dispatch" or debt.decision or debt.status == old.get(index, "owed"):
            continue
        event = CaseEvent("delivered", 0, now, stage=after.stage, attempts=debt.attempts)
        match debt.status:
            case "delivered":
                yield f"delivered:{index}", replace(event, dispatch="delivered", run_url=debt.run_url)
            case "refused" | "dead" as failed if debt.row:
                undelivered = replace(event, name="undelivered", dispatch=failed, reason=debt.last_error)
                yield f"undelivered:{index}", undelivered
            case _:
                pass


def _ran(before: Case, after: Case) -> Iterator[tuple[str, CaseEvent]]:
    """Yield the events of the run that became known."""
    run = after.run
    for key in after.run_events[len(before.run_events) :]:
        name = next(name for name in EVENTS if key.endswith(name))
        at, reason = (run.at, run.text) if run else (0, "")
        yield key, CaseEvent(name, 0, at, stage=after.stage, reason=reason, run=run)
