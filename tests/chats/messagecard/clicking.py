"""Presses of an actionable message as they arrive, and how the channel of the tests reads and answers them."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from relay.chats.messagecard.clicks import MessageCardClicks
from relay.chats.table import redraws
from relay.errors import Refusal
from relay.identity.token_claims import entra_profiles
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.delivery import Delivery, Interaction, Verified
from relay.model.people import Actor
from relay.signed.request import read_form
from tests.support.entra_tokens import AUDIENCE, AUTHORITY, CALLER, KID, NOW, OBJECT, PUBLIC, TENANT, V1_ISSUER

TARGET = "https://relay.example/api/interactions/messagecard"
ENTRA = entra_profiles(
    tenants=[TENANT], authority=AUTHORITY, v1_issuer=V1_ISSUER, audiences=[AUDIENCE], callers=[CALLER]
)
CHANNEL = MessageCardClicks(ENTRA, TARGET, redraws())
ADA = Actor(f"entra:{TENANT}/{OBJECT}", "Ada Lovelace")
KEYS = {KID: PUBLIC}
PRESSED = {"relay-ticket": "a.b.c", "relay-verdict": "approve"}
ORIGINATOR = "4f1c9d2a-7b54-46f8-891A-2B3C4D5E6F70"
ADAPTIVE = {"relay-card": "adaptive", "relay-originator": ORIGINATOR}
CASE = Case(
    read_form(
        {"repository": "octo/api", "event_type": "deploy", "title": "배포"}, issued_at=NOW, nonce="n" * 22, lifetime=60
    ),
    "key",
    version=2,
)


def delivery(headers: Mapping[str, str], body: bytes = b"") -> Delivery:
    return Delivery("messagecard", headers, body, NOW + 0.5)


def read(body: bytes = b"", headers: Mapping[str, str] = PRESSED) -> Interaction:
    wanted = CHANNEL.read(Verified(delivery(headers, body), ADA))
    assert isinstance(wanted, Interaction)
    return wanted


def replied(answer: Answer, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the card that answers a press with these headers."""
    reply = CHANNEL.reply(answer, delivery({**PRESSED, **headers}))
    assert (200, "true") == (reply.status, reply.headers["CARD-UPDATE-IN-BODY"])
    assert "application/json; charset=utf-8" == reply.headers["Content-Type"]
    card: dict[str, Any] = json.loads(reply.body)
    return card


def refusal(body: bytes = b"", headers: Mapping[str, str] = PRESSED) -> str:
    with pytest.raises(Refusal) as raised:
        read(body, headers)
    assert raised.value.code == "malformed"
    return raised.value.check
