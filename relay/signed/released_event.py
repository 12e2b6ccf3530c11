"""The check of a released workflow's event: every field is compared with the relay's receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from relay.errors import Refusal
from relay.signed import canonical_json, jws, receipts
from relay.signed.fields import OURS

_FIELDS: Final = (
    *("id", "decision", "stage", "repository", "environment", "ref", "sha", "requested_by", "decided_at", "reviews"),
    "proven",
)
_OPTIONAL: Final = ("requested_by_also",)


@dataclass(frozen=True, slots=True)
class Expected:
    """The facts that the workflow expects: its repository, the decision, and the environment if it names one.

    `max_age` is the greatest age of the receipt in seconds, or 0 for the receipt's own end.
    """

    issuer: str
    repository: str
    decision: str
    environment: str = ""
    max_age: int = 0


def prove(event: object, keys: Mapping[str, object], expected: Expected, *, now: float) -> dict[str, str]:
    """Return the outputs of `relay verify` for a repository_dispatch event, from the claims of its receipt.

    Raises Refusal not-genuine, whose message names the differing field and never quotes it. Total: any event in,
    outputs or Refusal out.
    """
    payload = event.get("client_payload") if isinstance(event, Mapping) else None
    approval = payload.get(OURS) if isinstance(payload, Mapping) else None
    receipt = approval.get("receipt") if isinstance(approval, Mapping) else None
    if not isinstance(event, Mapping) or not isinstance(payload, Mapping) or not isinstance(approval, Mapping):
        raise _differs("the event carries no approval; something else than the relay has sent it")
    if not isinstance(receipt, str):
        raise _differs("the approval carries no receipt; something else than the relay has sent it")
    claims = receipts.verify(receipt, keys, issuer=expected.issuer, repository=expected.repository, now=now)
    requested = {key: value for key, value in payload.items() if key != OURS}
    try:
        receipt_fields = receipts.receipt_fields(approval)
        digest = receipts.payload_sha256(requested)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise _differs("the event is not of the form that the relay sends; it was changed on its way") from None
    if claims.get("event_type") != event.get("action"):
        raise _differs("the receipt is for another event type")
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


def receipt_of(event: Any) -> str:
    """Return the receipt of an event that `prove` has proven."""
    return str(event["client_payload"][OURS]["receipt"])


def newest_counts(event: Any) -> bool:
    """Tell whether the newest approval counts alone, under the rule of an event that `prove` has proven."""
    claims = canonical_json.parse(jws.read(receipt_of(event)).payload)
    return isinstance(claims, dict) and claims.get("supersede") is True


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
