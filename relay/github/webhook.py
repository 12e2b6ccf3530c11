"""Webhooks of GitHub: the signature over the raw bytes, then the headers and the JSON of a delivery.

https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
https://docs.github.com/webhooks/webhook-events-and-payloads
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from relay.errors import Refusal, malformed
from relay.model.delivery import Delivery
from relay.model.values import Json
from relay.signed import canonical_json

MAX_BODY: Final = 25 * 1024 * 1024  # bytes; GitHub sends no larger event
PING: Final = "ping"
_SIGNATURE: Final = re.compile(r"sha256=[0-9a-f]{64}")
_EVENT: Final = re.compile(r"[a-z_]{1,64}")
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_FORM: Final = "application/x-www-form-urlencoded"
_NOT_GENUINE: Final = (
    "The signature is missing or wrong. X-Hub-Signature-256 must be of the body as it is, with a secret of "
    "RELAY_GITHUB_WEBHOOK_SECRET; X-Hub-Signature alone, by SHA-1, proves nothing."
)


class Webhook(NamedTuple):
    """A genuine delivery: its event, GitHub's id of it, its payload, and a digest of event and body."""

    event: str
    id: str
    payload: Json
    digest: str


def prove(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Check that one of the secrets signed the body. Raises Refusal not-genuine. Nothing of the body is read."""
    signature = headers.get("x-hub-signature-256", "")
    if not secrets:
        raise _not_genuine("RELAY_GITHUB_WEBHOOK_SECRET is not set")
    if not _SIGNATURE.fullmatch(signature):
        raise _not_genuine("the signature is missing, or not of the form")
    # All are compared, so that the time tells nothing.
    if not any([hmac.compare_digest(signature, sign(secret, body)) for secret in secrets]):  # noqa: C419 - as above
        raise _not_genuine("the signature is not of one of the secrets")


def sign(secret: str, body: bytes) -> str:
    """Return the signature of a body, as GitHub writes it in X-Hub-Signature-256."""
    return f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"


def read(delivery: Delivery) -> Webhook:
    """Read a proven delivery. Raises Refusal malformed, with the cure."""
    headers, body = delivery.headers, delivery.body
    event, identifier = headers.get("x-github-event", ""), headers.get("x-github-delivery", "")
    if not _EVENT.fullmatch(event):
        raise malformed("X-GitHub-Event", "is missing, or not the name of an event")
    if not _ID.fullmatch(identifier):
        raise malformed("X-GitHub-Delivery", "is missing, or not 1 to 64 letters, digits and hyphens")
    if headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM:
        raise malformed("Content-Type", "is a form: choose application/json in the settings of the webhook at GitHub")
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise malformed("body", "must be JSON in UTF-8") from None
    if not isinstance(payload, dict):
        raise malformed("body", "must be a JSON object")
    return Webhook(event, identifier, payload, canonical_json.sha256(event.encode() + b"\n" + body))


def _not_genuine(check: str) -> Refusal:
    return Refusal("not-genuine", f"github: {check}", message=_NOT_GENUINE)
