"""ID tokens: the proof that a person has just signed in at Microsoft Entra, for this relay and this attempt.

https://learn.microsoft.com/entra/identity-platform/id-tokens
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.errors import Refusal
from relay.identity.bearer_tokens import SignedClaims, peek, prove, verify
from relay.identity.token_claims import TokenProfile

_TIMES: Final = frozenset(f"token: claim {name} is not as required" for name in ("exp", "nbf", "iat"))
_ISSUER: Final = "token: issuer unknown"


def prove_id_token(
    token: str,
    profiles: Sequence[TokenProfile],
    keys: Callable[[str, str], Mapping[str, RSAPublicKey]],
    *,
    nonce: str,
    now: float,
) -> SignedClaims:
    """Return the person of an ID token. `keys` fetches the keys at an address, of which one has the given id.

    Raises Refusal: not-allowed for a tenant that is not listed, stale if the clocks differ, else not-genuine.
    """
    try:
        profile, kid = peek(token, profiles)
        known = keys(profile.jwks_url, kid)
        claims = prove(token, profile, known, now)
    except Refusal as refusal:
        if refusal.check == _ISSUER:
            # the token comes from the token endpoint of our own authority, so this is another tenant of it
            raise Refusal("not-allowed", refusal.check) from None
        if refusal.check in _TIMES:
            raise Refusal("stale", refusal.check) from None
        raise
    if not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise Refusal("not-genuine", "token: claim nonce is of another attempt")
    return verify(token, profile, known, now)
