"""Activities that the Bot Framework sends to the bot, and the answers to them.

https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#adaptivecardaction-invoke-activity
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference#connector-card-for-microsoft-365-groups
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from types import MappingProxyType
from typing import ClassVar, Final, Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from relay.approval import wording
from relay.chats.contract.commands import CommandAnswer, TypedCommand
from relay.chats.contract.incoming import MAX_BODY, Budget
from relay.chats.shared.messages import ADAPTIVE_CARD_TYPE
from relay.chats.teams.activity import (
    INVOKE,
    NO_PERSON,
    NO_TENANT,
    OF_THE_ACTIVITY,
    Activity,
    check,
    read_activity,
)
from relay.chats.teams.card import AGAIN, COMMENT, REFRESH, VERDICTS, TeamsCards
from relay.chats.teams.clouds import ENDORSEMENT, Cloud, cloud_of
from relay.chats.teams.commands import message_of, typed
from relay.chats.teams.limits import ENCODER
from relay.chats.teams.message_card import read_body
from relay.errors import Refusal
from relay.identity.bearer_tokens import bearer, key_of_bearer, prove
from relay.identity.token_claims import TokenProfile, bot_profile
from relay.model.answer import Answer
from relay.model.delivery import Aside, ChatSignal, Delivery, Interaction, Refresh, Reply, Verified
from relay.model.people import MAX_COMMENT, Act
from relay.model.values import Json

_EXECUTE_ACTION: Final = "actionableMessage/executeAction"
_TICKET: Final = re.compile(r"[A-Za-z0-9_.-]{1,8000}")
_ACTS: Final[Mapping[object, Act]] = MappingProxyType({act: act for act in (*VERDICTS, AGAIN)})
_MESSAGE_TYPE: Final = "application/vnd.microsoft.activity.message"
_ERROR_TYPE: Final = "application/vnd.microsoft.error"
_HELP: Final = """\
I post requests for approval, and take Approve, Reject and commands from the people whom the policy of the relay \
names.

To have cards posted in this conversation, the operator adds these lines to policy.toml, with a name of their choice:

```
[channels.NAME]
kind = "teams"
place = "{place}"
```

A workflow then asks with `relay send --channel NAME`."""
_WITH_PURPOSE: Final = frozenset({"help", "not-allowed"})
_UNLISTED: Final[Mapping[str, Literal["tenant", "person"]]] = MappingProxyType(
    {NO_TENANT: "tenant", NO_PERSON: "person"}
)
# Faults of the card itself: Teams says only that something went wrong. All else is a sentence for a person.
_ERRORS: Final = frozenset({"malformed", "too-large"})


@dataclass(frozen=True, slots=True)
class TeamsClicks:
    """The presses of Teams: the bot `app_id`, in the cloud whose OpenID metadata is at `openid_url`.

    Only people of `tenants` (lower-case GUIDs) may act. Without an app id there is no bot, and nothing is genuine.
    """

    app_id: str
    openid_url: str
    tenants: Collection[str]
    cards: TeamsCards
    # Teams waits 10 to 15 s: https://learn.microsoft.com/azure/bot-service/bot-builder-howto-long-operations-guidance
    budget: ClassVar[Budget] = Budget(8.0, 8.0)
    max_body: ClassVar[int] = MAX_BODY

    def keys_needed(self, delivery: Delivery) -> tuple[str, str]:
        """Return the address of the unverified token's keys, and its key id. Raises Refusal not-genuine."""
        return key_of_bearer(delivery.headers, [self._profile()])

    def verify(self, delivery: Delivery, keys: Mapping[str, RSAPublicKey], now: float) -> Verified:
        """Prove Teams as the sender, and the person. Raises Refusal. The token is checked before the body is read."""
        claims = prove(bearer(delivery.headers), self._profile(), keys, now)
        activity = read_activity(delivery.body)
        check(activity, service=claims["serviceurl"], cloud=self._cloud(), tenants=self.tenants)
        return Verified(delivery, activity.actor())

    def read(self, verified: Verified) -> Interaction | Refresh | ChatSignal | TypedCommand:
        """Read a press, a command, or an event of a conversation. Raises Refusal malformed."""
        activity = read_activity(verified.delivery.body)
        match activity.at("type"), activity.at("name"):
            case "invoke", "adaptiveCard/action":
                return _pressed(activity, verified)
            case "invoke", name if name == _EXECUTE_ACTION:
                return read_body(activity.text("value", "body"), verified.actor)
            case "message", _ if verified.actor.id and activity.place() is not None:
                return typed(activity, partial(_in_thread, activity))
            case "message", _:
                return _help(activity)
            case "installationUpdate" | "conversationUpdate", _ if "remove" not in activity.text("action"):
                return ChatSignal(_answered({}), activity.place())
        return ChatSignal(_answered({}))

    def reply(self, answer: Answer, delivery: Delivery) -> Reply:
        """Answer with the card as it is now, for the person who pressed. Others see it when the message is updated.

        For a MessageCard's press Teams takes no card: the person sees the update too.
        """
        if _is_execute_action(delivery):
            return _answered({}, {"Relay-Outcome": answer.code})
        activity = read_activity(delivery.body)
        return _invoked(ADAPTIVE_CARD_TYPE, answer.code, self.cards.answer(answer, activity.text("from", "id")))

    @staticmethod
    def refuse(code: str, check: str = "", delivery: Delivery | None = None, /) -> Reply:
        """Answer a press that was not taken, by the `check` that failed. A sender without proof gets no words.

        A bad ticket is held by a proven person: only their card is not of this relay. For a MessageCard's press Teams
        takes no words, and any status but 200 for a failure of the bot: the words go into the thread.
        """
        # Only Teams itself comes as far as these two checks: the person is told, not shown that the bot is broken.
        unlisted = _UNLISTED.get(check.removeprefix(OF_THE_ACTIVITY)) if code == "not-genuine" else None
        if unlisted and delivery is not None and _is_invoke(delivery):
            reply = _answered({}, {"Relay-Outcome": code})
            return (
                reply if _is_execute_action(delivery) else _invoked(_MESSAGE_TYPE, code, wording.not_listed(unlisted))
            )
        if code == "not-genuine" and not check.startswith("ticket:"):
            return Reply(401, {"Relay-Outcome": code}, b"")
        if delivery is not None and code != "too-large" and _is_execute_action(delivery):
            reply = _answered({}, {"Relay-Outcome": code})
            # Only busy may come before the proof of who pressed; then no word goes to a conversation.
            return reply if code == "busy" else replace(reply, asides=_told(delivery, wording.refusal(code, check)))
        sentence = wording.refusal(code, check)
        if code in _ERRORS:
            return _invoked(_ERROR_TYPE, code, {"code": code, "message": sentence}, status=400)
        return _invoked(_MESSAGE_TYPE, code, sentence)

    def _profile(self) -> TokenProfile:
        if not self.app_id:
            raise Refusal("not-genuine", "no bot is configured (RELAY_TEAMS_APP_ID)")
        keys_url = f"{self.openid_url}#{ENDORSEMENT}"
        return bot_profile(app_id=self.app_id, issuer=self._cloud().issuer, keys_url=keys_url)

    def _cloud(self) -> Cloud:
        return cloud_of(self.openid_url)


def _is_execute_action(delivery: Delivery) -> bool:
    try:
        return read_activity(delivery.body).at("name") == _EXECUTE_ACTION
    except Refusal:
        return False


def _is_invoke(delivery: Delivery) -> bool:
    try:
        return read_activity(delivery.body).at("type") == INVOKE
    except Refusal:
        return False


def _pressed(activity: Activity, verified: Verified) -> Interaction | Refresh:
    """Read a press of Action.Execute, or a card's wish to be drawn anew. Only a person's act decides."""
    ticket, verb = activity.at("value", "action", "data", "ticket"), activity.at("value", "action", "verb")
    if not isinstance(ticket, str) or not _TICKET.fullmatch(ticket):
        raise Refusal("malformed", "data.ticket is missing or not of the form")
    trigger = activity.at("value", "trigger")
    if trigger == "automatic" or verb == REFRESH:
        return Refresh(ticket, verified.actor)
    act = _ACTS.get(verb) if isinstance(verb, str) else None
    if act is None or trigger not in ("manual", None):
        raise Refusal("malformed", "verb or trigger is not one of ours")
    comment = activity.at("value", "action", "data", COMMENT)
    if not isinstance(comment, str | None) or len(comment or "") > MAX_COMMENT:
        raise Refusal("malformed", "data.comment is no text, or too long")
    return Interaction(ticket, act, (comment or "").encode("utf-8", "replace").decode(), verified.actor)


def _help(activity: Activity) -> ChatSignal:
    """Answer a message in its thread with the bot's purpose. Teams shows no HTTP answer to it, so it is an aside."""
    place = activity.place()
    if place is None:
        return ChatSignal(_answered({}))
    message = {"type": "message", "textFormat": "markdown", "text": _HELP.format(place=place.id)}
    return ChatSignal(replace(_answered({}), asides=(Aside(activity.conversation, message),)), place)


def _in_thread(activity: Activity, answer: CommandAnswer) -> Reply:
    """Answer a command in its thread. A help, and the refusal of a person, also tell how cards come there."""
    message = message_of(answer)
    if answer.code in _WITH_PURPOSE:
        place = activity.conversation.partition(";")[0]
        message = {**message, "text": f"{message['text']}\n\n{_HELP.format(place=place)}"}
    reply = _answered({}, {"Relay-Outcome": answer.code})
    return replace(reply, asides=(Aside(activity.conversation, {**message, "textFormat": "markdown"}),))


def _told(delivery: Delivery, sentence: str) -> tuple[Aside, ...]:
    """Return the message that tells a person, by a mention, why their press was not taken."""
    activity = read_activity(delivery.body)
    person = {"id": activity.text("from", "id"), "name": activity.actor().name}
    name = f"<at>{escape(person['name'])}</at>"
    if not activity.conversation:
        return ()
    mention = {"type": "mention", "text": name, "mentioned": person}
    message = {"type": "message", "textFormat": "xml", "text": f"{name} {sentence}", "entities": [mention]}
    return (Aside(activity.conversation, message),)


def _invoked(content_type: str, code: str, value: object, *, status: int = 200) -> Reply:
    """Return an answer to an invoke. Its own status is in the body; HTTP says 200 to all that was read."""
    return _answered({"statusCode": status, "type": content_type, "value": value}, {"Relay-Outcome": code})


def _answered(body: Json, headers: Mapping[str, str] = MappingProxyType({})) -> Reply:
    if not body:
        return Reply(200, headers, b"")
    headers = {"Content-Type": "application/json; charset=utf-8", **headers}
    return Reply(200, headers, ENCODER.encode(body).encode("utf-8", "replace"))
