"""What the review page hands out and takes back: bound to a person, a request and what that person saw of it.

The hidden token of its form lets nobody decide by another site's form, with somebody else's page, or on what has
changed since it was drawn. The word on what a press came to is carried by a cookie, which nobody else can write.
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
from relay.model import Case
from relay.signed import canonical_json
from relay.signed.tickets import TicketKey

PRESS_LIFETIME: Final = 8 * 3_600  # seconds; a page may stand open for a working day
OUTCOME_LIFETIME: Final = 600
_FORM: Final = re.compile(r"([a-z0-9-]{1,40})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")

Purpose = Literal["press", "outcome"]


@dataclass(frozen=True, slots=True)
class FormToken:
    """Whom and what a token is for: the relay's keys, of which the first signs, the person's id and the request's."""

    keys: Sequence[TicketKey]
    person: str
    request_id: str

    def sign_press(self, fingerprint: str, now: float) -> str:
        """Return the token of a form that showed the case as `seen`."""
        return self._sign("press", fingerprint, int(now) + PRESS_LIFETIME)

    def read_press(self, token: str, now: float) -> str:
        """Return what the form had shown. Raises Refusal not-genuine, whatever the text is."""
        found = self._verify("press", token, now)
        if found is None:
            raise Refusal("not-genuine", "the form's token is not genuine, not this person's, or too old")
        return found

    def sign_outcome(self, code: str, now: float) -> str:
        """Return the cookie's value that says what a press came to."""
        return self._sign("outcome", code, int(now) + OUTCOME_LIFETIME)

    def read_outcome(self, value: str, now: float) -> str:
        """Return the code that a cookie's value carries, empty if it is none of ours, or no longer."""
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
    """Return a word for what a person saw of a case that waits in `stage`: it changes when somebody has decided.

    It is not the case's version, which also changes when a debt is paid or a card is posted.
    """
    return canonical_json.digest([case.request.id, case.status, stage, len(case.reviews)])


def _page_key(key: TicketKey) -> bytes:
    """Return the key of the page: derived, so that what it signs is never a ticket and no ticket is its own."""
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"approval-relay review page")
    return hkdf.derive(key.secret)
