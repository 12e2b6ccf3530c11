"""Sealed texts: fields in a cookie, readable by its holder and signed by the relay, for one purpose each."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from relay.signed import canonical_json
from relay.signed.tickets import TicketKey

MAX_LENGTH: Final = 4_096  # characters; a browser keeps no longer cookie


def seal(keys: Sequence[TicketKey], purpose: str, fields: Mapping[str, object]) -> str:
    """Return the fields as a cookie value, signed with the first key."""
    text = canonical_json.base64url(canonical_json.encode(dict(fields)))
    return f"{text}.{canonical_json.base64url(_mac(keys[0], purpose, text))}"


def unseal(keys: Sequence[TicketKey], purpose: str, value: str) -> Mapping[str, Any] | None:
    """Return the fields of a cookie value, or None if no key has signed it for this purpose."""
    text, _, mac = value.partition(".")
    if len(value) > MAX_LENGTH or not value.isascii():
        return None
    given = mac.encode()
    if not any(hmac.compare_digest(canonical_json.base64url(_mac(key, purpose, text)).encode(), given) for key in keys):
        return None
    fields = canonical_json.parse(canonical_json.from_base64url(text))
    return fields if isinstance(fields, dict) else None


def _mac(key: TicketKey, purpose: str, text: str) -> bytes:
    # derived for each purpose, so that no ticket, form or cookie of another kind ever passes for this one
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"approval-relay {purpose}".encode())
    return hmac.digest(hkdf.derive(key.secret), text.encode(), hashlib.sha256)
