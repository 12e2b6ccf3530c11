"""The outbox of the relay, as `relay outbox` uses it. `relay dev` passes it in, since no route shows it."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from relay.approval.debts import is_due
from relay.dev.simulator.answers import NotTaken
from relay.errors import Outage, Refusal
from relay.model.case import Case
from relay.model.debts import Debt

_BEING_PAID: Final = 409
_UNKNOWN: Final = 404
_STUCK: Final = "The relay's store cannot be used now. Try again; nothing may have changed."


class Outbox:
    """The debts of the relay. `owed` and `replay` are the outbox's own, and raise Refusal and Outage."""

    def __init__(
        self,
        owed: Callable[[], Sequence[tuple[Case, int]]],
        replay: Callable[[str], Case],
        on_change: Callable[[], None],
    ) -> None:
        self._owed = owed
        self._replay = replay
        self._on_change = on_change
        self._last: list[dict[str, object]] = []

    def rows(self) -> list[dict[str, object]]:
        """Return the owed, refused and dead debts, or the last known ones while the store cannot be used.

        A notice without a failure is left out: the next round tells it.
        """
        try:
            debts = self._owed()
        except Outage:
            return self._last
        now = time.time()
        self._last = [_row(case, index, now) for case, index in debts if not _is_on_its_way(case.debts[index])]
        return self._last

    def replay(self, request_id: object) -> None:
        """Owe the debt of a request again. Raises NotTaken."""
        if not isinstance(request_id, str):
            raise NotTaken(400, "id must be a request's id", "id")
        try:
            self._replay(request_id)
        except Refusal as refusal:
            raise NotTaken(_BEING_PAID if refusal.code == "being-paid" else _UNKNOWN, refusal.message) from None
        except Outage:
            raise NotTaken(503, _STUCK) from None
        self._on_change()


def _is_on_its_way(debt: Debt) -> bool:
    return debt.kind == "notice" and debt.status == "owed" and not debt.last_error


def _row(case: Case, index: int, now: float) -> dict[str, object]:
    debt = case.debts[index]
    being_paid = bool(debt.lease) and not is_due(debt, now)
    return {
        "id": case.request.id,
        "title": case.request.title,
        "kind": debt.kind,
        "event_type": debt.event_type,
        "told": debt.notice.event.name if debt.notice else "",
        "status": debt.status,
        "attempts": debt.attempts,
        "last_error": debt.last_error,
        "cure": debt.cure,
        "next_at": debt.due_at if debt.status == "owed" and not being_paid else None,
        "being_paid": being_paid,
    }
