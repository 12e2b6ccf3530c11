"""The presses of Slack, and the answers to them: Slack reads no body, so words go to a response_url.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from relay.approval import wording
from relay.approval.cards import fingerprint
from relay.chats.contract.incoming import MAX_BODY, Budget
from relay.chats.slack.payload import Press, read_press
from relay.chats.slack.person import OTHER_TEAM, STRANGER
from relay.chats.slack.signature import is_ssl_check, prove
from relay.errors import Refusal
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.delivery import Aside, ChatSignal, Delivery, Interaction, Reply, Verified
from relay.model.people import Actor
from relay.model.values import Json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from relay.chats.slack.cards import SlackCards

NOBODY: Final = Actor("", "")
_STATUSES: Final = {"not-genuine": 401, "malformed": 400, "too-large": 413, "busy": 503}
_SILENT: Final = frozenset({"malformed", "too-large"})  # no person has sent what is of no form
_SEEN_ON_THE_CARD: Final = frozenset({"released", "approved-retrying", "approved-refused", "rejected", "counted"})
_ENDED: Final = frozenset({"already-approved", "already-rejected", "superseded", "cancelled", "expired"})
_CONFIRM: Final = "Nothing is recorded yet. This rule asks you to decide on the relay's own page:"


@dataclass(frozen=True, slots=True, repr=False)
class SlackClicks:
    """The chat `slack`: an app that signs with one of `secrets`. Only people of `teams` may act.

    Without a secret nothing is genuine. It has no repr, since it holds secrets.
    """

    secrets: Sequence[str]
    teams: Collection[str]
    api_url: str
    cards: "SlackCards"
    public_url: str
    # All is answered within 2.6 s, the answer's own way included. Slack waits 3 s:
    # https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
    budget: ClassVar[Budget] = Budget(1.5, 2.55, 0.35)
    max_body: ClassVar[int] = MAX_BODY

    def keys_needed(self, delivery: Delivery) -> None:
        """Need no public key: the secret is shared."""

    def verify(self, delivery: Delivery, keys: "Mapping[str, RSAPublicKey]", now: float) -> Verified:  # noqa: ARG002 - a shared secret
        """Prove that Slack sent this, and who pressed. Raises Refusal; nothing is read before the signature."""
        if is_ssl_check(delivery.body):
            return Verified(delivery, NOBODY)
        prove(delivery.headers, delivery.body, self.secrets, now)
        press = read_press(delivery.body)
        return Verified(delivery, press.person(self.teams) if press else NOBODY)

    def read(self, verified: Verified) -> Interaction | ChatSignal:
        """Read a press. Raises Refusal malformed."""
        press = read_press(verified.delivery.body) if verified.actor.id else None
        return press.interaction(verified.actor) if press else ChatSignal(Reply(200, {}, b""))

    def reply(self, answer: Answer, delivery: Delivery) -> Reply:
        """Answer a press: everybody sees the card change, and the words are for what it cannot show.

        The response_url replaces a message that is none of the case's own cards, since an asker posted it. It also
        replaces a card that still has the buttons of an ended request.
        """
        press = read_press(delivery.body)
        if answer.code == "confirm":
            # In a message that an asker drew nothing counts, and the relay shows its own card on its page.
            page = f"{self.public_url}/api/review/{answer.case.request.id}"
            return self._reply(200, answer.code, press, [_words(f"{_CONFIRM} {page}")])
        debt = _pressed_card(answer.case, press) if press else None
        shown = debt is None or _is_shown(debt, answer.case)
        # A card that still has the buttons of an ended request loses them at once; its debt may wait for the timer.
        ended = answer.code in _ENDED and (answer.code == "expired" or not shown)
        asides = [_replacing(self.cards.message(answer))] if debt is None or ended else []
        if answer.code not in _SEEN_ON_THE_CARD or not shown:
            asides.append(_words(answer.sentence))
        return self._reply(200, answer.code, press, asides)

    def refuse(self, code: str, check: str = "", delivery: Delivery | None = None, /) -> Reply:
        """Answer a press that was not taken: the card stays, and a proven person is told why.

        A bad ticket is in the hands of a person who is proven: only their card is not of this relay.
        """
        if code == "not-genuine" and check.startswith("ticket:"):
            return self._reply(200, code, _press_of(delivery), [_words(wording.refusal(code))])
        if code in _SILENT or code == "not-genuine" or delivery is None:
            return unread(code)
        words = _words(OTHER_TEAM if check == STRANGER else wording.refusal(code, check))
        return self._reply(_STATUSES.get(code, 200), code, _press_of(delivery), [words])

    def _reply(self, status: int, code: str, press: Press | None, messages: Sequence[Json]) -> Reply:
        url = press.response_url(self.api_url) if press else ""
        asides = tuple(Aside(url, message) for message in messages) if url else ()
        return Reply(status, {"Relay-Outcome": code}, b"", asides)


def unread(code: str) -> Reply:
    """Answer a delivery that was not read: without a body, and without words."""
    return Reply(_STATUSES.get(code, 200), {"Relay-Outcome": code}, b"")


def _press_of(delivery: Delivery | None) -> Press | None:
    try:
        return read_press(delivery.body) if delivery else None
    except Refusal:
        return None


def _pressed_card(case: Case, press: Press) -> Debt | None:
    """Return the debt of the card that was pressed, None where the message is none of the case's own."""
    pressed = press.message()
    own = (debt for debt in case.debts if debt.card and debt.card.message)
    return next((debt for debt in own if debt.card and (debt.card.place, debt.card.message) == pressed), None)


def _is_shown(debt: Debt, case: Case) -> bool:
    """Tell whether the card shows the case as it is now."""
    return debt.status == "delivered" and debt.card is not None and debt.card.fingerprint == fingerprint(case)


def _words(text: str) -> Json:
    return {"response_type": "ephemeral", "replace_original": False, "text": text}


def _replacing(message: Json) -> Json:
    return {"replace_original": True, **message}
