"""News of the relay itself: that it is failing, and that it has recovered; for one cause at most once an hour.

It is told to the channels of `[[notify]]` entries with these events, at once and not owed: a store that does not answer
owes nothing. An attempt that fails is made again a minute later, at the next look.
"""

import json
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from relay.approval.events import OF_THE_RELAY
from relay.approval.policy import Policy
from relay.chats.notices import Notices
from relay.errors import Outage
from relay.journal import log as journal
from relay.model.case import Case
from relay.model.debts import Debt, Delivered, Refused, RetryAfter
from relay.model.events import CaseEvent, EventName, Notice
from relay.model.request import ORIGIN, ApprovalRequest
from relay.store.contract import Store

EVERY: Final = 3_600.0  # seconds between two messages of one cause
KEPT: Final = 30 * 86_400.0  # seconds that a cause without a recovery is remembered
AGAIN: Final = 60.0  # seconds until a process tries again after no channel took a message
BUDGET: Final = 5.0  # seconds for one message
_KEY: Final = "alarm"


@dataclass(frozen=True, slots=True)
class Alarm:
    """The operators' alarm; `clock` returns Unix seconds, `nonce` a new random word.

    The store lists the causes that are announced. `memory` stands in while it does not answer: it has the causes that
    this process announced meanwhile, each since when, and when each event of a cause was last told.
    """

    store: Store
    notices: Notices
    policy: Policy
    clock: Callable[[], float]
    nonce: Callable[[], str]
    memory: dict[str, float] = field(default_factory=dict)

    @property
    def is_wanted(self) -> bool:
        """Tell whether the policy has an entry for events of the relay itself."""
        return any(not OF_THE_RELAY.isdisjoint(entry.on) for entry in self.policy.notify)

    def tell(self, troubles: Mapping[str, str]) -> None:
        """Tell each trouble, by its cause, that is new or still there after an hour, and each that is over."""
        try:
            announced = self._listed()
        except Outage:
            announced = {}
        told = {
            cause: detail
            for cause, detail in troubles.items()
            if self._tell_once("failing", cause, f"{cause}: {detail}")
        }
        over = {
            cause
            for cause in {*announced, *self._kept_here()} - {*troubles}
            if self._tell_once("recovered", cause, cause) or self._was_told_elsewhere(cause)
        }
        self._remember(told, over)

    def _listed(self) -> dict[str, str]:
        """Return the announced causes that the store lists. Raises Outage."""
        found: dict[str, str] = json.loads(self.store.get(_KEY, now=self.clock()) or "{}")
        return found

    def _kept_here(self) -> list[str]:
        """Return the causes that this process announced while the store did not answer."""
        return [cause for cause in [*self.memory] if " " not in cause]

    def _remember(self, told: Mapping[str, str], over: Collection[str]) -> None:
        """Add to the list the causes just `told`, and remove those that are `over`."""
        # The rest stays as it is now: another process may have changed it since this one read it.
        for cause in over:
            self.memory.pop(cause, None)  # another thread may look at the same time
        try:
            kept, listed = self._kept_here(), self._listed()
            left = {cause: detail for cause, detail in listed.items() if cause not in over}
            changed = {**dict.fromkeys(kept, ""), **left, **told}
            if changed != listed:
                self.store.put(_KEY, json.dumps(changed), until=self.clock() + KEPT)
            for cause in kept:
                self.memory.pop(cause, None)
        except Outage:
            for cause in told:
                self.memory.setdefault(cause, self.clock())

    def _was_told_elsewhere(self, cause: str) -> bool:
        """Tell whether another process told the end of a cause that this one announced without the store."""
        since = self.memory.get(cause)
        if since is None:
            return False
        try:
            told = self.store.get(f"{_KEY} recovered {cause}", now=self.clock()) or ""
        except Outage:
            return False
        return float(told.partition(" ")[2] or 0) >= since

    def _tell_once(self, event: EventName, cause: str, reason: str) -> bool:
        """Tell an event of a cause unless it was told within the hour. Return whether it was told."""
        if not self._may_tell(f"{event} {cause}"):
            return False
        if self._send(event, cause, reason):
            return True
        # No channel took it, so a later look tries again. Not each: anybody may call health, and waits for this.
        self.memory[f"{event} {cause}"] = self.clock() - EVERY + AGAIN
        with suppress(Outage):
            self.store.put(f"{_KEY} {event} {cause}", "", until=self.clock())
        return False

    def _may_tell(self, event: str) -> bool:
        """Tell whether an hour has passed since this event of a cause was last told by any process."""
        now = self.clock()
        if self.memory.get(event, -EVERY) > now - EVERY:
            return False
        self.memory[event] = now
        try:
            mine = f"{self.nonce()} {now}"
            return self.store.put_if_absent(f"{_KEY} {event}", mine, now=now, until=now + EVERY) == mine
        except Outage:
            return True

    def _send(self, event: EventName, cause: str, reason: str) -> bool:
        """Tell every channel. Return whether one of them took it, or there is none to tell."""
        now = self.clock()
        notice = Notice(CaseEvent(event, int(now), int(now), reason=reason), "alarm")
        # A receiver knows an event by its id: of one second each cause has its own, and so has its end.
        about = ApprovalRequest(f"relay-{cause}-{event}", "", "The relay", int(now), int(now), "")
        outcomes = [
            self._to(channel, about, replace(notice, text=text, person=person))
            for channel, person, text in self._lanes(event)
        ]
        return not outcomes or any(outcomes)

    def _lanes(self, event: EventName) -> Iterator[tuple[str, str, str]]:
        for entry in self.policy.notify:
            if event in entry.on:
                for name in entry.to:
                    channel = self.policy.channels.get(name) if name != ORIGIN else None
                    for person in (channel.people or ("",)) if channel else ():
                        yield name, person, entry.text

    def _to(self, channel: str, about: ApprovalRequest, notice: Notice) -> bool:
        now, event = self.clock(), notice.event
        case = Case(about, "key", debts=(Debt(channel, event.at, now, kind="notice", notice=notice),))
        _, outcome = self.notices.tell(case, 0, deadline=now + BUDGET)
        if not isinstance(outcome, Delivered):
            why = outcome.phrase if isinstance(outcome, Refused | RetryAfter) else ""
            fields = {"outcome": "not posted", "channel": channel, "reason": f"{event.name} {event.reason}: {why}"}
            journal.write("notified", fields, logging.ERROR)
        return isinstance(outcome, Delivered)
