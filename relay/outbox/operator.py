"""What is owed or dead, as the operator sees and moves it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from relay.approval import debts, wording
from relay.approval.cards import owed_anew
from relay.approval.debts import WakeUp
from relay.errors import Refusal
from relay.model import Case, Debt
from relay.outbox.commit import Cases, with_wake_ups
from relay.outbox.timer import STALE_ROW

GIVEN_UP: Final = "It was given up already, since a newer approval of the same came before it was sent."
_STUCK: Final = ("owed", "refused", "dead")


class Records(Cases, Protocol):
    """The store, seen by the operator."""

    def rows(self) -> Iterable[WakeUp]:
        """Return every row of a debt, due, waiting or parked."""

    def drop_row(self, row: WakeUp) -> None:
        """Remove a row that stands for nothing."""

    def released(self, group: str) -> Sequence[Case]:
        """Return the cases that were approved to release in a group; it may take its time."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """The debts of all cases; `clock` returns Unix seconds, `nonce` a new random word."""

    records: Records
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def owed(self) -> list[tuple[Case, int]]:
        """Return every debt that is owed, refused or dead and was not dropped, with its place in its case.

        A row that a commit left which was cut off is removed: no round would meet one that is parked.
        """
        rows: dict[str, set[WakeUp]] = {}
        for row in self.records.rows():
            rows.setdefault(row.case_id, set()).add(row)
        found: list[tuple[Case, int]] = []
        for case_id, known in rows.items():
            case = self.records.load(case_id)
            for row in known - (debts.rows_of(case) if case else frozenset()):
                if row.due_at < self.clock() - STALE_ROW:
                    self.records.drop_row(row)
            if case:
                found += [(case, index) for index, debt in enumerate(case.debts) if debt.row and debt.status in _STUCK]
        return found

    def replay(self, case_id: str, *, card: str = "", anyway: bool = False) -> Case:
        """Make what a case failed to pay owed anew, due now: its dispatches, or the card of a channel.

        Refusal unknown-request, being-paid; overtaken where a newer approval of the same was delivered meanwhile,
        unless `anyway`: then it goes last.
        """
        now, nonce = self.clock(), self.nonce()

        def renew(case: Case, index: int) -> Case:
            overtaken = self._is_overtaken(case, case.debts[index])
            if overtaken and not anyway:
                raise Refusal("overtaken", "a newer one was delivered", message=wording.refusal("overtaken"))
            return debts.replay(case, index, now=now, nonce=nonce, last=overtaken)

        wanted = (*_STUCK, "cancelled") if anyway else _STUCK
        return self._rewrite(case_id, card, renew, nonce, wanted, given_up=wording.refusal("overtaken"))

    def drop(self, case_id: str, *, card: str = "") -> Case:
        """Give up what a case owes, for good: its dispatches, or the card of a channel.

        Refusal unknown-request, being-paid; overtaken where it was given up already for a newer approval.
        """
        return self._rewrite(case_id, card, debts.drop, self.nonce(), _STUCK, given_up=GIVEN_UP)

    def _rewrite(
        self,
        case_id: str,
        card: str,
        change: Callable[[Case, int], Case],
        nonce: str,
        statuses: Sequence[str],
        *,
        given_up: str,
    ) -> Case:
        while True:
            case = self.records.load(case_id)
            rows = {row for row in self.records.rows() if row.case_id == case_id}
            stuck = _stuck(case, card, statuses) if case else []
            if case and not stuck and _stuck(case, card, ("cancelled",)):
                raise Refusal("overtaken", "a newer one took its place", message=given_up)
            if case is None or not stuck:
                raise Refusal("unknown-request", "nothing in the outbox", message="The outbox has nothing of this id.")
            if any(debts.is_leased(case.debts[index], self.clock()) for index in stuck):
                raise Refusal("being-paid", "its lease runs", message=wording.refusal("being-paid"))
            changed = replace(case, version=case.version + 1, commit_id=nonce)
            for index in stuck:
                changed = change(changed, index)
            changed = with_wake_ups(owed_anew(changed, self.clock()), nonce)
            kept = debts.rows_of(changed)
            if self.records.write_case(changed, to_set=kept - rows, to_clear=rows - kept):
                return changed

    def _is_overtaken(self, case: Case, debt: Debt) -> bool:
        """Tell whether what was approved after this debt, in its group, was delivered before it."""
        group = debts.group_of_debt(case, debt)
        return any(
            other.status == "delivered" and other.since > debt.since and debts.group_of_debt(each, other) == group
            for each in self.records.released(group)
            for other in each.debts
        )


def _stuck(case: Case, card: str, statuses: Sequence[str]) -> list[int]:
    """Return what is to be moved: the card of a channel, or what has ended badly before what is still tried.

    Of either, dispatches go before cards, and alone: whoever gives up a card that cannot be posted keeps the release.
    What the operator dropped has no row, and what ended with its case stays so.
    """
    movable = [
        index
        for index, debt in enumerate(case.debts)
        if debt.status in statuses and debt.row and (debt.status != "cancelled" or debts.is_still_wanted(case, debt))
        if not card or (debt.card and debt.event_type == card)
    ]

    def rank(index: int) -> tuple[bool, bool]:
        return case.debts[index].status == "owed", case.debts[index].kind == "card"

    first = min(map(rank, movable), default=None)
    return [index for index in movable if rank(index) == first]
