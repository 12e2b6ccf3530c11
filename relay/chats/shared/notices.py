"""Notices as several chats post them."""

from dataclasses import replace

from relay.model.debts import Outcome, RetryAfter


def without_doubt(outcome: Outcome) -> Outcome:
    """Return the outcome of a notice; an error that the chat answered means that nothing was posted.

    A chat that is down says so for an hour. A notice that it may have posted all the same is better told twice than
    left to the operator. Only a post without any answer stays in doubt.
    """
    return replace(outcome, ambiguous=False) if isinstance(outcome, RetryAfter) and outcome.answered else outcome
