"""The pause before a debt is tried again: exponential back-off with full jitter, never less than was asked for."""

from typing import Final

from relay.model.debts import RetryAfter

FIRST_WAIT: Final = 5.0  # seconds
# With a timer that runs every five seconds, a notice is tried again within ten.
FIRST_WAIT_OF_NOTICES: Final = 2.0  # seconds
LONGEST_WAIT: Final = 3_600.0  # seconds
AMBIGUOUS_WAIT: Final = 10.0  # seconds, so that a debt that may have arrived can still be seen


def wait(outcome: RetryAfter, attempts: int, jitter: float, first: float = FIRST_WAIT) -> float:
    """Return the seconds until the next attempt: full jitter, doubling from `first` to 1 h, no less than asked for."""
    if not outcome.tried:
        return max(1.0, outcome.seconds)
    ceiling = min(LONGEST_WAIT, first * 2.0 ** min(attempts, 20))
    chosen = first + jitter * (ceiling - first)
    return max(chosen, least_wait(outcome, first))


def least_wait(outcome: RetryAfter, first: float = FIRST_WAIT) -> float:
    """Return the seconds before which the outside is not asked again."""
    return max(first, outcome.seconds, AMBIGUOUS_WAIT if outcome.ambiguous else 0.0)
