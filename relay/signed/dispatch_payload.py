"""The payload of a dispatch: the requester's own keys, and the decision with its receipt."""

from typing import Final

from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import MAX_COMMENT, Review
from relay.model.values import Json, iso
from relay.signed import canonical_json
from relay.signed.fields import OURS
from relay.signed.receipt_keys import ReceiptKey
from relay.signed.receipts import mint, payload_sha256

MAX_BODY: Final = 60_000  # bytes of JSON; GitHub names both 64 KB and 65,535 characters
COMMENT_LENGTHS: Final = (MAX_COMMENT, 200, 40, 0)


def dispatch_payload(
    case: Case,
    debt: Debt,
    key: ReceiptKey,
    *,
    issuer: str,
    policy_sha256: str,
    now: float,
    supersede: bool | None = None,
) -> Json:
    """Return the payload of a dispatch: the requester's keys and, under `approval`, the decision with its receipt.

    The receipt is made anew at each payment and is valid for a day. Comments are shortened if the whole would exceed
    GitHub's limit. `supersede` tells of a release whether the newest counts alone under its rule.
    """
    release = {} if supersede is None else {"supersede": supersede}
    if case.proof == "plain":  # without approval, so without a receipt
        return case.request.client_payload
    for length in COMMENT_LENGTHS:
        approval = statement(case, debt, comment_length=length)
        claims = {**release, "payload_sha256": payload_sha256(case.request.client_payload)}
        receipt = mint(case, debt, approval, key, claims, issuer=issuer, policy_sha256=policy_sha256, now=now)
        payload = {**case.request.client_payload, OURS: {**approval, "receipt": receipt}}
        if canonical_json.size(payload) <= MAX_BODY:
            break
    return payload


def statement(case: Case, debt: Debt, *, comment_length: int = MAX_COMMENT) -> dict[str, object]:
    """Return the fields of `approval`, without the receipt, for the dispatch of `debt`."""
    # A dispatch that is owed before the final decision states only the facts of that time: the request alone, or the
    # stages that had passed and their reviews.
    request, proven = case.request, case.proven
    stage = debt.passed[-1] if debt.passed else ""
    return {
        "id": request.id,
        "decision": debt.decision or case.status,
        "stage": stage if debt.decision else case.stage,
        "repository": request.repository,
        "environment": request.environment or None,
        "ref": request.ref or None,
        "sha": request.sha or None,
        "requested_by": {
            "login": request.requested_by or None,
            "id": request.requested_by_id or None,
            "proven": "requester" in proven,
        },
        "proven": [*proven],
        **({"requested_by_also": request.requested_by_also} if request.requested_by_also else {}),
        **({"run": debt.run} if debt.run > 1 else {}),
        "decided_at": iso(int(debt.since) if debt.decision else case.decided_at),
        "reviews": [
            review_entry(review, comment_length=comment_length)
            for review in case.reviews
            if not debt.decision or review.stage in debt.passed
        ],
    }


def review_entry(review: Review, *, comment_length: int = MAX_COMMENT) -> dict[str, object]:
    """Return a review as an entry of `approval`."""
    return {
        "verdict": review.verdict,
        "by": {"id": review.by.id, "name": review.by.name},
        "stage": review.stage,
        "at": iso(review.at),
        "comment": review.comment[:comment_length],
    }
