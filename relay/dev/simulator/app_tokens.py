"""The token endpoint of Entra for the relay's bot: the client credentials grant.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import hmac
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qs

from relay.dev.simulator.answers import Answer, json_answer
from relay.dev.simulator.entra import LIFETIME, Entra
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.relay_settings import Bot

API: Final = "https://api.botframework.com"
_PATH: Final = re.compile(r".*/([^/]+)/oauth2/v2\.0/token")
_MAX_BODY: Final = 64 * 1024
_FORM: Final = "application/x-www-form-urlencoded"


class AppTokens:
    """Issues tokens to one app, and recognizes them. `redeem` answers for the codes of people who sign in."""

    def __init__(self, entra: Entra, bot: Bot, redeem: Callable[[Mapping[str, str]], Answer]) -> None:
        self._entra = entra
        self._bot = bot
        self._redeem = redeem

    def grant(self, call: Call) -> Answer | None:
        """Answer a call for a token. Return None if the address is another one."""
        found = _PATH.fullmatch(call.path)
        return self._judge(call, found[1]) if found and call.method == "POST" else None

    def believes(self, authorization: str) -> bool:
        """Tell whether a header holds a bearer token that was issued here."""
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() == "bearer" and self._entra.is_app(token, self._bot.app_id, API)

    def _judge(self, call: Call, tenant: str) -> Answer:
        form = {name: values[-1] for name, values in parse_qs(call.body(_MAX_BODY).decode("latin-1")).items()}
        if form.get("grant_type") == "authorization_code":
            return self._redeem(form)
        return self._grant(call, tenant, form)

    def _grant(self, call: Call, tenant: str, form: Mapping[str, str]) -> Answer:
        if not call.headers.get("content-type", "").startswith(_FORM):
            return _refused(400, "invalid_request", 900144, "The request body must be a form.")
        if form.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", 70003, "The grant type is not client_credentials.")
        if form.get("client_id", "").lower() != self._bot.app_id.lower() or tenant != self._bot.tenant:
            return _refused(400, "unauthorized_client", 700016, f"The app is not in the directory {tenant}.")
        if not hmac.compare_digest(form.get("client_secret", "").encode(), self._bot.password.encode()):
            return _refused(401, "invalid_client", 7000215, "Invalid client secret provided.")
        if form.get("scope") != f"{API}/.default":
            return _refused(400, "invalid_scope", 70011, f"The scope is not {API}/.default.")
        token = self._entra.app_token(tenant, self._bot.app_id, API)
        granted = {"token_type": "Bearer", "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": token}
        return json_answer(200, granted)


def _refused(status: int, error: str, number: int, text: str) -> Answer:
    body = {"error": error, "error_description": f"AADSTS{number}: {text}", "error_codes": [number]}
    return json_answer(status, body)
