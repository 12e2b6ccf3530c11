"""Wake-ups: the index rows by which a store finds the cases with something to do. Pure."""

from dataclasses import dataclass
from typing import Final

from relay.approval.groups import CARD, NOTICE, group_of, group_of_card, group_of_notices
from relay.model.case import Case
from relay.model.debts import Debt, DebtKind

LIFE: Final = "life"  # the nonce of the row that wakes a case, to expire it or to remove it


@dataclass(frozen=True, slots=True)
class WakeUp:
    """An index row that wakes a case at `due_at`. `nonce` names the commit that wrote it, and the debt.

    The row of a debt has the `group` of the debt, its position there (`since`), and whether it was `tried` before. A
    row without group wakes the case itself. A `parked` row lists a debt for the operator alone, and is never due.
    """

    due_at: float
    case_id: str
    nonce: str
    group: str = ""
    since: float = 0.0
    parked: bool = False
    tried: bool = False

    @property
    def kind(self) -> DebtKind:
        """Return the kind of the row's debt, without loading the case."""
        if self.group.startswith(CARD):
            return "card"
        return "notice" if self.group.startswith(NOTICE) else "dispatch"


def group_of_debt(case: Case, debt: Debt) -> str:
    """Return the group in which a dispatch waits its turn. The group of cards and of notices is the channel."""
    if debt.kind == "card":
        return group_of_card(debt.event_type)
    if debt.kind == "notice":
        return group_of_notices(debt.event_type)
    return group_of(case.request, debt.event_type)


def row_of(case: Case, index: int) -> WakeUp:
    """Return the row of a debt, as written by the last commit that changed the debt."""
    debt = case.debts[index]
    group = group_of_debt(case, debt)
    parked, tried = debt.status != "owed", debt.attempts > 0 or debt.maybe_sent
    return WakeUp(debt.due_at, case.request.id, debt.row, group, debt.since, parked, tried)


def rows_of(case: Case) -> frozenset[WakeUp]:
    """Return every row of the case: one for each debt that is not paid, cancelled or dropped, and one for its life."""
    listed = ("owed", "refused", "dead")
    owed = [index for index, debt in enumerate(case.debts) if debt.row and debt.status in listed]
    life = [WakeUp(case.life_at, case.request.id, LIFE)] if case.life_at else []
    return frozenset([*(row_of(case, index) for index in owed), *life])
