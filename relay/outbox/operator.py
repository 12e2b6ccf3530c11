"""Debts that are owed or dead, as the operator sees and moves them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.approval import debts, wording
from relay.approval.cards import owed_anew
from relay.errors import Refusal
from relay.journal import log as journal
from relay.journal.events import Event, entry, of_case
from relay.model import Case, Debt
from relay.outbox.commit import with_wake_ups
from relay.outbox.timer import STALE_ROW
from relay.store.contract import Store

GIVEN_UP: Final = "It was given up already, since a newer approval of the same came before it was sent."
_STUCK: Final = ("owed", "refused", "dead")


@dataclass(frozen=True, slots=True)
class Outbox:
    """The debts of all cases; `clock` returns Unix seconds, `nonce` a new random word.

    `by` names the operator in the log.
    """

    store: Store
    clock: Callable[[], float]
    nonce: Callable[[], str]
    by: str = ""

    def owed(self) -> list[tuple[Case, int]]:
        """Return every debt that is owed, refused or dead and was not dropped: its case, and its index there."""
        rows: dict[str, set[debts.WakeUp]] = {}
        for row in self.store.rows():
            rows.setdefault(row.case_id, set()).add(row)
        found: list[tuple[Case, int]] = []
        for case_id, known in rows.items():
            case = self.store.load(case_id)
            # A commit that was cut off may have left a parked wake-up, and no timer run would meet it.
            for row in known - (debts.rows_of(case) if case else frozenset()):
                if row.due_at < self.clock() - STALE_ROW:
                    self.store.drop_row(row)
            if case:
                found += [(case, index) for index, debt in enumerate(case.debts) if debt.row and debt.status in _STUCK]
        return found

    def replay(self, case_id: str, *, card: str = "", anyway: bool = False) -> Case:
        """Owe the unpaid dispatches of a case anew, due now, or its card in a channel.

        Raises Refusal unknown-request, being-paid. Raises Refusal overtaken if a newer approval of the same was
        delivered meanwhile, unless `anyway`: then the debt goes last.
        """
        now, nonce = self.clock(), self.nonce()

        def renew(case: Case, index: int) -> Case:
            overtaken = self._is_overtaken(case, case.debts[index])
            if overtaken and not anyway:
                raise Refusal("overtaken", "a newer one was delivered", message=wording.refusal("overtaken"))
            return debts.replay(case, index, now=now, nonce=nonce, last=overtaken)

        statuses = (*_STUCK, "cancelled") if anyway else _STUCK
        cancelled = wording.refusal("overtaken")
        return self._rewrite("replayed", case_id, card, renew, nonce, statuses, if_cancelled=cancelled)

    def drop(self, case_id: str, *, card: str = "") -> Case:
        """Give up the unpaid dispatches of a case for good, or its card in a channel.

        Raises Refusal unknown-request, being-paid. Raises Refusal overtaken if a newer approval cancelled them.
        """
        return self._rewrite("dropped", case_id, card, debts.drop, self.nonce(), _STUCK, if_cancelled=GIVEN_UP)

    def _rewrite(
        self,
        event: Event,
        case_id: str,
        card: str,
        change: Callable[[Case, int], Case],
        nonce: str,
        statuses: Sequence[str],
        *,
        if_cancelled: str,
    ) -> Case:
        while True:
            case = self.store.load(case_id)
            rows = {row for row in self.store.rows() if row.case_id == case_id}
            stuck = _stuck(case, card, statuses) if case else []
            if case and not stuck and _stuck(case, card, ("cancelled",)):
                raise Refusal("overtaken", "a newer one took its place", message=if_cancelled)
            if case is None or not stuck:
                raise Refusal("unknown-request", "nothing in the outbox", message="The outbox has nothing of this id.")
            if any(debts.is_leased(case.debts[index], self.clock()) for index in stuck):
                raise Refusal("being-paid", "its lease runs", message=wording.refusal("being-paid"))
            changed = replace(case, version=case.version + 1, commit_id=nonce)
            for index in stuck:
                changed = change(changed, index)
            changed = with_wake_ups(owed_anew(changed, self.clock()), nonce)
            kept = debts.rows_of(changed)
            if self.store.write_case(changed, to_set=kept - rows, to_clear=rows - kept):
                self._write(event, changed, stuck)
                return changed

    def _write(self, event: Event, case: Case, moved: Sequence[int]) -> None:
        """Log the debts that the operator moved."""
        for index in moved:
            debt = case.debts[index]
            channel = debt.event_type if debt.kind == "card" else ""
            journal.write_all([entry(event, {**of_case(case), "channel": channel, "person": self.by})])

    def _is_overtaken(self, case: Case, debt: Debt) -> bool:
        """Tell whether a debt of the same group that came to be owed later was delivered."""
        group = debts.group_of_debt(case, debt)
        return any(
            other.status == "delivered" and other.since > debt.since and debts.group_of_debt(newer, other) == group
            for newer in self.store.released(group)
            for other in newer.debts
        )


def _stuck(case: Case, card: str, statuses: Sequence[str]) -> list[int]:
    """Return the indexes of the debts to move: the card of a channel, or failed debts before those still tried.

    Of either, dispatches go before cards, and alone: to give up a card that cannot be posted keeps the release.
    """
    movable = [
        index
        for index, debt in enumerate(case.debts)
        # A debt that the operator dropped has no wake-up. One that was cancelled with its case stays so.
        if debt.status in statuses and debt.row and (debt.status != "cancelled" or debts.is_still_wanted(case, debt))
        if not card or (debt.card and debt.event_type == card)
    ]

    def rank(index: int) -> tuple[bool, bool]:
        return case.debts[index].status == "owed", case.debts[index].kind == "card"

    first = min(map(rank, movable), default=None)
    return [index for index in movable if rank(index) == first]
