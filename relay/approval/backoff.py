"""The pause before a debt is tried again: exponential back-off with full jitter, never less than was asked for."""

from typing import Final

from relay.model.debts import RetryAfter

FIRST_WAIT: Final = 5.0  # seconds
LONGEST_WAIT: Final = 3_600.0  # seconds
AMBIGUOUS_WAIT: Final = 10.0  # seconds, so that a debt that may have arrived can still be seen


def wait(outcome: RetryAfter, attempts: int, jitter: float) -> float:
    """Return the seconds until the next attempt: full jitter, doubling from 5 s to 1 h, but no less than asked for."""
    if not outcome.tried:
        return max(1.0, outcome.seconds)
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempts, 20))
    chosen = FIRST_WAIT + jitter * (ceiling - FIRST_WAIT)
    return max(chosen, least_wait(outcome))


def least_wait(outcome: RetryAfter) -> float:
    """Return the seconds before which the outside is not asked again."""
    return max(FIRST_WAIT, outcome.seconds, AMBIGUOUS_WAIT if outcome.ambiguous else 0.0)
