"""Keys of receipts: Ed25519 keys as settings and key sets have them."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from relay.signed import canonical_json

_X: Final = re.compile(r"[A-Za-z0-9_-]{43}")
# The DER of each half before its 32 bytes: https://www.rfc-editor.org/rfc/rfc8410#section-10
# It has this one form. A library that reads every form of every key takes 6 ms to import, and a cold press waits.
_PRIVATE: Final = bytes.fromhex("302e020100300506032b657004220420")
_PUBLIC: Final = bytes.fromhex("302a300506032b6570032100")
_SIZE: Final = 32
_NO_KEY: Final = "must be base64 of an Ed25519 key's PKCS#8 DER; `relay keys new` makes one"


class ReceiptKey(NamedTuple):
    """An Ed25519 key; `kid` is the RFC 7638 thumbprint of its public half."""

    kid: str
    private: Ed25519PrivateKey


class RetiredKey(NamedTuple):
    """The public half of a key that signs no more, and that proves what it has signed."""

    kid: str
    public: Ed25519PublicKey


def parse_key(text: str) -> ReceiptKey:
    """Read a private key as base64 of its PKCS#8 DER. Raises ValueError with the cure, without quoting it."""
    key = parse_any_key(text)
    if not isinstance(key, ReceiptKey):
        raise ValueError(_NO_KEY)
    return key


def parse_any_key(text: str) -> ReceiptKey | RetiredKey:
    """Read a private key, or the public half of a retired one as base64 of its DER. Raises as `parse_key`."""
    try:
        der = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        raise ValueError(_NO_KEY) from None
    head, half = der[:-_SIZE], der[-_SIZE:]
    if head == _PRIVATE:
        private = Ed25519PrivateKey.from_private_bytes(half)
        return ReceiptKey(_thumbprint(private.public_key()), private)
    if head == _PUBLIC:
        public = Ed25519PublicKey.from_public_bytes(half)
        return RetiredKey(_thumbprint(public), public)
    raise ValueError(_NO_KEY)


def format_key(private: Ed25519PrivateKey) -> str:
    """Return the key as `parse_key` reads it."""
    return base64.b64encode(_PRIVATE + private.private_bytes_raw()).decode()


def jwks(keys: Sequence[ReceiptKey | RetiredKey]) -> dict[str, object]:
    """Return the public halves as a JSON Web Key Set (RFC 7517, RFC 8037)."""
    public = [
        {"kty": "OKP", "crv": "Ed25519", "x": _x(_public(key)), "kid": key.kid, "alg": "EdDSA", "use": "sig"}
        for key in keys
    ]
    return {"keys": public}


def public_key(keys: Mapping[str, object], kid: object) -> Ed25519PublicKey | None:
    """Return the public key of a JWKS with this kid, or None if there is none that can verify."""
    entries = keys.get("keys")
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("kid") != kid or entry.get("crv") != "Ed25519":
            continue
        x = entry.get("x")
        if isinstance(x, str) and _X.fullmatch(x):
            return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x + "="))
    return None


def sound_keys(keys: Mapping[str, object]) -> tuple[list[str], int]:
    """Return the kids of the public keys that can verify, and the number of other entries."""
    entries = keys.get("keys")
    listed = entries if isinstance(entries, list) else []
    kids = [str(each.get("kid")) if isinstance(each, dict) else "" for each in listed]
    sound = [kid for kid in kids if (key := public_key(keys, kid)) and _thumbprint(key) == kid]
    return sound, len(kids) - len(sound)


def _public(key: ReceiptKey | RetiredKey) -> Ed25519PublicKey:
    return key.public if isinstance(key, RetiredKey) else key.private.public_key()


def _x(key: Ed25519PublicKey) -> str:
    return canonical_json.base64url(key.public_bytes_raw())


def _thumbprint(key: Ed25519PublicKey) -> str:
    members = canonical_json.encode({"crv": "Ed25519", "kty": "OKP", "x": _x(key)})
    return canonical_json.base64url(hashlib.sha256(members).digest())
