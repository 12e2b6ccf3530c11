"""Slack's signature: an HMAC over the time and the raw bytes of the body.

https://docs.slack.dev/authentication/verifying-requests-from-slack/
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Final

from relay.errors import Refusal

MAX_AGE: Final = 300  # seconds between Slack's clock and the relay's, either way
_TIMESTAMP: Final = re.compile(r"[1-9][0-9]{0,11}")
_SIGNATURE: Final = re.compile(r"v0=[0-9a-f]{64}")
_SSL_CHECK_SIZE: Final = 1_000


def prove(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: float) -> None:
    """Check that one of the app's signing secrets signed the body. Raises Refusal not-genuine.

    Header names are in lower case. Nothing of the body is read.
    """
    if not secrets:
        raise _not_genuine("no app is configured (RELAY_SLACK_SIGNING_SECRET)")
    timestamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    # Python's int() takes blanks, signs, underscores and the digits of all scripts; Slack writes none of them.
    if not _TIMESTAMP.fullmatch(timestamp):
        raise _not_genuine("the timestamp is missing, or no plain number")
    if not _SIGNATURE.fullmatch(signature):
        raise _not_genuine("the signature is missing, or not of the form")
    if abs(now - int(timestamp)) > MAX_AGE:
        raise _not_genuine("the timestamp is too far from the relay's clock")
    if not any([hmac.compare_digest(signature, sign(secret, timestamp, body)) for secret in secrets]):  # noqa: C419 - all are compared: the time says nothing
        raise _not_genuine("the signature is not of one of the secrets")


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a body, as Slack writes it in its header."""
    signed = b"v0:%s:%s" % (timestamp.encode(), body)
    return f"v0={hmac.digest(secret.encode(), signed, 'sha256').hex()}"


def is_ssl_check(body: bytes) -> bool:
    """Tell whether Slack only tries the certificate; whether it signs that is not stated anywhere.

    https://docs.slack.dev/interactivity/implementing-slash-commands/
    """
    return len(body) <= _SSL_CHECK_SIZE and b"ssl_check=1" in body.split(b"&")


def _not_genuine(check: str) -> Refusal:
    return Refusal("not-genuine", f"slack: {check}")
