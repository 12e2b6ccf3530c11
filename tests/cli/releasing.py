"""A release as the relay dispatches it, with its receipt: what `relay verify` is to prove."""

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.model import Actor, Case, Debt, Review
from relay.signed import receipts
from relay.signed.receipts import ReceiptKey
from relay.signed.released_event import Expected
from relay.signed.request import read_form
from tests.cli.running import RELAY
from tests.support.entra_tokens import NOW

FORM = {
    "repository": "octo/api",
    "event_type": "deploy-api",
    "title": "배포",
    "environment": "production",
    "ref": "refs/heads/main",
    "sha": "0123456789abcdef0123456789abcdef01234567",
    "requested_by": "octocat",
    "requested_by_id": 583231,
    "client_payload": {"이름": "값", "n": [1, True, None]},
}
REQUEST = read_form(FORM, issued_at=NOW, nonce="n" * 22, lifetime=86_400)
REVIEWS = (
    Review("approve", Actor("entra:t/ada", "Ada"), "qa", NOW, "좋아요"),
    Review("approve", Actor("github:2", "Grace"), "release", NOW),
)
CASE = Case(REQUEST, "key", "approved", "release", REVIEWS, NOW, (Debt("deploy-api", NOW, NOW),))
KEY = receipts.parse_key(receipts.format_key(Ed25519PrivateKey.from_private_bytes(b"k" * 32)))
OTHER = receipts.parse_key(receipts.format_key(Ed25519PrivateKey.from_private_bytes(b"o" * 32)))
KEYS = receipts.jwks([KEY])
EXPECTED = Expected(RELAY, "octo/api", "approved")
OUTPUTS = {
    "id": REQUEST.id,
    "decision": "approved",
    "environment": "production",
    "ref": "refs/heads/main",
    "sha": "0123456789abcdef0123456789abcdef01234567",
    "requested-by": "octocat",
    "reviewers": "entra:t/ada,github:2",
    "approved-by": "Ada, Grace",
    "comment": "좋아요",
    "payload": '{"n":[1,true,null],"이름":"값"}',
}


def event(
    key: ReceiptKey = KEY, case: Case = CASE, issuer: str = RELAY, now: float = NOW, *, supersede: bool | None = None
) -> dict[str, Any]:
    debt = case.debts[0]
    payload = receipts.dispatch_payload(
        case, debt, key, issuer=issuer, policy_sha256="0" * 64, now=now, supersede=supersede
    )
    made: dict[str, Any] = json.loads(json.dumps({"action": "deploy-api", "client_payload": payload}))
    return made
