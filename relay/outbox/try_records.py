"""The messages that go out: one for each try of a debt, by its kind."""

import re
from collections.abc import Mapping
from typing import Final

from relay.approval.debts import shown_kind
from relay.approval.policy import Policy
from relay.journal.calls import record
from relay.journal.messages import Message
from relay.model.case import Case
from relay.model.debts import Debt, DebtStatus, Delivered, Outcome, Refused, RetryAfter

GITHUB: Final = "github"
_OF_CHANNELS: Final[Mapping[str, str]] = {"webhook": "hook"}  # kinds of channels that messages call otherwise
_OTHERS: Final = re.compile(r"[^a-z0-9]+")
_MAX_CODE: Final = 60


def record_try(case: Case, index: int, outcome: Outcome, *, status: DebtStatus, policy: Policy, at: float) -> None:
    """Record the try of a debt that began at `at`. A debt that only waits for its turn was not tried.

    `case` is as it was before, and `status` that of the debt afterwards.
    """
    debt, request = case.debts[index], case.request
    match outcome:
        case RetryAfter(tried=False):
            return
        case Delivered():
            result, check = "delivered", ""
        case Refused(phrase=phrase):
            result, check = "dead" if status == "dead" else "refused", cause(phrase)
        case _:
            result, check = "dead" if status == "dead" else "retry", cause(outcome.phrase)
    record(
        Message(
            at=at,
            direction="out",
            channel=channel_of(case, debt, policy),
            what=_name(case, debt),
            outcome=result,
            check=check,
            attempt=debt.attempts + 1,
            request=request.id,
            repository=request.repository,
            trace=debt.trace,
        )
    )


def cause(phrase: str) -> str:
    """Return the code of a failure, from the relay's own phrase for it: small letters, digits and hyphens."""
    return _OTHERS.sub("-", phrase.lower()).strip("-")[:_MAX_CODE].strip("-")


def channel_of(case: Case, debt: Debt, policy: Policy) -> str:
    """Return the channel of the messages of a debt, or an empty text if the policy no longer has it."""
    if debt.kind == "dispatch":
        return GITHUB
    channel = policy.channel(debt.event_type, case.conversation)
    return _OF_CHANNELS.get(channel.kind, channel.kind) if channel else ""


def _name(case: Case, debt: Debt) -> str:
    updates = debt.card is not None and debt.card.message
    return f"{debt.kind}-update" if updates else shown_kind(case, debt)
