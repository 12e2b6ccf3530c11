"""The outbox over HTTP: the debts, and their replay and drop by an operator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from relay.api.json_replies import json_reply
from relay.errors import Refusal, malformed
from relay.journal.calls import note_case
from relay.model.delivery import Delivery, Reply
from relay.outbox.operator import Moved, Outbox
from relay.pages.entrance import own_path
from relay.pages.frame import redirect
from relay.pages.operator.access import Operator, wants_page
from relay.pages.operator.answering import Answering
from relay.pages.operator.debts import shown_debt
from relay.pages.operator.outbox_page import draw_outbox

OUTBOX: Final = "/api/outbox"
_MAX_CARD: Final = 100


@dataclass(frozen=True, slots=True)
class OutboxDesk:
    """The outbox of an operator. `outbox(by)` is that of the store, `clock` returns Unix seconds."""

    answering: Answering
    outbox: Callable[[str], Outbox]
    clock: Callable[[], float]

    def show(self, delivery: Delivery) -> Reply:
        """GET /api/outbox: every debt that is owed, refused or dead."""

        def work(operator: Operator) -> Reply:
            debts, now = self.outbox(operator.id).owed(), self.clock()
            if wants_page(delivery.headers):
                return draw_outbox(debts, operator, self.answering.access, delivery.headers, now)
            return json_reply(200, {"debts": [shown_debt(case, index, now) for case, index in debts]})

        return self.answering.get(delivery, OUTBOX, {}, work)

    def replay(self, delivery: Delivery, case_id: str, query: Mapping[str, str]) -> Reply:
        """POST /api/outbox/{id}/replay: owe the dispatches of a request anew, or one of its cards."""
        return self._move(
            delivery, query, lambda by, card: self.outbox(by).replay_counted(case_id, card=card), "replayed"
        )

    def drop(self, delivery: Delivery, case_id: str, query: Mapping[str, str]) -> Reply:
        """POST /api/outbox/{id}/drop: give them up for good."""
        return self._move(delivery, query, lambda by, card: self.outbox(by).drop_counted(case_id, card=card), "dropped")

    def replay_all(self, delivery: Delivery) -> Reply:
        """POST /api/outbox/replay: owe all that failed anew, or all of one cause."""

        def work(operator: Operator, fields: Mapping[str, str]) -> Reply:
            replayed = self.outbox(operator.id).replay_all(fields.get("cause", ""))
            return _done(operator, fields, {"replayed": replayed})

        return self.answering.post(delivery, OUTBOX, self.clock(), work)

    def _move(
        self, delivery: Delivery, query: Mapping[str, str], move: Callable[[str, str], Moved], done: str
    ) -> Reply:
        def work(operator: Operator, fields: Mapping[str, str]) -> Reply:
            card = fields.get("card", "") or query.get("card", "")
            if len(card) > _MAX_CARD:
                raise malformed("card", "is the name of a channel of the policy")
            try:
                moved = move(operator.id, card)
            except Refusal as refusal:
                if operator.person is None or refusal.code != "unknown-request":
                    raise
                return _done(operator, fields, {})  # a second click came after the first: the page shows what it did
            note_case(moved.case)
            return _done(operator, fields, {done: moved.moved})

        return self.answering.post(delivery, OUTBOX, self.clock(), work)


def _done(operator: Operator, fields: Mapping[str, str], result: Mapping[str, int]) -> Reply:
    """Answer a program with the result, and lead a browser back to the page of its form."""
    if operator.person is None:
        return json_reply(200, result)
    return redirect(303, own_path(fields.get("back", "")) or OUTBOX)
