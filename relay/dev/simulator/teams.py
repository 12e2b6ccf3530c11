"""Teams, as people use it: presses on cards that the bot posted, and cards that refresh by themselves.

Each is an activity that Teams sends to the bot, with a token of the Bot Framework. The card of the answer is for the
person who pressed. Everyone else sees another card only if the bot changes its message.
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
"""

import json
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final, Literal

import httpx

from relay.approval.policy import ChatChannel
from relay.dev.simulator import activities
from relay.dev.simulator.answers import NotTaken
from relay.dev.simulator.bot_framework import BotFramework
from relay.dev.simulator.cards import ADAPTIVE, action_at, fill, kind
from relay.dev.simulator.command_line import Typed
from relay.dev.simulator.connector import Connector
from relay.dev.simulator.people import Person
from relay.dev.simulator.posted_cards import Board, Card, Posted
from relay.dev.simulator.relay_api import RelayApi, read_object

MESSAGE: Final = "application/vnd.microsoft.activity.message"
UNREACHED: Final = "Unable to reach app. Please try again."
WRONG: Final = "Something went wrong. Please try again."
NOT_SENT: Final = "Could not complete the requested action. Please try again later."
Trigger = Literal["manual", "automatic"]


class Teams:
    """One team, with the bot `app_id` in each of its `channels`. `service` is the address of Teams itself."""

    def __init__(
        self,
        board: Board,
        relay: RelayApi,
        bot: BotFramework,
        *,
        service: str,
        app_id: str,
        channels: Mapping[str, ChatChannel],
        connector: Connector,
    ) -> None:
        self._board = board
        self._relay = relay
        self._bot = bot
        self._service = service
        self._app_id = app_id
        self._channels = channels
        self._connector = connector
        self._lock = Lock()
        self._installed = not channels

    def install(self, by: Person) -> None:
        """Add the bot to the team, once. Teams announces each channel, and so the bot learns its conversations."""
        with self._lock:
            if self._installed:
                return
            answers = [
                self._send(activities.installed(each, service=self._service, app_id=self._app_id, by=by))
                for each in self._channels.values()
            ]
            self._installed = all(answer.is_success for answer in answers)

    def press(
        self, posted: Posted, path: object, person: Person, inputs: Mapping[str, str], *, everyone: bool = False
    ) -> None:
        """Press the action at `path` of the card that a person sees. Raises NotTaken if it cannot be pressed."""
        action = action_at(posted.shown_to(person.key, everyone=everyone), path)
        match kind(action):
            case "Action.Execute":
                self._invoke(posted, person, activities.pressed(action, inputs, "manual"))
            case "HttpPOST":
                self._execute(posted, person, activities.executed(action, fill(action.get("body", ""), inputs)))
            case _:
                raise NotTaken(400, "no such action")

    def say(self, channel: ChatChannel, person: Person, text: str) -> Typed:
        """Write to the bot in a thread of a channel, and return the words that it answers there."""
        thread = str(int(time.time() * 1000))
        made = activities.said(channel, text, service=self._service, app_id=self._app_id, by=person, thread=thread)
        with self._connector.hearing(made["conversation"]["id"]) as heard:
            answer = self._send(made)
        return Typed("\n\n".join(heard), answer)

    def refresh(self, posted: Posted, person: Person, trigger: Trigger) -> None:
        """Refresh a card: automatically for named people without a view of it yet, or by hand for all others."""
        refresh = posted.card.get("refresh")
        action = refresh.get("action") if isinstance(refresh, dict) else None
        if not isinstance(action, dict) or not isinstance(refresh, dict):
            return
        users = refresh.get("userIds")  # without them it is for everyone in a conversation of at most 60
        named = not users or activities.user_id(person) in users
        if trigger == "automatic" and (not named or person.key in posted.views):
            return
        edition = posted.edition
        answer = self._send({**self._started(posted, person), **activities.pressed(action, {}, trigger)})
        card, line = _read(answer)
        if trigger == "manual" and card is None:
            self._answer(posted, person, card, line, answer)
        else:
            self._board.refresh(posted, person.key, card, edition)

    def _invoke(self, posted: Posted, person: Person, asked: Mapping[str, Any]) -> None:
        answer = self._send({**self._started(posted, person), **asked})
        self._answer(posted, person, *_read(answer), answer)

    def _execute(self, posted: Posted, person: Person, asked: Mapping[str, Any]) -> None:
        """Press on a MessageCard. Teams shows nothing of the answer, and an error only if it failed."""
        answer = self._send({**self._started(posted, person), **asked})
        line = {"text": "" if answer.is_success else NOT_SENT, "good": answer.is_success, "status": answer.status_code}
        self._answer(posted, person, None, line, answer)

    def _answer(
        self, posted: Posted, person: Person, card: Card | None, line: Mapping[str, object], answer: httpx.Response
    ) -> None:
        shown = {**line, "by": person.name, "outcome": answer.headers.get("Relay-Outcome", "")}
        self._board.answer(posted, person.key, card, shown)

    def _started(self, posted: Posted, person: Person) -> dict[str, Any]:
        channel = next(each for each in self._channels.values() if posted.conversation == each.place)
        return activities.execute(
            channel, service=self._service, app_id=self._app_id, by=person, message=posted.message
        )

    def _send(self, activity: Mapping[str, Any]) -> httpx.Response:
        return self._relay.activity(self._bot.token(self._service), json.dumps(activity))


def _read(answer: httpx.Response) -> tuple[Card | None, dict[str, object]]:
    """Return the card of an answer, or None without one, and the line that Teams shows below."""
    body = read_object(answer)
    status = body.get("statusCode", answer.status_code)
    value = body.get("value")
    line: dict[str, object] = {"text": "", "good": True, "status": status}
    if not answer.is_success:
        return None, {**line, "text": UNREACHED, "good": False, "status": answer.status_code}
    if status == httpx.codes.OK and body.get("type") == ADAPTIVE and isinstance(value, dict):
        return value, line
    if status == httpx.codes.OK and body.get("type") == MESSAGE and isinstance(value, str):
        return None, {**line, "text": value, "good": False}
    reason = value.get("message") if isinstance(value, dict) else None
    return None, {
        **line,
        "text": WRONG,
        "good": False,
        "why": str(reason or "The bot's answer is none that Teams knows."),
    }
