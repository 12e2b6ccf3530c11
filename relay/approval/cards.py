"""The cards of a request in its chats. Each is a debt, owed again after every change that it shows. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from relay.approval.debts import is_dispatch, shown_status
from relay.approval.policy import Policy, rule_of
from relay.model.case import Case
from relay.model.debts import Card, Debt
from relay.model.request import ApprovalRequest
from relay.signed import canonical_json


def owe_cards(case: Case, cards: Iterable[Card], now: float) -> Case:
    """Return a new case that owes each of the cards."""
    owed = (
        Debt(event_type=card.channel, created_at=int(now), due_at=now, since=now, kind="card", card=card)
        for card in cards
    )
    return replace(case, debts=(*case.debts, *owed))


def wanted_channels(policy: Policy, request: ApprovalRequest) -> dict[str, tuple[str, ...]]:
    """Return the channels that get a request's card, each with the stages in which alone its buttons live.

    Those are none for a channel that the request or its rule names.
    """
    rule = rule_of(policy, request) if request.event_type else None
    found: dict[str, tuple[str, ...]] = dict.fromkeys((*request.channels, *(rule.channels if rule else ())), ())
    always = frozenset(found)
    for stage in rule.stages if rule else ():
        for name in stage.channels:
            if name not in always:
                found[name] = (*found.get(name, ()), stage.name)
    return found


def fingerprint(case: Case) -> str:
    """Return a digest of all that a card shows beside the request. It is constant for a notification."""
    if not case.request.event_type:
        return "notification"
    reviews = [[review.verdict, review.by.id, review.stage, review.at] for review in case.reviews]
    dispatches = [[debt.event_type, shown_status(debt)] for debt in case.debts if is_dispatch(debt)]
    newer = case.superseded_by.id if case.superseded_by else ""
    run = case.run
    became = [[run.status, run.text, run.url, run.by]] if run else []  # a card without it keeps its fingerprint
    ended = [case.retries_ended] if case.retries_ended else []
    shown = [case.status, case.stage, reviews, dispatches, newer, *became, *ended]
    return canonical_json.sha256(canonical_json.encode(shown))[:16]


def owed_anew(case: Case, now: float) -> Case:
    """Return the case with every outdated card owed again. A card that the operator dropped stays as it is."""
    if not any(debt.kind == "card" for debt in case.debts):
        return case
    shown = fingerprint(case)
    return replace(case, debts=tuple(_anew(debt, shown, now) for debt in case.debts))


def _anew(debt: Debt, shown: str, now: float) -> Debt:
    # A refused card is tried again too: else it would go on showing an old state. A dropped one has no row.
    settled = debt.status in ("delivered", "refused", "dead") and debt.row
    if debt.card is None or not settled or debt.card.fingerprint == shown:
        return debt
    return replace(debt, status="owed", created_at=int(now), due_at=now, since=now, attempts=0, row="", not_before=0.0)
