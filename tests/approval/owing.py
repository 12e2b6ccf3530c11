"""A case with one debt, and an attempt to pay it."""

from dataclasses import replace

from relay.approval import debts
from relay.model.case import Case
from relay.model.debts import Debt, Outcome
from relay.signed.request import read_form

NOW = 1_790_000_000
DAY = 86_400
REQUEST = read_form(
    {"repository": "octo/api", "event_type": "deploy", "title": "t"}, issued_at=NOW, nonce="n" * 22, lifetime=DAY
)
OWED = Debt("deploy", NOW, NOW)
LEASED = replace(OWED, lease="me", due_at=NOW + 19.0)


def case(*owed: Debt) -> Case:
    return Case(REQUEST, "oidc", debts=owed)


def settle(debt: Debt, outcome: Outcome, *, now: float = NOW + 1, jitter: float = 0.0) -> Debt:
    settled = debts.record_outcome(case(OWED, debt), 1, "me", outcome, now=now, jitter=jitter, nonce="n")
    assert settled is not None
    assert (OWED, 2) == (settled.debts[0], len(settled.debts))
    return settled.debts[1]
