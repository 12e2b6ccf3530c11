"""The Bot Framework's keys with their endorsements, and the tokens of Teams' activities.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import time
import uuid
from functools import cached_property
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from relay.dev.simulator.answers import Answer, NotTaken, json_answer
from relay.dev.simulator.entra import LIFETIME, public_key
from relay.dev.simulator.incoming import Call

PATH: Final = "/simulator/bot-framework/"
METADATA: Final = f"{PATH}v1/.well-known/openidconfiguration"
ISSUER: Final = "https://api.botframework.com"
_KEYS: Final = f"{PATH}v1/.well-known/keys"


class BotFramework:
    """Signs for the bot `app_id`; the relay believes it because its settings name the metadata at `origin`."""

    def __init__(self, origin: str, app_id: str) -> None:
        self._origin = origin
        self._app_id = app_id
        self._kid = uuid.uuid4().hex

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def take(self, call: Call) -> Answer:
        """Answer a call for the metadata or the keys. Raises NotTaken for any other."""
        if call.method in {"GET", "HEAD"} and call.path == METADATA:
            return json_answer(200, self._metadata())
        if call.method in {"GET", "HEAD"} and call.path == _KEYS:
            key = {**public_key(self._key, self._kid), "x5t": self._kid, "endorsements": ["msteams"]}
            return json_answer(200, {"keys": [key]})
        raise NotTaken(404, "There is nothing at this address.")

    def token(self, service_url: str) -> str:
        """Return a token for an activity that Teams sends from `service_url`."""
        now = int(time.time())
        claims = {
            "serviceurl": service_url,
            "iss": ISSUER,
            "aud": self._app_id,
            "nbf": now,
            "exp": now + LIFETIME,
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._kid, "x5t": self._kid})

    def _metadata(self) -> dict[str, object]:
        return {
            "issuer": ISSUER,
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": self._origin + _KEYS,
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }
