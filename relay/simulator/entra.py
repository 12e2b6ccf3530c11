"""A tenant's token server: a key of this run, and tokens as the actionable-message service sends them.

https://learn.microsoft.com/outlook/actionable-messages/enable-entra-token-for-actionable-messages
"""

import time
import uuid
from dataclasses import dataclass, field
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from relay.core.canonical import base64url
from relay.simulator.people import Person

LIFETIME: Final = 3_600


@dataclass(frozen=True, slots=True)
class Entra:
    """Signs for any tenant under `authority`; the relay believes it only because its settings name that authority."""

    authority: str
    audience: str
    caller: str
    kid: str = field(default_factory=lambda: uuid.uuid4().hex)
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048), repr=False
    )

    def jwks(self) -> dict[str, object]:
        """Return the public key as a key set (RFC 7517)."""
        public = self.key.public_key().public_numbers()
        n, e = (base64url(each.to_bytes((each.bit_length() + 7) // 8)) for each in (public.n, public.e))
        return {"keys": [{"kty": "RSA", "use": "sig", "kid": self.kid, "n": n, "e": e}]}

    def token(self, person: Person) -> str:
        """Return a v2 token: this person pressed, and Microsoft's client carries it."""
        now = int(time.time())
        claims = {
            "iss": f"{self.authority}/{person.tenant}/v2.0",
            "aud": self.audience,
            "azp": self.caller,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "tid": person.tenant,
            "oid": person.object_id,
            "sub": person.object_id,
            "name": person.name,
            "ver": "2.0",
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.kid})
