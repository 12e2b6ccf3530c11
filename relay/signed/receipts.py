"""Receipts: the signed statement, for the released workflow, of the decision, its reviewers and the payload."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from relay.errors import Refusal
from relay.model import MAX_COMMENT, Case, Debt, Json, Review, iso
from relay.signed import canonical_json, jws
from relay.signed.fields import OURS

LIFETIME: Final = 86_400
LEEWAY: Final = 300
MAX_BODY: Final = 60_000  # bytes of JSON; GitHub names both 64 KB and 65,535 characters
_COMMENT_LENGTHS: Final = (MAX_COMMENT, 200, 40, 0)
_X: Final = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class ReceiptKey:
    """An Ed25519 key; `kid` is the RFC 7638 thumbprint of its public half."""

    kid: str
    private: Ed25519PrivateKey


def parse_key(text: str) -> ReceiptKey:
    """Read a private key as base64 of its PKCS#8 DER. Raises ValueError with the cure, without quoting it."""
    try:
        key = load_der_private_key(base64.b64decode(text.strip(), validate=True), password=None)
    except (ValueError, TypeError):
        raise ValueError("must be base64 of an Ed25519 key's PKCS#8 DER; `relay keys new` makes one") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("must be an Ed25519 key; `relay keys new` makes one")
    return ReceiptKey(_thumbprint(_x(key)), key)


def format_key(private: Ed25519PrivateKey) -> str:
    """Return the key as `parse_key` reads it."""
    der = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return base64.b64encode(der).decode()


def jwks(keys: Sequence[ReceiptKey]) -> dict[str, object]:
    """Return the public halves as a JSON Web Key Set (RFC 7517, RFC 8037)."""
    public = [
        {"kty": "OKP", "crv": "Ed25519", "x": _x(key.private), "kid": key.kid, "alg": "EdDSA", "use": "sig"}
        for key in keys
    ]
    return {"keys": public}


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
    for length in _COMMENT_LENGTHS:
        approval = statement(case, debt, comment_length=length)
        receipt = _mint(case, debt, approval | release, key, issuer=issuer, policy_sha256=policy_sha256, now=now)
        payload = {**case.request.client_payload, OURS: {**approval, "receipt": receipt}}
        if canonical_json.size(payload) <= MAX_BODY:
            break
    return payload


def statement(case: Case, debt: Debt, *, comment_length: int = MAX_COMMENT) -> dict[str, object]:
    """Return the fields of `approval`, without the receipt, for the dispatch of `debt`."""
    # A dispatch that is owed before the final decision states only the facts of that time: the request alone, or the
    # stages that had passed and their reviews.
    request = case.request
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
            "proven": "requester" in case.proven,
        },
        "proven": [*case.proven],
        **({"requested_by_also": request.requested_by_also} if request.requested_by_also else {}),
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


def has_begun(claims: Mapping[str, Any], now: float) -> bool:
    """Tell whether a receipt was made by now, with five minutes of leeway."""
    return int(claims["iat"]) <= now + LEEWAY


def has_ended(claims: Mapping[str, Any], now: float) -> bool:
    """Tell whether a receipt has expired, with five minutes of leeway."""
    return int(claims["exp"]) <= now - LEEWAY


def open_receipt(receipt: str, keys: Mapping[str, object], *, issuer: str) -> dict[str, Any]:
    """Return the claims of a receipt that this relay signed, for any repository, even if it has expired.

    Raises Refusal not-genuine. Total: any arguments in, claims with integer times or Refusal out.
    """
    unverified = _read(receipt)
    header = unverified.header
    public = _public_key(keys, header.get("kid"))
    if set(header) - {"alg", "kid", "typ"} or header.get("alg") != "EdDSA" or public is None:
        raise _not_genuine("signed by no key of this relay")
    try:
        public.verify(unverified.signature, unverified.signed)
        claims = canonical_json.parse(unverified.payload)
    except InvalidSignature:
        raise _not_genuine("signature") from None
    except ValueError:
        raise _not_genuine("claims") from None
    if not isinstance(claims, dict) or not all(type(claims.get(name)) is int for name in ("iat", "exp")):
        raise _not_genuine("claims")
    if claims.get("iss") != issuer:
        reason = "made by another relay: RELAY_URL must be what the operator set as RELAY_PUBLIC_URL"
        raise _not_genuine("made by another relay", reason)
    return claims


def payload_sha256(client_payload: Json) -> str:
    """Return the digest of the requester's keys alone, as a receipt claims it. Raises as `canonical_json.encode`."""
    return canonical_json.sha256(
        canonical_json.encode({key: each for key, each in client_payload.items() if key != OURS})
    )


def _mint(
    case: Case,
    debt: Debt,
    approval: Mapping[str, Any],
    key: ReceiptKey,
    *,
    issuer: str,
    policy_sha256: str,
    now: float,
) -> str:
    claims = receipt_fields(approval) | {
        "iss": issuer,
        "aud": case.request.repository,
        "jti": case.request.id,
        "iat": int(now),
        "exp": int(now) + LIFETIME,
        "event_type": debt.event_type,
        "payload_sha256": payload_sha256(case.request.client_payload),
        "policy_sha256": policy_sha256,
    }
    return jws.write(canonical_json.encode(claims), algorithm="EdDSA", kid=key.kid, sign=key.private.sign)


def _read(receipt: str) -> jws.Unverified:
    try:
        return jws.read(receipt)
    except ValueError:
        raise _not_genuine("form") from None


def _public_key(keys: Mapping[str, object], kid: object) -> Ed25519PublicKey | None:
    entries = keys.get("keys")
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("kid") != kid or entry.get("crv") != "Ed25519":
            continue
        x = entry.get("x")
        if isinstance(x, str) and _X.fullmatch(x):
            return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x + "="))
    return None


def _x(key: Ed25519PrivateKey) -> str:
    return canonical_json.base64url(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


def _thumbprint(x: str) -> str:
    members = canonical_json.encode({"crv": "Ed25519", "kty": "OKP", "x": x})
    return canonical_json.base64url(hashlib.sha256(members).digest())


def _not_genuine(check: str, reason: str = "") -> Refusal:
    # Where a reason is given the signature holds, so nothing was forged.
    message = f"The receipt was {reason}." if reason else f"The receipt is not genuine: {check}."
    return Refusal("not-genuine", f"receipt: {check}", message=message)
