"""A newer request takes the place of older ones of its group; each older case decides for itself when it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from relay.approval.endings import supersede
from relay.approval.groups import Rank, group_of, mark_of
from relay.approval.policy import Policy, newest_counts
from relay.model import ApprovalRequest, Case, Successor
from relay.outbox.commit import Cases, write
from relay.signed import tickets
from relay.signed.request import MAX_LIFETIME

AHEAD: Final = tickets.LEEWAY  # seconds that a request may be dated ahead of the clock, to be newer than the one before


class Groups(Cases, Protocol):
    """Who waits in a group, and who is its newest."""

    def add_to_group(self, group: str, mark: Rank) -> None:
        """Note that a request waits in its group."""

    def take_lead(self, group: str, mark: Rank) -> tuple[Rank, list[Rank]]:
        """Make `mark` the newest of its group unless a newer one is; return the newest, and all who wait there."""

    def newest(self, group: str) -> Rank | None:
        """Return the newest request known of a group."""

    def remove_from_group(self, group: str, mark: Rank) -> None:
        """Note that a request waits no longer."""


@dataclass(frozen=True, slots=True)
class Supersession:
    """Who follows whom, under rules with `supersede`; `clock` returns Unix seconds, `nonce` a new random word.

    A newcomer notes that it waits, is committed, takes the lead and only then reads who else waits. Of two that come
    at once the later to take the lead sees the other; so whichever is older is closed, by the other or by itself.
    """

    groups: Groups
    policy: Policy
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def applies(self, request: ApprovalRequest) -> bool:
        """Tell whether a newer request of the same group closes this one."""
        return newest_counts(self.policy, request)

    def date(self, request: ApprovalRequest) -> int:
        """Return when a request registered now was made: within its group no two in one second."""
        newest = self.groups.newest(_group(request))
        now = request.issued_at
        return newest.issued_at + 1 if newest and now <= newest.issued_at < now + AHEAD else now

    def add(self, request: ApprovalRequest) -> None:
        """Note that a request waits, before its case is committed."""
        self.groups.add_to_group(_group(request), mark_of(request))

    def close_older(self, case: Case) -> None:
        """Close those whose place a committed case takes; or the case itself, where a newer one is known."""
        group, mine = _group(case.request), mark_of(case.request)
        newest, waiting = self.groups.take_lead(group, mine)
        if newest > mine:
            other = self.groups.load(newest.id)
            self._close(group, mine, Successor(newest.id, other.request.title if other else ""))
        for mark in waiting:
            if mark < mine:
                self._close(group, mark, Successor(case.request.id, case.request.title))

    def _close(self, group: str, mark: Rank, newer: Successor) -> None:
        while True:
            case = self.groups.load(mark.id)
            if case is None:  # it is not committed yet, and will see for itself who leads; or it never was
                if mark.issued_at + MAX_LIFETIME < self.clock():
                    self.groups.remove_from_group(group, mark)
                return
            now = self.clock()
            step = supersede(case, newer, self.policy, now)
            if not step.changed or write(self.groups, case, step.case, nonce=self.nonce(), now=now) is not None:
                self.groups.remove_from_group(group, mark)
                return


def _group(request: ApprovalRequest) -> str:
    return group_of(request, request.event_type)
