"""The presses of the tests' chat: a JSON body, and its HMAC in a header."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.approval import wording
from relay.chats.contract.incoming import Budget
from relay.errors import Refusal
from relay.model.answer import Answer
from relay.model.delivery import Aside, ChatSignal, Delivery, Interaction, Reply, Verified
from relay.model.people import Actor
from relay.signed import canonical_json


@dataclass(frozen=True, slots=True)
class PigeonClicks:
    """The presses of pigeons that know the `secret`; without one nothing is genuine."""

    secret: str
    budget: ClassVar[Budget] = Budget(1.5, 2.6)
    max_body: ClassVar[int] = 10_000

    def keys_needed(self, delivery: Delivery) -> None:
        """Need no public key: the secret is shared."""

    def verify(self, delivery: Delivery, keys: Mapping[str, RSAPublicKey], now: float) -> Verified:  # noqa: ARG002 - a shared secret
        """Prove the sender of a body. Raises Refusal not-genuine."""
        given = delivery.headers.get("pigeon-signature", "").encode("utf-8", "replace")
        if not self.secret or not hmac.compare_digest(given, signature(self.secret, delivery.body).encode()):
            raise Refusal("not-genuine", "signature")
        body = _members(delivery.body)
        return Verified(delivery, Actor(body.get("person", ""), body.get("name", "")))

    def read(self, verified: Verified) -> Interaction | ChatSignal:
        """Read a press, or a greeting. Raises Refusal malformed."""
        body = _members(verified.delivery.body)
        if "greeting" in body:
            return ChatSignal(Reply(200, {}, b"", (Aside(body.get("loft", ""), {"type": "note", "text": "Coo"}),)))
        verdict = body.get("verdict")
        if verdict not in ("approve", "reject"):
            raise Refusal("malformed", "verdict")
        ticket, comment = body.get("ticket", ""), body.get("comment", "")
        return Interaction(ticket, "approve" if verdict == "approve" else "reject", comment, verified.actor)

    def reply(self, answer: Answer, _delivery: Delivery) -> Reply:
        """Answer with the sentence."""
        return Reply(200, {"Relay-Outcome": answer.code}, answer.sentence.encode())

    @staticmethod
    def refuse(code: str, _check: str = "", _delivery: Delivery | None = None, /) -> Reply:
        """Answer with the sentence of a refusal."""
        return Reply(400, {"Relay-Outcome": code}, wording.refusal(code).encode())


def signature(secret: str, body: bytes) -> str:
    """Return the HMAC of a body."""
    return hmac.digest(secret.encode(), body, hashlib.sha256).hex()


def signed(secret: str, **members: str) -> Delivery:
    """Return a delivery as the chat makes it."""
    body = json.dumps(members).encode()
    return Delivery("pigeon", {"pigeon-signature": signature(secret, body)}, body, 0.0)


def _members(body: bytes) -> dict[str, str]:
    try:
        members = canonical_json.parse(body)
    except ValueError:
        raise Refusal("malformed", "no JSON") from None
    if not isinstance(members, dict) or not all(isinstance(value, str) for value in members.values()):
        raise Refusal("malformed", "not an object of texts")
    return members
