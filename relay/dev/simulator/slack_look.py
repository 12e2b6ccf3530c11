"""Slack, as people use it: channels and direct messages, presses that are signed, and words for one person alone."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from relay.approval.policy import ChatChannel
from relay.dev.simulator.answers import Answer, NotTaken
from relay.dev.simulator.cards import action_at, request_of_ticket
from relay.dev.simulator.command_line import Typed
from relay.dev.simulator.incoming import Call
from relay.dev.simulator.people import TEAM, Person
from relay.dev.simulator.posted_cards import Board, Card, Posted
from relay.dev.simulator.relay_api import RelayApi, read_object
from relay.dev.simulator.relay_settings import Relay
from relay.dev.simulator.slack import FakeSlack
from relay.dev.simulator.slack_workspace import Ephemeral, Message

PATH: Final = "/simulator/slack/"
_MAX_BODY: Final = 1024 * 1024
_WARNING: Final = "Slack shows a warning sign beside the button, and no words."
_GOOD: Final = ("Approved.", "Counted.", "Rejected.")


class SlackLook:
    """A workspace with the channels of the policy and its people. Its messages are on the `board`."""

    def __init__(self, origin: str, relay: Relay, people: Sequence[Person], board: Board, api: RelayApi) -> None:
        self._board = board
        self._relay = api
        self._people = {each.slack_user: each for each in people}
        self._told: set[tuple[str, str]] = set()
        self._slack = FakeSlack(
            f"{origin}{PATH.rstrip('/')}",
            time.time,
            token=relay.slack.token,
            secret=relay.slack.secret,
            on_message=self._show,
            on_words=self._tell,
            team=next((each.slack_team for each in people), TEAM),
        )
        for channel in relay.policy.channels.values():
            if channel.kind == "slack" and channel.place:
                self._slack.add_channel(channel.place, channel.name)
        for person in people:
            self._slack.add_person(person.slack_user, person.name)

    def take(self, call: Call) -> Answer:
        """Answer a call of the relay, as Slack would. Raises NotTaken for anything but a POST."""
        if call.method != "POST":
            raise NotTaken(404, "There is nothing at this address.")
        answer = self._slack.take(call.path.removeprefix(PATH), call.headers, call.body(_MAX_BODY))
        return Answer(answer.status, answer.headers, answer.body or b"")

    def press(self, posted: Posted, path: object, person: Person, inputs: Mapping[str, str]) -> None:
        """Press the button at `path` of a message. Raises NotTaken if it cannot be pressed."""
        button = action_at(posted.card, path)
        message = self._message(posted.message)
        if button.get("type") != "button" or message is None:
            raise NotTaken(400, "no such button")
        pressed = self._slack.press(
            person.slack_user,
            message,
            str(button.get("action_id")),
            team=person.slack_team,
            name=person.name,
            comment=inputs.get("comment") or None,
        )
        self._told.discard((posted.id, person.key))
        answer = self._relay.slack(pressed.headers, pressed.body)
        if (posted.id, person.key) in self._told:
            return
        line = {
            "text": "" if answer.is_success else _WARNING,
            "good": answer.is_success,
            "by": person.name,
            "status": answer.status_code,
            "outcome": answer.headers.get("Relay-Outcome", ""),
        }
        self._board.answer(posted, person.key, None, line)

    def say(self, channel: ChatChannel, person: Person, text: str) -> Typed:
        """Type a slash command in a channel; only the person reads the answer."""
        typed = self._slack.command(person.slack_user, channel.place, text, team=person.slack_team, name=person.name)
        answer = self._relay.slash_command(typed.headers, typed.body)
        return Typed(str(read_object(answer).get("text", "")), answer)

    def _show(self, message: Message) -> None:
        """Show a message, or its change, which in Slack bears no mark."""
        card: Card = {"text": message.text, "blocks": message.blocks}
        key = _key(message)
        if any(each.message == key for each in self._board.all()):
            self._board.edit(key, card)
            return
        channel = self._slack.channels[message.channel]
        person = self._people.get(channel.person)
        where = f"Slack, direct message to {channel.name}" if channel.person else f"Slack, #{channel.name}"
        above = f"{message.channel}/{message.thread}"
        parent = next((each for each in self._board.all() if each.message == above), None)
        if parent is not None:
            where += f", in the thread of {parent.title}"
        posted = Posted("channel", "slack", where, card, _title(card), _request(card), key, message.channel)
        posted.only = person.key if person else ""
        posted.thread = parent.id if parent else ""
        self._board.post(posted)

    def _tell(self, words: Ephemeral, message: Message) -> None:
        """Show words to the one person that they are for."""
        person = self._people.get(words.person)
        posted = next((each for each in self._board.all() if each.message == _key(message)), None)
        if person is None or posted is None:
            return
        self._told.add((posted.id, person.key))
        line = {"text": words.text, "good": words.text.startswith(_GOOD), "alone": True}
        self._board.answer(posted, person.key, None, line)

    def _message(self, key: str) -> Message | None:
        return next((each for each in self._slack.messages if _key(each) == key), None)


def _key(message: Message) -> str:
    return f"{message.channel}/{message.ts}"


def _title(card: Card) -> str:
    headers = [block["text"]["text"] for block in card["blocks"] if block.get("type") == "header"]
    return str(headers[0]) if headers else str(card["text"])


def _request(card: Card) -> str:
    """Return the id of the request that the buttons of a message name, or an empty text."""
    buttons: list[Mapping[str, Any]] = [each for block in card["blocks"] for each in block.get("elements", ())]
    return next((found for each in buttons if (found := request_of_ticket(str(each.get("value", ""))))), "")
