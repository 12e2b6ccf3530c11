"""The event `undelivered` for operators: at most one message an hour for one cause, with the number of the others.

The first of a cause is told at once. The second waits until the hour is over, and speaks for all that come meanwhile:
these are counted and cancelled. They stay in the outbox as dispatches that failed.
"""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from relay.approval import debts
from relay.approval.events import OF_THE_RELAY
from relay.approval.notify import Notify
from relay.approval.policy import DAY, Policy
from relay.model.case import Case
from relay.outbox.alarm import EVERY
from relay.outbox.try_records import cause
from relay.store.contract import Store

COUNTED: Final = "told in one message with others of its cause"
CLOSED: Final = "closed"  # the last entry of a tally


class Turn(NamedTuple):
    """The time at which a notice may be told, and how many others it then counts."""

    at: float
    others: int = 0


def is_for_operators(entry: Notify) -> bool:
    """Tell whether an entry is for operators: all its events are of the relay itself, except perhaps `undelivered`."""
    return not OF_THE_RELAY.isdisjoint(entry.on) and OF_THE_RELAY.issuperset({*entry.on} - {"undelivered"})


@dataclass(frozen=True, slots=True)
class Hour:
    """The messages of one cause in one lane, shared by all processes. Its methods raise Outage.

    `last` is the notice that was told last. `next` is the one that speaks next; its tally holds those that it counts.
    """

    store: Store
    key: str

    def turn(self, notice: str, now: float) -> Turn | None:
        """Return when a notice may be told, or None if it was counted by another that is still to be told."""
        if _holder(self.store.get(f"{self.key} last", now=now)) == notice:  # it was tried, and not taken
            return Turn(now, self._close(notice, now))
        while (speaker := self._speaker(notice, now)) != notice:
            if self._count(speaker, notice, now):
                return None
            self._free_speaker(now)  # it was told, and its process ended before it gave the part up
        stored = self.store.put_if_absent(f"{self.key} last", f"{notice} {now}", now=now, until=now + EVERY)
        if _holder(stored) != notice:
            return Turn(float(stored.partition(" ")[2]) + EVERY)
        others = self._close(notice, now)
        self._free_speaker(now)
        return Turn(now, others)

    def _speaker(self, notice: str, now: float) -> str:
        return self.store.put_if_absent(f"{self.key} next", notice, now=now, until=now + DAY)

    def _free_speaker(self, now: float) -> None:
        self.store.put(f"{self.key} next", "", until=now)

    def _close(self, speaker: str, now: float) -> int:
        """Let nothing more be counted, and return how many were."""
        return self._place(speaker, CLOSED, now)[0] - 1

    def _count(self, speaker: str, notice: str, now: float) -> bool:
        """Count a notice once, however often it asks. Return False if the tally is closed."""
        own = f"{self.key} {notice} counted"
        if self.store.get(own, now=now) is not None:
            return True
        place, stored = self._place(speaker, notice, now)
        if stored == CLOSED:
            return False
        self.store.put(own, speaker, until=now + DAY)
        self.store.put(f"{self.key} {speaker} size", str(place), until=now + DAY)
        return True

    def _place(self, speaker: str, entry: str, now: float) -> tuple[int, str]:
        """Put an entry behind the last of a tally, unless it is closed. Return its place, and what is stored there."""
        tally = f"{self.key} {speaker}"
        place = int(self.store.get(f"{tally} size", now=now) or 0)  # it may be behind, when another counts now
        while True:
            place += 1
            stored = self.store.put_if_absent(f"{tally} {place}", entry, now=now, until=now + DAY)
            if stored in (entry, CLOSED):
                return place, stored


def in_its_hour(store: Store, policy: Policy, case: Case, index: int, *, now: float, nonce: str) -> Case:
    """Return the case with a notice as its hour allows: due with the number of the others, postponed, or cancelled.

    Raises Outage.
    """
    debt = case.debts[index]
    entry = next((entry for entry in policy.notify if debt.notice and entry.name == debt.notice.entry), None)
    if debt.notice is None or debt.notice.event.name != "undelivered" or not (entry and is_for_operators(entry)):
        return case
    key = f"undelivered {entry.name} {debt.event_type} {debt.notice.person} {cause(debt.notice.event.reason)}"
    turn = Hour(store, key).turn(f"{case.request.id}/{index}", now)
    if turn is None:
        return debts.cancel(case, index, COUNTED)
    if turn.at > now:
        return debts.postpone(case, index, nonce=nonce, until=turn.at)
    counting = replace(debt.notice, event=replace(debt.notice.event, others=turn.others))
    return replace(case, debts=(*case.debts[:index], replace(debt, notice=counting), *case.debts[index + 1 :]))


def _holder(stored: str | None) -> str:
    return (stored or "").partition(" ")[0]
