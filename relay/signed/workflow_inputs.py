"""Inputs of a workflow_dispatch: the requester's keys as texts and, under `approval`, the decision with its receipt.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_dispatchinputs
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.values import Json
from relay.signed import canonical_json
from relay.signed.dispatch_payload import COMMENT_LENGTHS, statement
from relay.signed.fields import OURS
from relay.signed.receipt_keys import ReceiptKey
from relay.signed.receipts import mint, payload_sha256

TARGET: Final = "workflow_dispatch"
MAX_INPUTS: Final = 25  # of which one is ours
MAX_CHARACTERS: Final = 65_535  # of all inputs together
KEPT_FREE: Final = 16 * 1024  # characters of these for `approval`
_REVIEW: Final = 1_300  # characters that a review without comment may take, in `approval` and in its receipt
_REST: Final = 6_000  # characters that `approval` may take beside its reviews
_CUT: Final = "\u2026"


def inputs_of(client_payload: Json) -> dict[str, str]:
    """Return the requester's keys as inputs: texts as they are, all else as canonical JSON."""
    return {
        name: value if isinstance(value, str) else canonical_json.encode(value).decode()
        for name, value in client_payload.items()
    }


def size(inputs: Mapping[str, str]) -> int:
    """Return the characters of inputs, as JSON."""
    return len(json.dumps(dict(inputs), ensure_ascii=False, separators=(",", ":")))


def inputs_room(reviews: int) -> int:
    """Return the characters that the requester's inputs may have under a rule that asks for so many reviews."""
    return MAX_CHARACTERS - max(KEPT_FREE, _REST + _REVIEW * reviews)


def workflow_inputs(
    case: Case, debt: Debt, key: ReceiptKey, *, issuer: str, policy_sha256: str, now: float, supersede: bool
) -> dict[str, str]:
    """Return all inputs of a release. The receipt is made anew at each payment and is valid for a day.

    Comments are cut, with an ellipsis, if `approval` would need more characters than are kept free for it.
    """
    inputs = inputs_of(case.request.client_payload)
    claims = {
        "supersede": supersede,
        "target": TARGET,
        "workflow": debt.workflow,
        "inputs": sorted(inputs),
        "payload_sha256": payload_sha256(inputs),
    }
    for length in COMMENT_LENGTHS:
        approval = statement(_cut(case, length), debt)
        receipt = mint(case, debt, approval, key, claims, issuer=issuer, policy_sha256=policy_sha256, now=now)
        whole = {**inputs, OURS: canonical_json.encode({**approval, "receipt": receipt}).decode()}
        if size({OURS: whole[OURS]}) <= KEPT_FREE and size(whole) <= MAX_CHARACTERS:
            break
    return whole


def _cut(case: Case, length: int) -> Case:
    return replace(
        case,
        reviews=tuple(
            replace(each, comment=each.comment[: max(0, length - 1)] + _CUT) if len(each.comment) > length else each
            for each in case.reviews
        ),
    )
