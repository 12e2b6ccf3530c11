"""Receipts as the relay mints them and a workflow verifies them."""

from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.errors import Refusal
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import Actor, Review
from relay.signed import canonical_json, dispatch_payload, receipt_keys, receipts
from relay.signed.receipt_keys import ReceiptKey
from relay.signed.request import read_form

NOW = 1_790_000_000
DAY = 86_400
ORIGIN = "https://relay.example"
POLICY = "f" * 64
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = receipt_keys.parse_key(receipt_keys.format_key(Ed25519PrivateKey.from_private_bytes(bytes(32))))
KEY = receipt_keys.parse_key(receipt_keys.format_key(PRIVATE))
KEYS: dict[str, Any] = receipt_keys.jwks([KEY])
ADA = Actor("entra:t/ada", "에이다 Lovelace")
REVIEW = Review("approve", ADA, "release", NOW + 60, "배포해도 좋습니다")
DEBT = Debt("deploy-api", NOW + 60, NOW + 60)
Json = dict[str, Any]


def approved(form: Mapping[str, object] | None = None, *reviews: Review) -> Case:
    asked = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포"} if form is None else form
    request = read_form(asked, issued_at=NOW, nonce="n" * 22, lifetime=DAY)
    return Case(request, "oidc", "approved", "release", reviews or (REVIEW,), NOW + 60, (DEBT,), 2, "c2")


def paid(case: Case, key: ReceiptKey = KEY, debt: Debt = DEBT) -> Json:
    return dict(dispatch_payload.dispatch_payload(case, debt, key, issuer=ORIGIN, policy_sha256=POLICY, now=NOW + 61.5))


def receipt() -> str:
    return str(paid(approved())["approval"]["receipt"])


def verified(text: str, now: float = NOW + 70, **changes: Any) -> Json:
    given: Json = {"keys": KEYS, "issuer": ORIGIN, "repository": "octo/api"} | changes
    keys = given.pop("keys")
    return receipts.verify(text, keys, now=now, **given)


def check_failed(attempt: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as raised:
        attempt()
    assert raised.value.code == "not-genuine"
    return raised.value.check.removeprefix("receipt: ")


def minted(claims: object, key: ReceiptKey = KEY, **header: object) -> str:
    body = claims if isinstance(claims, bytes) else canonical_json.encode(claims)
    return jwt.api_jws.encode(body, key.private, algorithm="EdDSA", headers={"kid": key.kid, **header})
