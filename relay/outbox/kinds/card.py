"""Cards in chats: posted once, then updated to show the case as it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from relay.chats.posting import Cards
from relay.model.case import Case
from relay.model.debts import Card, Outcome, Refused, RetryAfter
from relay.outbox.kinds.contract import LEAST_TIME, NO_TIME, Attempt

TWICE_UNSURE: Final = "the chat may have posted it twice, and said so neither time"


@dataclass(frozen=True, slots=True)
class CardKind:
    """Cards. The record of an attempt owes the card anew if the case changed meanwhile."""

    cards: Cards
    clock: Callable[[], float]

    def send(self, case: Case, index: int, deadline: float) -> Attempt:
        """Post or update a card. A post that went unanswered twice is dead, for the operator to look at."""
        debt = case.debts[index]
        card = debt.card or Card(debt.event_type)
        if deadline - self.clock() < LEAST_TIME:
            return Attempt(NO_TIME, card)
        updated, outcome = self.cards.post_or_update(case, card, deadline=deadline)
        if debt.maybe_sent and not card.message and isinstance(outcome, RetryAfter) and outcome.ambiguous:
            cure = "look whether the card is there; `relay outbox replay` posts another"
            outcome = Refused(TWICE_UNSURE, cure, in_doubt=True)
        return Attempt(outcome, updated)

    def before_record(self, case: Case, index: int, outcome: Outcome) -> None:
        """Note nothing."""

    def after_record(self, case: Case, index: int, outcome: Outcome) -> None:
        """Note nothing."""
