"""A release as the relay dispatches it, with its receipt: what `relay verify` is to prove."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.people import Actor, Review
from relay.signed import dispatch_payload, receipt_keys
from relay.signed.receipt_keys import ReceiptKey
from relay.signed.released_event import Expected
from relay.signed.request import read_form
from relay.signed.workflow_inputs import workflow_inputs
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
KEY = receipt_keys.parse_key(receipt_keys.format_key(Ed25519PrivateKey.from_private_bytes(b"k" * 32)))
OTHER = receipt_keys.parse_key(receipt_keys.format_key(Ed25519PrivateKey.from_private_bytes(b"o" * 32)))
KEYS = receipt_keys.jwks([KEY])
PATH = ".github/workflows/release.yml"
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


STARTED = replace(CASE, debts=(replace(CASE.debts[0], workflow="release.yml"),))


def started(case: Case = STARTED, *, supersede: bool = False) -> dict[str, Any]:
    """Return the event of a workflow that the relay has started. One of its inputs has a default of the workflow's."""
    debt = case.debts[0]
    inputs = workflow_inputs(case, debt, KEY, issuer=RELAY, policy_sha256="0" * 64, now=NOW, supersede=supersede)
    return {"inputs": {**inputs, "dry-run": "false"}, "ref": "refs/heads/main", "workflow": PATH}


def event(
    key: ReceiptKey = KEY, case: Case = CASE, issuer: str = RELAY, now: float = NOW, *, supersede: bool | None = None
) -> dict[str, Any]:
    debt = case.debts[0]
    payload = dispatch_payload.dispatch_payload(
        case, debt, key, issuer=issuer, policy_sha256="0" * 64, now=now, supersede=supersede
    )
    made: dict[str, Any] = json.loads(json.dumps({"action": "deploy-api", "client_payload": payload}))
    return made


def env_of_run(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a run that a dispatch started, with its event."""
    write_event(tmp_path)
    return {
        "RELAY_URL": RELAY,
        "GITHUB_REPOSITORY": "octo/api",
        "GITHUB_EVENT_PATH": f"{tmp_path}/event.json",
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": f"{tmp_path}/output",
        "GITHUB_STEP_SUMMARY": f"{tmp_path}/summary",
    }


def write_event(tmp_path: Path, **changes: Any) -> None:
    (tmp_path / "event.json").write_text(json.dumps(event(**changes)), "utf-8")
