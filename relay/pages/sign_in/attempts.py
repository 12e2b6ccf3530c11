"""Attempts to sign in, each kept by its browser in a cookie of its own for ten minutes.

https://www.rfc-editor.org/rfc/rfc9700#name-protecting-redirect-based-f
https://www.rfc-editor.org/rfc/rfc7636
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from relay.pages.cookies import Scope, read
from relay.pages.sealing import seal, unseal
from relay.signed import canonical_json
from relay.signed.tickets import TicketKey

LIFETIME: Final = 600  # seconds
MOST: Final = 6  # attempts that one browser keeps, such as in six tabs
PATH: Final = "/api/sign-in"
_NAME: Final = "relay-sign-in-"
_STATE: Final = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: `state` finds it again, `verifier` proves that its code is ours, and `to` is the way back."""

    state: str
    provider: str
    verifier: str
    nonce: str
    to: str

    @property
    def challenge(self) -> str:
        """Return the PKCE challenge, S256."""
        return canonical_json.base64url(hashlib.sha256(self.verifier.encode()).digest())


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempts of a browser at one public address."""

    keys: Sequence[TicketKey]
    public_url: str

    def keep(self, attempt: Attempt, headers: Mapping[str, str], now: float) -> tuple[str, ...]:
        """Return the Set-Cookie values that keep an attempt, and drop the oldest beyond `MOST`."""
        fields = {
            "provider": attempt.provider,
            "verifier": attempt.verifier,
            "nonce": attempt.nonce,
            "to": attempt.to,
            "exp": int(now) + LIFETIME,
        }
        # a browser sends the oldest first: https://www.rfc-editor.org/rfc/rfc6265#section-5.4
        prefix = self._scope.name(_NAME)
        states = [name.removeprefix(prefix) for name in read(headers) if name.startswith(prefix)]
        held = [state for state in states if _STATE.fullmatch(state)]  # another name may be no text of a header
        spare = held[: max(0, len(held) + 1 - MOST)]
        kept = self._cookie(attempt.state, seal(self.keys, self._purpose(attempt.state), fields), LIFETIME)
        return (*map(self.drop, spare), kept)

    def find(self, state: str, headers: Mapping[str, str], now: float) -> Attempt | None:
        """Return the attempt of a state, or None if this browser has none that is genuine and still lasts."""
        if not _STATE.fullmatch(state):
            return None
        value = read(headers).get(self._scope.name(_NAME + state), "")
        fields = unseal(self.keys, self._purpose(state), value) if value else None
        if fields is None or now >= fields["exp"]:
            return None
        return Attempt(state, fields["provider"], fields["verifier"], fields["nonce"], fields["to"])

    def drop(self, state: str) -> str:
        """Return the Set-Cookie value that ends an attempt."""
        return self._cookie(state, "", 0)

    @property
    def _scope(self) -> Scope:
        return Scope.of(self.public_url, PATH)

    def _purpose(self, state: str) -> str:
        return f"sign-in {state} at {self.public_url}"

    def _cookie(self, state: str, value: str, seconds: int) -> str:
        return self._scope.cookie(_NAME + state, value, seconds)
