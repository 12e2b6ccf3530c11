"""Notices of events: posted once, in their order, or put in the place of the announcement before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from relay.chats.notices import Notices
from relay.model.case import Case
from relay.model.debts import Outcome, Refused, RetryAfter
from relay.outbox.kinds.contract import LEAST_TIME, NO_TIME, Attempt

TWICE_UNSURE: Final = "the chat may have posted it twice, and said so neither time"


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """Notices, each in its channel."""

    notices: Notices
    clock: Callable[[], float]

    def send(self, case: Case, index: int, deadline: float) -> Attempt:
        """Tell a notice. A post that went unanswered twice is dead, for the operator to look at."""
        if deadline - self.clock() < LEAST_TIME:
            return Attempt(NO_TIME)
        debt = case.debts[index]
        notice, outcome = self.notices.tell(case, index, deadline=deadline)
        if debt.maybe_sent and isinstance(outcome, RetryAfter) and outcome.ambiguous:
            cure = "look whether the words are there; `relay outbox replay` posts them again"
            outcome = Refused(TWICE_UNSURE, cure, in_doubt=True)
        return Attempt(outcome, notice=notice)

    def before_record(self, case: Case, index: int, outcome: Outcome) -> None:
        """Note nothing."""

    def after_record(self, case: Case, index: int, outcome: Outcome) -> None:
        """Note nothing."""
