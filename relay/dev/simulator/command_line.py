"""The command line of the page: a person types in a channel of Slack or Teams, and reads what only they would read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from relay.approval.policy import ChatChannel
from relay.dev.simulator.answers import Answer, NotTaken, json_answer
from relay.dev.simulator.people import Person

MAX_TYPED: Final = 4_000  # characters
NO_WORDS: Final = "The relay gave no words. Its log says why."


@dataclass(frozen=True, slots=True)
class Typed:
    """The answer to a command: words in the markup of its chat, and what the relay says of the outcome."""

    words: str
    answer: httpx.Response


Say = Callable[[ChatChannel, Person, str], Typed]


class CommandLine:
    """Types in the `channels` of the policy that are conversations; `chats` by their kind take the words."""

    def __init__(self, channels: Mapping[str, ChatChannel], chats: Mapping[str, Say]) -> None:
        self._channels = {each.name: each for each in channels.values() if each.place and each.kind in chats}
        self._chats = chats

    def rooms(self) -> list[dict[str, str]]:
        """Return the conversations for the page."""
        return [{"key": name, "app": each.kind} for name, each in self._channels.items()]

    def say(self, asked: Mapping[str, Any], person: Person) -> Answer:
        """Type a text in a conversation. Raises NotTaken for an unknown one, or for a text that is none."""
        channel, text = self._channels.get(str(asked.get("room"))), asked.get("text")
        if channel is None:
            raise NotTaken(400, "no such conversation", "room")
        if not isinstance(text, str) or len(text) > MAX_TYPED:
            raise NotTaken(400, f"text must be a string of at most {MAX_TYPED:,} characters", "text")
        typed = self._chats[channel.kind](channel, person, text)
        outcome, status = typed.answer.headers.get("Relay-Outcome", ""), typed.answer.status_code
        return json_answer(200, {"words": typed.words or NO_WORDS, "outcome": outcome, "status": status})
