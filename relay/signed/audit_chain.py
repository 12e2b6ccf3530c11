"""Audit lines as a chain that proves itself: each line has the digest of the line before, the last line is signed.

Nothing but the public receipt keys is needed to find a line that was changed, dropped, swapped, cut off or added.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from relay.errors import Refusal
from relay.model.values import iso
from relay.signed import canonical_json, jws
from relay.signed.receipt_keys import ReceiptKey
from relay.signed.receipts import open_signed

PREVIOUS: Final = "previous"
_DOTS: Final = 2  # in a compact JWS


def chain(
    lines: Iterable[Mapping[str, Any]], key: ReceiptKey, *, issuer: str, since: float, until: float, now: float
) -> str:
    """Return the lines as text, each as JSON with the digest of the line before, and the signed last line.

    `since` and `until` are the times that were asked for, in Unix seconds.
    """
    previous, written = "", list[str]()
    for line in lines:
        text = json.dumps({PREVIOUS: previous, **line}, ensure_ascii=False, separators=(",", ":"))
        written.append(text)
        previous = _digest(text)
    claims = {
        "last": previous,
        "count": len(written),
        "since": iso(since),
        "until": iso(until),
        "iss": issuer,
        "iat": int(now),
    }
    signed = jws.write(canonical_json.encode(claims), algorithm="EdDSA", kid=key.kid, sign=key.private.sign)
    return "".join(f"{line}\n" for line in [*written, signed])


def verify(text: str, keys: Mapping[str, object], *, issuer: str) -> dict[str, Any]:
    """Return the claims of the last line of a whole chain of this issuer. Raises Refusal not-genuine, with the place.

    Total: any text and keys in, claims or Refusal out.
    """
    *lines, signed = text.removesuffix("\n").split("\n")
    if signed.count(".") != _DOTS or signed.startswith("{"):
        raise _not_genuine("The last line is no signature: the end of the file was cut off, or lines were added.")
    try:
        claims = open_signed(signed, keys, issuer=issuer)
    except Refusal as refusal:
        raise _not_genuine(f"The last line is not signed by this relay: {refusal.check.partition(': ')[2]}.") from None
    previous = ""
    for number, line in enumerate(lines, 1):
        if _previous_of(line) != previous:
            raise _not_genuine(
                f"Line {number} does not follow the line before: a line there was changed, dropped, swapped or added."
            )
        previous = _digest(line)
    if claims.get("count") != len(lines) or claims.get("last") != previous:
        raise _not_genuine(
            f"The file has {len(lines)} lines that end otherwise than the {claims.get('count')} that were signed: the "
            "last ones were changed, cut off or added."
        )
    return claims


def _previous_of(line: str) -> object:
    try:
        found = canonical_json.parse(line)
    except ValueError:
        return None
    return found.get(PREVIOUS) if isinstance(found, dict) else None


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()


def _not_genuine(message: str) -> Refusal:
    return Refusal("not-genuine", "audit", message=message)
