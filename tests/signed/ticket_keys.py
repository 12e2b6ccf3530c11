"""Tickets as the relay signs and opens them, and tickets that an owner of its key could sign."""

import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from relay.errors import Refusal
from relay.model.request import ApprovalRequest
from relay.signed import canonical_json, tickets
from relay.signed.request import read_form
from relay.signed.tickets import Ticket, TicketKey
from tests.support import entra_tokens

NOW = 1_790_000_000
DAY = 86_400
ORIGIN = "https://relay.example"
MASTER = TicketKey("k1", bytes(range(32)))
DERIVED = tickets.derive(MASTER, "octo/api")
FORM: dict[str, object] = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포"}
GENUINE_HEADER: dict[str, object] = {"alg": "HS256", "kid": "k1", "typ": "JWT"}
Json = dict[str, Any]


def ask(form: Json | None = None, lifetime: int = DAY) -> ApprovalRequest:
    return read_form(FORM if form is None else form, issued_at=NOW, nonce="n" * 22, lifetime=lifetime)


def signed(key: TicketKey = MASTER) -> str:
    return tickets.sign(ask(), key, ORIGIN, self_contained=True)


def opened(text: str, now: float = NOW, born_at: float = NOW - DAY) -> Ticket:
    return tickets.open_ticket(text, [MASTER], ORIGIN, now=now, born_at=born_at)


def claims(**changes: object) -> Json:
    """Return the claims of a genuine ticket; a change to None leaves that claim out."""
    _, payload, _ = signed().split(".")
    return {
        name: each
        for name, each in (json.loads(canonical_json.from_base64url(payload)) | changes).items()
        if each is not None
    }


def forged(payload: object, header: object = None, key: TicketKey = MASTER) -> str:
    """Return a ticket that an owner of the key could sign."""
    ours = GENUINE_HEADER | {"kid": key.kid}
    return entra_tokens.sign_hs256(ours if header is None else header, payload, key.secret)


def packed(wire: object) -> str:
    text = wire if isinstance(wire, bytes) else json.dumps(wire).encode()
    return canonical_json.base64url(zlib.compress(text, 9, wbits=-15))


def refusal(attempt: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as raised:
        attempt()
    assert raised.value.code == "not-genuine"
    return raised.value.check
