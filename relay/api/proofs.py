"""The proof of a program that calls: a workflow's OIDC token, or a key of RELAY_API_KEYS, and never both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.api import api_keys
from relay.api.api_keys import Asker
from relay.errors import Refusal
from relay.identity import github_oidc
from relay.identity.bearer_tokens import peek
from relay.identity.github_oidc import WorkflowToken
from relay.identity.key_sets import TIMEOUT
from relay.identity.token_claims import TokenProfile
from relay.journal.calls import note
from relay.model.case import Case
from relay.model.delivery import Delivery
from relay.model.request import ApiKey, Proof

_NEITHER = (
    "No proof: send the workflow's OIDC token as Authorization: Bearer (permissions: id-token: write, audience: the "
    "relay's public origin), or a key of RELAY_API_KEYS as x-relay-key."
)
_NOT_GENUINE = (
    "The OIDC token is not genuine for this relay. Its audience must be the relay's public origin, its issuer one of "
    "RELAY_GITHUB_OIDC_ISSUER, and it lives for some minutes only."
)


class Keys(Protocol):
    """Key sets of token issuers."""

    def keys(self, url: str, kid: str, *, timeout: float) -> Mapping[str, RSAPublicKey]:
        """Return the keys at `url` by key id. Raises Outage if the key server cannot be asked."""


class TokenAsker(NamedTuple):
    """A workflow that proved itself by its token."""

    token: WorkflowToken
    proof: Proof = "oidc"

    @property
    def idempotency_key(self) -> str:
        """Return the key under which a call without a header of its own is one request: the token's id."""
        return self.token.jti

    @property
    def name(self) -> str:
        """Return the asker's name among Idempotency-Keys. A key's name has no colon, so they never meet."""
        return f"github:{self.token.repository_id}"

    def may_see(self, case: Case) -> bool:
        """Tell whether a request is of the token's repository, or was made by it as an asker."""
        origin, token = case.origin, self.token
        if origin is not None and (not origin.asker or origin.repository_id == token.repository_id):
            return origin.repository_id == token.repository_id
        # A key or an asker made it, so no token proved the id of its repository, and the name decides.
        return case.request.repository.lower() == token.repository.lower()


@dataclass(frozen=True, slots=True)
class Proofs:
    """The proofs that the relay takes from programs. `clock` returns Unix seconds."""

    api_keys: Sequence[ApiKey]
    profiles: Sequence[TokenProfile]
    key_sets: Keys
    clock: Callable[[], float]

    def prove(self, delivery: Delivery) -> Asker | TokenAsker:
        """Return the program that calls. Raises Refusal not-genuine, or malformed if there are two proofs."""
        asker = self._prove(delivery)
        note(person=f"{asker.proof}:{asker.name}")
        return asker

    def _prove(self, delivery: Delivery) -> Asker | TokenAsker:
        token = _bearer(delivery)
        given = bool(delivery.headers.get("x-relay-key", ""))
        if token and given:
            raise Refusal(
                "malformed", "two proofs", message="Send either Authorization or x-relay-key, not both: one proof only."
            )
        if token:
            return TokenAsker(self._token(token))
        if not given:
            raise Refusal("not-genuine", "no token and no x-relay-key", message=_NEITHER)
        return api_keys.authenticate(delivery, self.api_keys)

    def _token(self, token: str) -> WorkflowToken:
        try:
            profile, kid = peek(token, self.profiles)
            keys = self.key_sets.keys(profile.jwks_url, kid, timeout=TIMEOUT)
            return github_oidc.verify(token, profile, keys, self.clock())
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.check, message=_NOT_GENUINE) from None


def _bearer(delivery: Delivery) -> str:
    try:
        return github_oidc.bearer(delivery.headers)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.check, message=_NOT_GENUINE) from None
