"""Signed values of the review page, bound to a person and a request.

The hidden token of a form proves that this person pressed on this page, and that the request has not changed since. It
stops forms of other sites, pages of other people, and decisions on an outdated view. A cookie with the outcome of a
press is signed in the same way.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from relay.errors import Refusal
from relay.model.case import Case
from relay.signed import canonical_json
from relay.signed.tickets import TicketKey

PRESS_LIFETIME: Final = 8 * 3_600  # seconds; a page may stay open for a working day
OUTCOME_LIFETIME: Final = 600
_FORM: Final = re.compile(r"([a-z0-9-]{1,40})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")

Purpose = Literal["press", "outcome"]


@dataclass(frozen=True, slots=True)
class FormToken:
    """The signer for one person and one request. The first of the relay's keys signs, and all verify."""

    keys: Sequence[TicketKey]
    person: str
    request_id: str

    def sign_press(self, fingerprint: str, now: float) -> str:
        """Return the token of a form that showed the case with this fingerprint."""
        return self._sign("press", fingerprint, int(now) + PRESS_LIFETIME)

    def read_press(self, token: str, now: float) -> str:
        """Return the fingerprint that the form had shown. Raises Refusal not-genuine."""
        found = self._verify("press", token, now)
        if found is None:
            raise Refusal("not-genuine", "the form's token is not genuine, not this person's, or too old")
        return found

    def sign_outcome(self, code: str, now: float) -> str:
        """Return the cookie value with the outcome code of a press."""
        return self._sign("outcome", code, int(now) + OUTCOME_LIFETIME)

    def read_outcome(self, value: str, now: float) -> str:
        """Return the outcome code of a cookie value, or an empty text if it is not genuine or too old."""
        return self._verify("outcome", value, now) or ""

    def _sign(self, purpose: Purpose, carried: str, until: int) -> str:
        return f"{carried}.{until}.{self._mac(self.keys[0], purpose, carried, until)}"

    def _verify(self, purpose: Purpose, text: str, now: float) -> str | None:
        form = _FORM.fullmatch(text)
        if form is None:
            return None
        carried, until, mac = form[1], int(form[2]), form[3]
        genuine = any(hmac.compare_digest(self._mac(key, purpose, carried, until), mac) for key in self.keys)
        return carried if genuine and now < until else None

    def _mac(self, key: TicketKey, purpose: Purpose, carried: str, until: int) -> str:
        bound = canonical_json.encode([purpose, self.person, self.request_id, carried, until])
        return canonical_json.base64url(hmac.digest(_page_key(key), bound, hashlib.sha256))


def fingerprint(case: Case, stage: str) -> str:
    """Return a digest of a case as a person sees it. It changes with each decision."""
    # not the version of the case, which also changes when a debt is paid or a card is posted
    return canonical_json.digest([case.request.id, case.status, stage, len(case.reviews)])


def _page_key(key: TicketKey) -> bytes:
    """Return the key of the page, derived from a ticket key."""
    # derived, so that a ticket never passes for a token of the page, nor a token for a ticket
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"approval-relay review page")
    return hkdf.derive(key.secret)
