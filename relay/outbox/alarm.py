"""News of the relay itself: that it is failing, and that it has recovered; for one cause at most once an hour.

It is told to the channels of `[[notify]]` entries with these events, at once and not owed: a store that does not answer
owes nothing. An attempt that fails is made again a minute later, at the next look.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
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

    `memory` stands in while the store does not answer.
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
        announced = self._announced()
        for cause, detail in troubles.items():
            if self._tell_once("failing", cause, f"{cause}: {detail}"):
                announced[cause] = detail
        for cause in [cause for cause in announced if cause not in troubles]:
            if self._tell_once("recovered", cause, cause):
                del announced[cause]
        self._remember(announced)

    def _announced(self) -> dict[str, str]:
        try:
            found = json.loads(self.store.get(_KEY, now=self.clock()) or "{}")
        except Outage:
            found = {}
        return {**{cause: "" for cause in [*self.memory] if " " not in cause}, **found}

    def _remember(self, announced: Mapping[str, str]) -> None:
        self.memory.update(dict.fromkeys(announced, self.clock()))
        for cause in [cause for cause in [*self.memory] if " " not in cause and cause not in announced]:
            self.memory.pop(cause, None)  # another thread may look at the same time
        with suppress(Outage):  # the memory of this process has it
            known = self.store.get(_KEY, now=self.clock()) or "{}"
            if json.loads(known) != announced:
                self.store.put(_KEY, json.dumps(announced), until=self.clock() + KEPT)

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
            mine = self.nonce()
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
