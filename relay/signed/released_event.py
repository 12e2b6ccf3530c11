"""The check of a released workflow's event: every field is compared with the relay's receipt."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from relay.errors import Refusal
from relay.signed import canonical_json, jws, receipts
from relay.signed.fields import OURS
from relay.signed.workflow_inputs import TARGET as WORKFLOW_DISPATCH

_FIELDS: Final = (
    *("id", "decision", "stage", "repository", "environment", "ref", "sha", "requested_by", "decided_at", "reviews"),
    "proven",
)
_OPTIONAL: Final = ("requested_by_also", "run")
REPOSITORY_DISPATCH: Final = "repository_dispatch"
_BY_HAND: Final = (
    "the input approval holds no approval. Usually a person has started this run, and only the relay fills that input "
    "in; else the workflow does not declare it"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """The facts that the workflow expects: its repository, the decision, and the environment if it names one.

    `max_age` is the greatest age of the receipt in seconds, or 0 for the receipt's own end. `event_name` started the
    run, and `workflow` is the name of its workflow's file, which a workflow_dispatch is for.
    """

    issuer: str
    repository: str
    decision: str
    environment: str = ""
    max_age: int = 0
    event_name: str = REPOSITORY_DISPATCH
    workflow: str = ""


def prove(event: object, keys: Mapping[str, object], expected: Expected, *, now: float) -> dict[str, str]:
    """Return the outputs of `relay verify` for the event that started a run, from the claims of its receipt.

    Raises Refusal not-genuine, whose message names the differing field and never quotes it. Total: any event in,
    outputs or Refusal out.
    """
    receipt = receipt_of(event, expected.event_name)
    approval, requested = _carried(event, expected.event_name)
    claims = receipts.verify(receipt, keys, issuer=expected.issuer, repository=expected.repository, now=now)
    _check_target(claims, event, expected)
    requested = _sent(claims, requested)
    try:
        receipt_fields = receipts.receipt_fields(approval)
        digest = receipts.payload_sha256(requested)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise _differs("the event is not of the form that the relay sends; it was changed on its way") from None
    if claims.get("jti") != receipt_fields.get("id"):
        raise _differs("the receipt is for another approval")
    named = (*_FIELDS, *(name for name in _OPTIONAL if name in claims))
    for name in dict.fromkeys((*named, *receipt_fields)):
        known = name in named and name in claims and name in receipt_fields
        if not known or not _same(claims[name], receipt_fields[name]):
            shown = name if name in (*named, *_OPTIONAL) else "that the relay does not write"
            raise _differs(f"the approval has a field {shown} which differs from what was decided")
    if claims.get("payload_sha256") != digest:
        raise _differs("the payload differs from what was decided on")
    _check_expected(claims, expected, now)
    comments = [review["comment"] for review in approval["reviews"] if review["comment"]]  # their digests were compared
    return _outputs(claims, requested, comments)


def receipt_of(event: object, event_name: str = REPOSITORY_DISPATCH) -> str:
    """Return the receipt that an event carries, unproven. Raises Refusal not-genuine if none has a receipt's form."""
    receipt = _carried(event, event_name)[0].get("receipt")
    if not isinstance(receipt, str):
        raise _differs("the approval carries no receipt; something else than the relay has sent it")
    receipts.check_form(receipt)
    return receipt


def carries_inputs(event: object) -> bool:
    """Tell whether an event brings an approval as a workflow_dispatch of the relay does."""
    with suppress(Refusal):
        return bool(_carried(event, WORKFLOW_DISPATCH))
    return False


def approval_id(event: object) -> str:
    """Return the id of the approval that an event carries, unproven, or "" if it carries none of the relay's form."""
    for event_name in (REPOSITORY_DISPATCH, WORKFLOW_DISPATCH):
        with suppress(Refusal):
            found = _carried(event, event_name)[0].get("id")
            if isinstance(found, str) and re.fullmatch("[a-z2-7]{32}", found):
                return found
    return ""


def newest_counts(receipt: str) -> bool:
    """Tell whether the newest approval counts alone, under the rule of a receipt that `prove` has proven."""
    claims = canonical_json.parse(jws.read(receipt).payload)
    return isinstance(claims, dict) and claims.get("supersede") is True


def _carried(event: object, event_name: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the approval of an event, and the keys beside it. Raises Refusal not-genuine if there is none."""
    by_inputs = event_name == WORKFLOW_DISPATCH
    sent = event.get("inputs" if by_inputs else "client_payload") if isinstance(event, Mapping) else None
    approval = sent.get(OURS) if isinstance(sent, Mapping) else None
    if by_inputs and isinstance(approval, str) and approval.strip():
        try:
            approval = canonical_json.parse(approval)
        except ValueError:
            raise _differs("the input approval is no JSON; something else than the relay has sent it") from None
    if not isinstance(sent, Mapping) or not isinstance(approval, Mapping):
        if by_inputs:
            raise _differs(_BY_HAND)
        raise _differs("the event carries no approval; something else than the relay has sent it")
    return approval, {key: value for key, value in sent.items() if key != OURS}


def _check_target(claims: Mapping[str, Any], event: object, expected: Expected) -> None:
    """Raise Refusal not-genuine unless the receipt is for runs of this event, and of this type or workflow."""
    if claims.get("target", REPOSITORY_DISPATCH) != expected.event_name:
        raise _differs(f"the decision is genuine, and it is not for runs that {expected.event_name} starts")
    if expected.event_name == WORKFLOW_DISPATCH:
        if claims.get("workflow") != expected.workflow:
            raise _differs("the receipt is for another workflow")
    elif not isinstance(event, Mapping) or claims.get("event_type") != event.get("action"):
        raise _differs("the receipt is for another event type")


def _sent(claims: Mapping[str, Any], requested: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the keys that the relay sent: a run has also the inputs to which its workflow gives a default."""
    names = claims.get("inputs")
    if not isinstance(names, list):
        return requested
    return {name: value for name, value in requested.items() if name in names}


def _check_expected(claims: Mapping[str, Any], expected: Expected, now: float) -> None:
    if claims["decision"] != expected.decision:
        raise _differs(f"the decision is genuine, and it is not {expected.decision}")
    made_for = str(claims["environment"] or "")
    if expected.environment and made_for.lower() != expected.environment.lower():
        known = f"another environment: {made_for or 'none'}, and not {expected.environment}"
        raise _differs(f"the decision is genuine, and it was made for {known}")
    age = int(now - claims["iat"])
    if expected.max_age and age > expected.max_age:
        raise _differs(
            f"the decision is genuine, and its receipt is {age} seconds old, more than the {expected.max_age} of "
            "--max-age; ask again"
        )


def _outputs(claims: Mapping[str, Any], requested: Mapping[str, object], comments: Sequence[str]) -> dict[str, str]:
    reviewers = dict.fromkeys(str(review["by"]["id"]) for review in claims["reviews"])
    names = dict.fromkeys(str(review["by"]["name"]) for review in claims["reviews"] if review["verdict"] == "approve")
    return {
        "id": claims["id"],
        "decision": claims["decision"],
        "environment": claims["environment"] or "",
        "ref": claims["ref"] or "",
        "sha": claims["sha"] or "",
        "requested-by": claims["requested_by"]["login"] or "",
        "reviewers": ",".join(reviewers),
        "approved-by": ", ".join(names),
        "comment": "\n".join(comments),
        "payload": canonical_json.encode(requested).decode(),
    }


def _same(one: object, other: object) -> bool:
    """Compare as JSON does, where true is not 1."""
    try:
        return canonical_json.encode(one) == canonical_json.encode(other)
    except ValueError:
        return False


def _differs(check: str) -> Refusal:
    return Refusal("not-genuine", f"event: {check}", message=f"{check[0].upper()}{check[1:]}.")
