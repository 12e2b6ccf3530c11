"""Receipts: the signed statement, for the released workflow, of the decision, its reviewers and the payload."""

from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature

from relay.errors import Refusal
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.values import Json
from relay.signed import canonical_json, jws
from relay.signed.fields import OURS
from relay.signed.receipt_keys import ReceiptKey, public_key

LIFETIME: Final = 86_400
LEEWAY: Final = 300


def receipt_fields(approval: Mapping[str, Any]) -> dict[str, object]:
    """Return the fields of `approval` as a receipt claims them, with the SHA-256 of each comment in its place.

    Raises KeyError, TypeError or AttributeError if `approval` does not have the form of `statement`.
    """
    fields = {name: value for name, value in approval.items() if name != "receipt"}
    fields["reviews"] = [
        {**review, "comment": canonical_json.sha256(review["comment"].encode())} for review in approval["reviews"]
    ]
    return fields


def verify(receipt: str, keys: Mapping[str, object], *, issuer: str, repository: str, now: float) -> dict[str, Any]:
    """Return the claims of a genuine receipt for `repository`.

    `keys` is the JWKS of the relay at the origin `issuer`. Raises Refusal not-genuine. Total: any text and keys in,
    claims or Refusal out.
    """
    claims = open_receipt(receipt, keys, issuer=issuer)
    if str(claims.get("aud")).lower() != repository.lower():
        made_for = f"made for {claims.get('aud')}, and this is {repository}; after a rename ask again"
        raise _not_genuine("made for another repository", made_for)
    late = "not valid at this time; a receipt lives one day"
    if not has_begun(claims, now):
        ahead = round((claims["iat"] - now) / 60)
        raise _not_genuine(late, f"made {ahead} minutes ahead of this clock: set that of the runner, or of the relay")
    if has_ended(claims, now):
        raise _not_genuine(late, "made more than a day ago, and a receipt lives one day: ask again")
    return claims


def check_form(receipt: str) -> None:
    """Raise Refusal not-genuine unless a text has the form of a receipt. Its signature is not looked at."""
    _read(receipt)


def has_begun(claims: Mapping[str, Any], now: float) -> bool:
    """Tell whether a receipt was made by now, with five minutes of leeway."""
    return int(claims["iat"]) <= now + LEEWAY


def has_ended(claims: Mapping[str, Any], now: float) -> bool:
    """Tell whether a receipt has expired, with five minutes of leeway."""
    return int(claims["exp"]) <= now - LEEWAY


def open_signed(text: str, keys: Mapping[str, object], *, issuer: str) -> dict[str, Any]:
    """Return the claims of a JWS that this relay signed with a receipt key. Raises Refusal not-genuine.

    Total: any arguments in, claims with an integer iat or Refusal out.
    """
    unverified = _read(text)
    header = unverified.header
    public = public_key(keys, header.get("kid"))
    if set(header) - {"alg", "kid", "typ"} or header.get("alg") != "EdDSA" or public is None:
        raise _not_genuine("signed by no key of this relay")
    try:
        public.verify(unverified.signature, unverified.signed)
        claims = canonical_json.parse(unverified.payload)
    except InvalidSignature:
        raise _not_genuine("signature") from None
    except ValueError:
        raise _not_genuine("claims") from None
    if not isinstance(claims, dict) or type(claims.get("iat")) is not int:
        raise _not_genuine("claims")
    if claims.get("iss") != issuer:
        reason = "made by another relay: RELAY_URL must be what the operator set as RELAY_PUBLIC_URL"
        raise _not_genuine("made by another relay", reason)
    return claims


def open_receipt(receipt: str, keys: Mapping[str, object], *, issuer: str) -> dict[str, Any]:
    """Return the claims of a receipt that this relay signed, for any repository, even if it has expired.

    Raises Refusal not-genuine. Total: any arguments in, claims with integer times or Refusal out.
    """
    claims = open_signed(receipt, keys, issuer=issuer)
    if type(claims.get("exp")) is not int:
        raise _not_genuine("claims")
    return claims


def payload_sha256(client_payload: Json) -> str:
    """Return the digest of the requester's keys alone, as a receipt claims it. Raises as `canonical_json.encode`."""
    return canonical_json.sha256(
        canonical_json.encode({key: each for key, each in client_payload.items() if key != OURS})
    )


def mint(  # noqa: PLR0913 - each goes by its name
    case: Case,
    debt: Debt,
    approval: Mapping[str, Any],
    key: ReceiptKey,
    more: Mapping[str, object],
    *,
    issuer: str,
    policy_sha256: str,
    now: float,
) -> str:
    """Return the receipt of an `approval`. `more` are claims beside its fields, `payload_sha256` among them."""
    claims = receipt_fields(approval) | {
        "iss": issuer,
        "aud": case.request.repository,
        "jti": case.request.id,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
        "event_type": debt.event_type,
        "policy_sha256": policy_sha256,
        **more,
    }
    return jws.write(canonical_json.encode(claims), algorithm="EdDSA", kid=key.kid, sign=key.private.sign)


def _read(receipt: str) -> jws.Unverified:
    try:
        return jws.read(receipt)
    except ValueError:
        raise _not_genuine("form") from None


def _not_genuine(check: str, reason: str = "") -> Refusal:
    # Where a reason is given the signature holds, so nothing was forged.
    message = f"The receipt was {reason}." if reason else f"The receipt is not genuine: {check}."
    return Refusal("not-genuine", f"receipt: {check}", message=message)
