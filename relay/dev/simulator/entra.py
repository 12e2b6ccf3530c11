"""The token server of a tenant: its key, the tokens of the actionable-message service, and tokens of apps.

https://learn.microsoft.com/outlook/actionable-messages/enable-entra-token-for-actionable-messages
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import time
import uuid
from dataclasses import dataclass, field
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from relay.dev.simulator.people import Person
from relay.signed.canonical_json import base64url

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
        return {"keys": [public_key(self.key, self.kid)]}

    def token(self, person: Person) -> str:
        """Return a v2 token for the press of a person, issued to Microsoft's client."""
        return self._of_person(person, aud=self.audience, azp=self.caller)

    def id_token(self, person: Person, client_id: str, nonce: str) -> str:
        """Return the ID token of a person who signed in, for one app registration."""
        return self._of_person(person, aud=client_id, nonce=nonce)

    def app_token(self, tenant: str, app_id: str, audience: str) -> str:
        """Return a v1 token of an app itself, for an API."""
        now = int(time.time())
        claims = {
            "iss": f"{self.authority}/{tenant}/",
            "aud": audience,
            "appid": app_id,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "idtyp": "app",
            "tid": tenant,
            "ver": "1.0",
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.kid})

    def is_app(self, token: str, app_id: str, audience: str) -> bool:
        """Tell whether a token belongs to this app, for this API, and is still valid."""
        try:
            claims = jwt.decode(token, self.key.public_key(), algorithms=["RS256"], audience=audience)
        except jwt.InvalidTokenError:
            return False
        return claims.get("appid") == app_id

    def _of_person(self, person: Person, **claims: str) -> str:
        now = int(time.time())
        common = {
            "iss": f"{self.authority}/{person.tenant}/v2.0",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
            "tid": person.tenant,
            "oid": person.object_id,
            "sub": person.object_id,
            "name": person.name,
            "ver": "2.0",
        }
        return jwt.encode(common | claims, self.key, algorithm="RS256", headers={"kid": self.kid})


def public_key(key: rsa.RSAPrivateKey, kid: str) -> dict[str, object]:
    """Return the public half of a key as an entry of a key set (RFC 7517)."""
    public = key.public_key().public_numbers()
    n, e = (base64url(each.to_bytes((each.bit_length() + 7) // 8)) for each in (public.n, public.e))
    return {"kty": "RSA", "use": "sig", "kid": kid, "n": n, "e": e}
