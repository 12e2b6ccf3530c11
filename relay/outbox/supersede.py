"""A newer request closes the older ones of its group. The case of each older request decides when it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from relay.approval.endings import supersede
from relay.approval.groups import Rank, group_of, rank_of
from relay.approval.policy import Policy
from relay.approval.releases import newest_counts, overtakes, release_of
from relay.approval.wording import deciding
from relay.model.case import Case, Successor
from relay.model.request import ApprovalRequest
from relay.outbox.commit import write
from relay.signed import tickets
from relay.signed.request import MAX_LIFETIME
from relay.store.contract import Store

AHEAD: Final = tickets.LEEWAY  # seconds that a request may be dated ahead of the clock, to be newer than the one before


@dataclass(frozen=True, slots=True)
class Supersession:
    """The order of requests under rules with `supersede`; `clock` returns Unix seconds, `nonce` a new random word.

    A new request is added to its group, committed, takes the lead and only then reads the others that wait. Of two
    at once the later to take the lead sees the other. So the older one is closed, by the newer or by itself.
    """

    store: Store
    policy: Policy
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def applies(self, request: ApprovalRequest) -> bool:
        """Tell whether a newer request of the same group closes this one."""
        return newest_counts(self.policy, request)

    def date(self, request: ApprovalRequest) -> int:
        """Return the issue time of a request registered now: no two of a group have the same second."""
        newest = self.store.newest(_group(request))
        now = request.issued_at
        return newest.issued_at + 1 if newest and now <= newest.issued_at < now + AHEAD else now

    def add(self, request: ApprovalRequest) -> None:
        """Add a request to its group, before its case is committed."""
        self.store.add_to_group(_group(request), rank_of(request))

    def rank(self, case: Case, commit: Callable[[Case, Case], Case | None]) -> bool:
        """Take a pressed request into the order of its group. Return False if another commit was faster.

        The request was self-contained, or was made before its rule looked at the order.
        """
        # Done at each press that would count, since an earlier one may have been stopped half way.
        self.add(case.request)
        known = case if case.version else commit(case, case)
        if known is None:
            return False
        self.close_older(known)
        return True

    def is_overtaken(self, case: Case) -> bool:
        """Tell whether GitHub has taken a newer approval since the decision of a case."""
        decided = deciding(case.debts)
        release = release_of(self.policy, case, decided) if decided else None
        newest = self.store.newest(release.group) if release else None
        return release is not None and overtakes(newest, release.rank)

    def close_older(self, case: Case) -> None:
        """Close all older requests of the group. If a newer one exists already, close this one too."""
        group, rank = _group(case.request), rank_of(case.request)
        newest, waiting = self.store.take_lead(group, rank)
        if newest > rank:
            newer = self.store.load(newest.id)
            self._close(group, rank, Successor(newest.id, newer.request.title if newer else ""))
        for older in waiting:
            if older < rank:
                self._close(group, older, Successor(case.request.id, case.request.title))

    def _close(self, group: str, rank: Rank, successor: Successor) -> None:
        while True:
            case = self.store.load(rank.id)
            if case is None:  # not committed yet: it will take the lead, and close itself. Or it never will be
                if rank.issued_at + MAX_LIFETIME < self.clock():
                    self.store.remove_from_group(group, rank)
                return
            now = self.clock()
            step = supersede(case, successor, self.policy, now)
            if (
                not step.changed
                or write(self.store, self.policy, case, step.case, nonce=self.nonce(), now=now) is not None
            ):
                self.store.remove_from_group(group, rank)
                return


def _group(request: ApprovalRequest) -> str:
    return group_of(request, request.event_type)
