"""Commands from Teams: messages to an outgoing webhook, and the answers that Teams shows below them.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from relay.chats.adaptive.elements import PART, address, plain
from relay.chats.contract.commands import CommandAnswer, TypedCommand
from relay.chats.contract.incoming import MAX_BODY, Budget
from relay.chats.teams.activity import Activity, read_activity
from relay.chats.teams.clouds import ENDORSEMENT
from relay.chats.teams.html import words_of
from relay.chats.teams.limits import ENCODER
from relay.errors import Refusal
from relay.model.delivery import Delivery, Reply
from relay.model.values import Json

MAX_AGE: Final = 300  # seconds between the time of a message and the relay's clock, either way
_HMAC: Final = re.compile(r"HMAC ([A-Za-z0-9+/]{43}=)")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,7})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_STATUSES: Final = {"not-genuine": 401, "malformed": 400, "too-large": 413}


@dataclass(frozen=True, slots=True, repr=False)
class TeamsCommands:
    """The messages to outgoing webhooks that sign with one of `keys`. Only people of `tenants` may ask.

    Such a webhook asks and never approves. Without a key nothing is genuine. It has no repr, since it holds secrets.
    """

    keys: Sequence[bytes]
    tenants: Collection[str]
    # Teams waits 5 s for the answer of an outgoing webhook, and says nothing of a retry.
    budget: ClassVar[Budget] = Budget(2.0, 3.2)
    max_body: ClassVar[int] = MAX_BODY

    def read(self, delivery: Delivery, now: float) -> TypedCommand | Reply:
        """Prove and read a message. Raises Refusal; nothing is read before the signature."""
        self._prove(delivery)
        activity = read_activity(delivery.body)
        if activity.at("channelId") != ENDORSEMENT:
            raise _not_genuine("channelId is not msteams")
        if activity.tenant() not in self.tenants:
            raise _not_genuine("the tenant is not of RELAY_ENTRA_TENANTS, or two are named")
        if not is_recent(activity.text("timestamp"), now):
            raise _not_genuine("the timestamp is missing or too far from the relay's clock")
        if activity.at("type") != "message":
            raise Refusal("malformed", "teams: it is no message")
        if not activity.actor().id:
            raise Refusal("malformed", "teams: from.aadObjectId is not a GUID")
        return typed(activity, _reply, approves=False)

    def refuse(self, code: str, check: str = "") -> Reply:
        """Answer a delivery that was not read, without words."""
        del check
        return Reply(_STATUSES[code], {"Relay-Outcome": code}, b"")

    def _prove(self, delivery: Delivery) -> None:
        found = _HMAC.fullmatch(delivery.headers.get("authorization", ""))
        if not found:
            raise _not_genuine("the header Authorization is missing or not of the form")
        signed = (b64encode(hmac.digest(key, delivery.body, "sha256")).decode() for key in self.keys)
        if not any([hmac.compare_digest(found[1], each) for each in signed]):  # noqa: C419 - all are compared: the time says nothing
            raise _not_genuine("the signature is not of one of the keys")


def typed(activity: Activity, reply: Callable[[CommandAnswer], Reply], *, approves: bool = True) -> TypedCommand:
    """Return the command of a message by a proven person."""
    place, actor = activity.place(), activity.actor()
    where = replace(place, id=activity.conversation) if place else None  # with its thread
    text = words_of(activity.text("text"))
    # Teams gives every message an id; without one, only the same words at the same time are the same message.
    message = activity.text("id") or f"{activity.text('timestamp')} {text}"
    delivery = f"{ENDORSEMENT} {activity.conversation} {message} {actor.id}"
    return TypedCommand(text, actor, where, delivery, reply, approves)


def message_of(answer: CommandAnswer) -> Json:
    """Return an answer as a message in Markdown, each line a paragraph."""
    # A card expands {{DATE(...)}}, a message does not: the placeholders of formats stay as they are typed.
    lines = [plain(line).replace(f"{{{PART}{{", "{{") for line in answer.lines]
    if answer.url:
        lines.append(f"[Review page]({address(answer.url)})")
    return {"type": "message", "text": "\n\n".join(lines)}


def is_recent(timestamp: str, now: float) -> bool:
    """Tell whether a time of an activity is at most five minutes from the relay's clock."""
    if not _TIME.fullmatch(timestamp):
        return False
    try:
        at = datetime.fromisoformat(timestamp).timestamp()
    except (ValueError, OverflowError):
        return False
    return abs(now - at) <= MAX_AGE


def _reply(answer: CommandAnswer) -> Reply:
    headers: Mapping[str, str] = {"Content-Type": "application/json; charset=utf-8", "Relay-Outcome": answer.code}
    return Reply(200, headers, ENCODER.encode(message_of(answer)).encode("utf-8", "replace"))


def _not_genuine(check: str) -> Refusal:
    return Refusal("not-genuine", f"teams: {check}")
