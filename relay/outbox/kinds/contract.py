"""Contract of a kind of debt. The payer leases, calls and records in the same way for every kind."""

from typing import Final, NamedTuple, Protocol

from relay.model.case import Case
from relay.model.debts import Card, Outcome, RetryAfter
from relay.model.events import Notice

LEAST_TIME: Final = 0.5  # seconds; a chat with a short budget has little more than this beside GitHub's
NO_TIME: Final = RetryAfter("there was no time left", tried=False)  # for a card or a notice with less than that


class Attempt(NamedTuple):
    """An attempt to pay: its outcome, and the message in a chat as it left it, if the debt has one."""

    outcome: Outcome
    card: Card | None = None
    notice: Notice | None = None


class Kind(Protocol):
    """One kind of debt. The caller holds the lease of the debt, and records the attempt."""

    def send(self, case: Case, index: int, deadline: float) -> Attempt:
        """Send a debt, once, by `deadline` (Unix seconds). Raises Outage if nothing was sent, and nothing is known."""

    def before_record(self, case: Case, index: int, outcome: Outcome) -> None:
        """Write facts of the outcome that the store must have before it is recorded. Raises Outage."""

    def after_record(self, case: Case, index: int, outcome: Outcome) -> None:
        """Write facts that follow from a recorded outcome. `case` is as it was before. A failure is lost."""
