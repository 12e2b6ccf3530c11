"""A press on a MessageCard's HttpPOST button, or on an Adaptive Card's `Action.Http`, and the answer to it.

The card in the answer has the format of the pressed card, which the button's header `Relay-Card` names. It has its
`originator`, from `Relay-Originator`. Nothing else depends on these two: a value that is not well formed is ignored.

https://learn.microsoft.com/outlook/actionable-messages/message-card-reference#httppost-action
https://learn.microsoft.com/outlook/actionable-messages/adaptive-card#actionhttp
https://learn.microsoft.com/outlook/actionable-messages/security-requirements
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import ClassVar, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.approval import wording
from relay.chats.contract.incoming import MAX_BODY, Budget
from relay.chats.shared.comments import typed
from relay.chats.shared.message_card import ORIGINATOR, redraw
from relay.chats.shared.message_card_limits import MAX_SIZE
from relay.chats.shared.released import shortened
from relay.errors import Refusal
from relay.identity.bearer_tokens import key_of_bearer, verify_bearer
from relay.identity.token_claims import TokenProfile
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.delivery import Delivery, Interaction, Refresh, Reply, Verified
from relay.model.people import MAX_COMMENT, Act, Actor
from relay.signed import canonical_json

# A compact JWS; two headers of one name arrive joined by a comma.
_TICKET: Final = re.compile(r"(?=.{1,8000}$)[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_PREFIX: Final = '{"comment": "'
_SUFFIX: Final = '"}'
_ACTS: Final = MappingProxyType[str, Act]({"approve": "approve", "reject": "reject", "again": "again"})
_STATUS: Final = MappingProxyType(
    {
        "too-large": 413,
        "not-genuine": 401,
        "malformed": 400,
        "unknown-request": 404,
        "no-rule": 403,
        "not-allowed": 403,
        "own-request": 403,
        "comment-required": 400,
        "busy": 503,
    }
)


@dataclass(frozen=True, slots=True)
class MessageCardClicks:
    """The presses of actionable messages: `profiles` are the accepted tokens, the cards' buttons press at `target`.

    `redraws` draw a card anew in the form that its buttons name; any other is a MessageCard.
    """

    profiles: Sequence[TokenProfile]
    target: str
    redraws: Mapping[str, Callable[..., dict[str, object]]]
    # Outlook was seen to give up at some 5 s; nothing is documented below 15.
    budget: ClassVar[Budget] = Budget(4.0, 4.0)
    max_body: ClassVar[int] = MAX_BODY

    def keys_needed(self, delivery: Delivery) -> tuple[str, str]:
        """Return the key server's address and the key id of the unverified token. Raises Refusal not-genuine."""
        return key_of_bearer(delivery.headers, self.profiles)

    def verify(self, delivery: Delivery, keys: Mapping[str, RSAPublicKey], now: float) -> Verified:
        """Prove the person. Raises Refusal not-genuine."""
        claims = verify_bearer(delivery.headers, self.profiles, keys, now)
        return Verified(delivery, Actor(f"entra:{claims.tenant}/{claims.object_id}", claims.name or "somebody"))

    def read(self, verified: Verified) -> Interaction | Refresh:
        """Read ticket, verdict and comment, or the wish to see the case, as an opened mail has it.

        Raises Refusal malformed.
        """
        headers = verified.delivery.headers
        ticket, verdict = headers.get("relay-ticket", ""), headers.get("relay-verdict", "")
        if not _TICKET.fullmatch(ticket):
            raise Refusal("malformed", "header Relay-Ticket is missing or not of the form")
        if not verdict and headers.get("relay-look") == "true":
            return Refresh(ticket, verified.actor)
        act = _ACTS.get(verdict)
        if act is None:
            raise Refusal("malformed", "header Relay-Verdict is missing or not approve, reject or again")
        return Interaction(ticket, act, _comment(verified), verified.actor)

    def reply(self, answer: Answer, delivery: Delivery) -> Reply:
        """Answer 200 with the outcome in the headers, and the card as it is now in the pressed card's format."""
        smaller = [(case, answer) for case in shortened(answer.case)]
        smaller.append((smaller[-1][0], replace(answer, comment="")))
        for case, less in smaller:
            body = _ENCODER.encode(self._card(case, less, delivery.headers)).encode()
            if len(body) <= MAX_SIZE:
                break
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Relay-Outcome": answer.code,
            "CARD-ACTION-STATUS": answer.sentence,
            "CARD-UPDATE-IN-BODY": "true",
        }
        return Reply(200, headers, body)

    @staticmethod
    def refuse(code: str, check: str = "", _delivery: Delivery | None = None, /) -> Reply:
        """Answer a press that was not taken. The chat shows the sentence and keeps the card."""
        sentence = wording.refusal(code, check)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Relay-Outcome": code,
            "CARD-ACTION-STATUS": sentence,
        }
        return Reply(_STATUS[code], headers, json.dumps({"error": code, "message": sentence}).encode())

    def _card(self, case: Case, answer: Answer, headers: Mapping[str, str]) -> dict[str, object]:
        again: Callable[..., dict[str, object]] = self.redraws.get(headers.get("relay-card", ""), redraw)
        named = headers.get("relay-originator", "")
        return again(
            case,
            status=answer.status,
            needs=answer.needs,
            target=self.target,
            ticket=answer.ticket,
            originator=named if ORIGINATOR.fullmatch(named) else "",
            typed=answer.comment if answer.code == "confirm" else None,
            words=answer.words,
            again=answer.again,
        )


def _comment(verified: Verified) -> str:
    """Return the person's comment.

    The platform puts the typed words into the card's JSON as they are, so a quote or a line break spoils the JSON. Then
    the comment is all between the known prefix and suffix. Crafting other members into it only shortens the comment.
    """
    body = verified.delivery.body
    if not body.strip():
        return ""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("malformed", "the body is not UTF-8") from None
    comment = _parsed(text)
    if comment is None:
        if len(text) < len(_PREFIX + _SUFFIX) or not (text.startswith(_PREFIX) and text.endswith(_SUFFIX)):
            raise Refusal("malformed", "the body is not a comment")
        comment = text.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    if len(comment) > MAX_COMMENT:
        raise Refusal("malformed", "the comment is too long")
    return typed(comment.encode("utf-8", "replace").decode())


def _parsed(text: str) -> str | None:
    try:
        value = canonical_json.parse(text)
    except ValueError:
        return None
    if not isinstance(value, dict) or "comment" not in value:
        return None
    comment = value["comment"]
    return comment if isinstance(comment, str) else "" if comment is None else None
