"""The notices of a case: every commit owes, in the same write, a notice of each event to each channel that asked. Pure.

The notices of one request in one channel are told in their order. Only the first of them has a wake-up.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from relay.approval import debts, wake_ups
from relay.approval.events import events_of
from relay.approval.policy import Policy
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.events import CaseEvent, Notice
from relay.model.request import ORIGIN

if TYPE_CHECKING:
    from relay.approval.notify import Notify

NEWER: Final = "a newer state took its place"
Lane = tuple[str, str]  # a channel, and a person if it is one of people


def owe_notices(before: Case, after: Case, policy: Policy, now: float) -> Case:
    """Return the case that a commit writes over `before`, with its events and the notices that they make."""
    found = events_of(before, after, policy, now)
    if not found:
        return after
    after = replace(after, events=(*before.events, *(key for key, _ in found)))
    entries = [entry for entry in policy.notify if entry.covers(after.request)]
    for _, event in found:
        for entry in entries:
            if event.name in entry.on:
                for channel, person in _lanes(entry, policy, after):
                    after = _owe(after, entry, channel, person, event, now)
    return after


def lane_of(debt: Debt) -> Lane:
    """Return the lane of a notice, in which one waits for the other."""
    return debt.event_type, debt.notice.person if debt.notice else ""


def waits(case: Case, index: int) -> bool:
    """Tell whether a notice waits for an earlier one of its lane."""
    debt = case.debts[index]
    return debt.kind == "notice" and any(
        each.kind == "notice" and each.status == "owed" and lane_of(each) == lane_of(debt)
        for each in case.debts[:index]
    )


def due_now(case: Case, group: str, now: float) -> int | None:
    """Return the index of the first notice of a group that may be told now, or None."""
    return next(
        (
            index
            for index, debt in enumerate(case.debts)
            if debt.kind == "notice" and debts.is_due(debt, now) and wake_ups.group_of_debt(case, debt) == group
            if not waits(case, index)
        ),
        None,
    )


def posted(notice: Notice, place: str, message: str) -> Notice:
    """Return a notice that was posted, without the parts that only its words needed."""
    event = CaseEvent(notice.event.name, notice.event.number, notice.event.at)
    return replace(notice, event=event, text="", place=place, message=message)


def _lanes(entry: "Notify", policy: Policy, case: Case) -> Iterator[Lane]:
    """Yield the lanes of an entry. The origin of a command has none if another channel is the same conversation."""
    found = {name: policy.channel(name, case.conversation) for name in entry.to}
    own = {(channel.kind, channel.place) for name, channel in found.items() if channel and name != ORIGIN}
    for name, channel in found.items():
        if channel is not None and not (name == ORIGIN and (channel.kind, channel.place.partition(";")[0]) in own):
            for person in channel.people or ("",):
                yield name, person


def _owe(case: Case, entry: "Notify", channel: str, person: str, event: CaseEvent, now: float) -> Case:
    """Return the case with one notice more. An announcement that is changed each time is owed in its last state."""
    notice = Notice(event, entry.name, entry.style, entry.text, person)
    debt = Debt(channel, int(now), now, kind="notice", since=now, notice=notice)
    if entry.style == "edit":
        for index, old in enumerate(case.debts):
            if _is_same(old, debt) and _is_untold(old, now):
                if old.status == "owed":
                    debt = replace(debt, due_at=old.due_at, attempts=old.attempts, not_before=old.not_before)
                debt = replace(debt, maybe_sent=debt.maybe_sent or old.maybe_sent)
                case = debts.cancel(case, index, NEWER)
    return replace(case, debts=(*case.debts, debt))


def _is_untold(old: Debt, now: float) -> bool:
    """Tell whether a notice may still be replaced. One that waits has no wake-up; one that was dropped has none too."""
    if old.status == "owed":
        return not debts.is_leased(old, now)
    return old.status in ("refused", "dead") and bool(old.row)


def _is_same(old: Debt, new: Debt) -> bool:
    """Tell whether two notices are states of one announcement."""
    if old.notice is None or new.notice is None or lane_of(old) != lane_of(new):
        return False
    return old.notice.entry == new.notice.entry and old.notice.style == "edit"
