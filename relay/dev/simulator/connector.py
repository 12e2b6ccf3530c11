"""The connector of Teams: a bot posts and edits activities here, and reads the members, with the checks of Teams.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from relay.approval.policy import ChatChannel
from relay.dev.simulator.activities import user_id
from relay.dev.simulator.answers import Answer, json_answer, read_json
from relay.dev.simulator.app_tokens import AppTokens
from relay.dev.simulator.cards import ADAPTIVE, MESSAGECARD, message_card_fault, request_of, title_of
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.people import Person
from relay.dev.simulator.posted_cards import Board, Card, Posted

PATH: Final = "/simulator/teams/"
MAX_MESSAGE: Final = 100 * 1024  # bytes
MAX_USERS: Final = 60  # of refresh.userIds
_OF_A_TEXT: Final = "1.0"  # the version of the card that shows a text; the relay draws none of it
_ADDRESS: Final = re.compile(r"v3/conversations/([^/]+)/(activities|members|pagedmembers)(?:/([^/]{1,200}))?")
_NOT_A_MEMBER: Final = "The user is not part of the conversation roster."


class Connector:
    """Takes the posts of the bot in the conversations of `channels`. `people` are members of all."""

    def __init__(
        self, tokens: AppTokens, board: Board, channels: Mapping[str, ChatChannel], people: Sequence[Person]
    ) -> None:
        self._tokens = tokens
        self._board = board
        self._channels = {each.place: each for each in channels.values()}
        self._members = [_member(each) for each in people]
        self._heard: dict[str, list[str]] = {}
        self._lock = Lock()
        self._last = int(time.time() * 1000)

    @contextmanager
    def hearing(self, thread: str) -> Iterator[list[str]]:
        """Yield the texts that the bot writes in a thread meanwhile. The page shows them beside the question."""
        heard = self._heard[thread] = []
        try:
            yield heard
        finally:
            del self._heard[thread]

    def take(self, call: Call) -> Answer:
        """Answer a call of the bot, as Teams would."""
        found = _ADDRESS.fullmatch(call.path.removeprefix(PATH))
        if not self._tokens.believes(call.headers.get("authorization", "")):
            return json_answer(401, {"message": "Authorization has been denied for this request."})
        channel = self._channels.get(found[1].partition(";")[0]) if found else None
        if found is None or channel is None:
            return _refused(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
        match call.method, found[2], found[3]:
            case "GET", "pagedmembers", None:
                answer = json_answer(200, {"members": self._members})
            case "GET", "members", str(name):
                answer = self._look_up(name)
            case ("POST", "activities", None) | ("PUT", "activities", str()):
                answer = self._take_message(call, channel, found[1], found[3])
            case _:
                answer = _refused(404, "ServiceError", "No such method.")
        return answer

    def _look_up(self, name: str) -> Answer:
        found = next((each for each in self._members if name in {each["id"], each["objectId"]}), None)
        return json_answer(200, found) if found else _refused(404, "MemberNotFoundInConversation", _NOT_A_MEMBER)

    def _take_message(self, call: Call, channel: ChatChannel, place: str, message: str | None) -> Answer:
        body = call.body(MAX_MESSAGE)
        if len(body) > MAX_MESSAGE:
            return _refused(413, "MessageSizeTooBig", "Message size too large.")
        card, trouble = _card(body)
        if trouble:
            return _refused(400, "BadSyntax", trouble)
        heard = self._heard.get(place)
        if heard is not None and card.get("version") == _OF_A_TEXT:
            heard.append(card["body"][0]["text"])
            return json_answer(201, {"id": self._next()})
        return self._edit(message, card) if message else self._post(channel, card, thread=";messageid=" in place)

    def _post(self, channel: ChatChannel, card: Card, *, thread: bool) -> Answer:
        message = self._next()
        where = f"Teams, {channel.name}" + (", in a thread" if thread else "")
        request_id = request_of(card, ())
        posted = Posted("channel", "bot", where, card, title_of(card), request_id, message)
        posted.conversation = channel.place
        self._board.post(posted)
        return json_answer(201, {"id": message})

    def _next(self) -> str:
        with self._lock:
            self._last = max(self._last + 1, int(time.time() * 1000))
            return str(self._last)

    def _edit(self, message: str, card: Card) -> Answer:
        """Change a message."""
        if not message.isdecimal() or int(message) > self._last:
            return _refused(404, "ActivityNotFoundInConversation", "The activity is not in this conversation.")
        self._board.edit(message, card)  # of an earlier run too: in Teams it still exists, only this page has lost it
        return json_answer(200, {"id": message})


def _member(person: Person) -> dict[str, str]:
    address = f"{person.key}@octo.example"
    names = {"name": person.name, "userPrincipalName": address, "email": address}
    return {"id": user_id(person), "objectId": person.object_id, **names, "tenantId": person.tenant, "userRole": "user"}


def _card(body: bytes) -> tuple[Card, str]:
    """Return the card of a message, or its fault. A text becomes a card that shows it."""
    try:
        message = read_json(body)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        return {}, "The body is no JSON object."
    if message.get("type") != "message":
        return {}, "The activity's type is not message."
    attachments = message.get("attachments", [])
    if not attachments and message.get("text"):
        text = {"type": "TextBlock", "text": str(message["text"]), "wrap": True}
        return {"type": "AdaptiveCard", "version": _OF_A_TEXT, "body": [text]}, ""
    if not isinstance(attachments, list) or len(attachments) != 1 or not isinstance(attachments[0], dict):
        return {}, "The message has neither a text nor one attachment."
    content = attachments[0].get("content")
    if not isinstance(content, dict):
        return {}, "The attachment has no content."
    return content, _trouble(attachments[0].get("contentType"), content)


def _trouble(content_type: object, content: Mapping[str, Any]) -> str:
    if content_type == MESSAGECARD:
        return message_card_fault(content)
    if content_type != ADAPTIVE:
        return "The attachment is of a type that Teams does not know."
    if content.get("type") != "AdaptiveCard" or not isinstance(content.get("version"), str):
        return "The content is no AdaptiveCard with a version."
    refresh = content.get("refresh")
    users = refresh.get("userIds", []) if isinstance(refresh, dict) else []
    if not isinstance(users, list) or len(users) > MAX_USERS:
        return f"refresh.userIds must be a list of at most {MAX_USERS}."
    return ""


def _refused(status: int, code: str, message: str) -> Answer:
    return json_answer(status, {"error": {"code": code, "message": message}})
