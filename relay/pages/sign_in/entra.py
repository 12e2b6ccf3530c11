"""Sign-in at Microsoft Entra.

https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.errors import Outage, Refusal
from relay.identity.id_tokens import prove_id_token
from relay.identity.token_claims import id_token_profiles
from relay.model.people import Actor
from relay.net import client as http_client
from relay.pages.addresses import CALLBACK
from relay.pages.sign_in.attempts import Attempt
from relay.pages.sign_in.provider import OK, TIMEOUT, Code, Fault
from relay.pages.sign_in.token_call import ask_json

_SCOPE: Final = "openid profile"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SETUP: Final = ("invalid_client", "unauthorized_client", "invalid_scope")  # the operator's to mend
_SERVER_ERROR: Final = 500
_CODES: Final[Mapping[str, Code]] = {"not-allowed": "foreign", "stale": "sign-in-clock"}


@dataclass(frozen=True, slots=True)
class EntraSignIn:
    """The app registration `client_id` at an authority. Without a secret, `assertion` returns the identity's token."""

    authority: str
    tenants: Collection[str]
    client_id: str
    secret: str = field(repr=False)
    assertion: Callable[[], str]
    public_url: str
    client: Callable[[], http_client.Client]
    keys: Callable[..., Mapping[str, RSAPublicKey]]
    clock: Callable[[], float]
    label: str = "Microsoft"

    def authorize_url(self, attempt: Attempt, *, choose: bool) -> str:
        """Return the address where a person signs in."""
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": self.public_url + CALLBACK,
            "scope": _SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._endpoint('authorize')}?{urlencode(query | ({'prompt': 'select_account'} if choose else {}))}"

    def person(self, attempt: Attempt, code: str, deadline: float) -> Actor:
        """Exchange a code for the proven person. Raises Fault."""
        form = {
            "client_id": self.client_id,
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.public_url + CALLBACK,
            "code_verifier": attempt.verifier,
            "scope": _SCOPE,
        }
        status, answer = ask_json(
            self.client(),
            self._endpoint("token"),
            form=form | self._credential(),
            deadline=deadline,
            clock=self.clock,
        )
        token = answer.get("id_token")
        if status != OK or not isinstance(token, str):
            raise self._refused(status, answer)
        return self._proven(token, attempt, deadline)

    def _proven(self, token: str, attempt: Attempt, deadline: float) -> Actor:
        profiles = id_token_profiles(tenants=self.tenants, authority=self.authority, client_id=self.client_id)

        def keys(url: str, kid: str) -> Mapping[str, RSAPublicKey]:
            return self.keys(url, kid, timeout=max(0.05, min(TIMEOUT, deadline - self.clock())))

        try:
            person = prove_id_token(token, profiles, keys, nonce=attempt.nonce, now=self.clock())
        except Refusal as refusal:
            raise Fault(_CODES.get(refusal.code, "sign-in-refused"), refusal.check) from None
        except Outage as outage:
            raise Fault("sign-in-away", outage.what) from None
        return Actor(f"entra:{person.tenant}/{person.object_id}", person.name or "somebody")

    def _refused(self, status: int, answer: Mapping[str, object]) -> Fault:
        error = answer.get("error")
        numbers = answer.get("error_codes")
        number = f" AADSTS{numbers[0]}" if isinstance(numbers, list) and numbers and type(numbers[0]) is int else ""
        if status >= _SERVER_ERROR or error == "temporarily_unavailable":
            return Fault("sign-in-away", f"the provider answered {status}{number}")
        if error in _SETUP:
            return Fault("sign-in-setup", f"the provider refused the app registration: {error}{number}")
        return Fault("sign-in-refused", f"the provider refused the code ({status}{number})")

    def _credential(self) -> dict[str, str]:
        if self.secret:
            return {"client_secret": self.secret}
        try:
            return {"client_assertion_type": _ASSERTION, "client_assertion": self.assertion()}
        except Outage as outage:
            raise Fault("sign-in-setup", outage.what) from None

    def _endpoint(self, name: str) -> str:
        # A person of one of several tenants chooses theirs at Entra; the token then says which one it was.
        tenant = next(iter(self.tenants)) if len(self.tenants) == 1 else "organizations"
        return f"{self.authority}/{tenant}/oauth2/v2.0/{name}"
